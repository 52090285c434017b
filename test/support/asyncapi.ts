import { type ApiDocument, type Diagnostic, readDocument } from "../../src/asyncapi/read-document.ts";

/** Reads a document that has to be valid. */
export function readValid(text: string): ApiDocument {
  const result = readDocument(text);
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.error.diagnostics)}`);
  return result.value;
}

/** Reads a document that has to be refused, and gives why. */
export function readInvalid(text: string): Diagnostic[] {
  const result = readDocument(text);
  if (result.ok) throw new Error(`accepted: ${JSON.stringify(result.value)}`);
  return result.error.diagnostics;
}

/** `code at its path` of each error. */
export const errorsOf = (text: string): string[] =>
  readInvalid(text)
    .filter((diagnostic) => diagnostic.severity === "error")
    .map(({ code, path }) => [code, ...(path.length > 0 ? [`/${path.join("/")}`] : [])].join(" "));

type Channels = Record<string, unknown>;

/** A small AsyncAPI 3.0 document as JSON. */
export const document3 = (channels: Channels, rest: Record<string, unknown> = {}): string =>
  JSON.stringify({ asyncapi: "3.0.0", info: { title: "Orders", version: "1" }, channels, ...rest });

/** A small AsyncAPI 2.6 document as JSON. */
export const document2 = (channels: Channels, rest: Record<string, unknown> = {}): string =>
  JSON.stringify({ asyncapi: "2.6.0", info: { title: "Orders", version: "1" }, channels, ...rest });
