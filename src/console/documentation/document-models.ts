import { AsyncAPIDocumentV2, AsyncAPIDocumentV3 } from "@asyncapi/parser/esm/models/index.js";

/**
 * Stands in for `@asyncapi/parser` where the documentation's renderer asks for it (`vite.config.ts`): its models of a document
 * alone. The parser itself writes code while it runs, which the page's policy does not let it.
 */
export { SchemaV2 } from "@asyncapi/parser/esm/models/index.js";
export { fromURL, Parser } from "./left-out.ts";

export const isAsyncAPIDocument = (value: unknown): boolean =>
  value instanceof AsyncAPIDocumentV2 || value instanceof AsyncAPIDocumentV3;

// The renderer is given such a document, and nothing else that it could make one of.
export const isOldAsyncAPIDocument = (): boolean => false;
export const isStringifiedDocument = (): boolean => false;
export const toAsyncAPIDocument = (): undefined => undefined;
export const unstringify = (): undefined => undefined;

/** The model of a document whose references have been resolved. */
export function makeDocument(resolved: Record<string, unknown>): AsyncAPIDocumentV2 | AsyncAPIDocumentV3 {
  const version = String(resolved.asyncapi);
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  const Model = major === 2 ? AsyncAPIDocumentV2 : AsyncAPIDocumentV3;
  const asyncapi = { source: undefined, input: "", parsed: resolved, semver: { version, major, minor, patch } };
  return new Model(resolved as never, { asyncapi: asyncapi as never, pointer: "/" } as never);
}
