import type { ApiDocument } from "../../src/asyncapi/api-document.ts";
import type { Severity } from "../../src/asyncapi/diagnostic.ts";
import { lintDocument, RELAY_PROFILE } from "../../src/asyncapi/lint-document.ts";
import type { Finding } from "../../src/asyncapi/reader/findings.ts";
import { readApi } from "../../src/asyncapi/reader/read-api.ts";
import { FORTELLIS_RULES, RELAY_RULES, type RuleCode } from "../../src/asyncapi/rules.ts";

const severityOf = (code: RuleCode): Severity => ({ ...RELAY_RULES, ...FORTELLIS_RULES })[code].severity;

/** What the reader makes of a JSON document, AsyncAPI's own rules left aside. */
export function readText(text: string): { api: ApiDocument; findings: Finding[] } {
  const { api, findings } = readApi(JSON.parse(text));
  if (!api) throw new Error("the document cannot be read");
  return { api, findings };
}

/** Reads a document that breaks no rule of the relay that is an error. */
export function readValid(text: string): ApiDocument {
  const errors = errorsOf(text);
  if (errors.length > 0) throw new Error(`refused: ${errors.join(", ")}`);
  return readText(text).api;
}

type Shown = { code: string; path: (string | number)[] };

const show = ({ code, path }: Shown): string => [code, ...(path.length > 0 ? [`/${path.join("/")}`] : [])].join(" ");

/** `code /its/path` of each error that the reader finds. */
export const errorsOf = (text: string): string[] => findingsOf(text, "error");

/** The same of another severity. */
export const findingsOf = (text: string, severity: Severity): string[] =>
  readText(text)
    .findings.filter(({ code }) => severityOf(code) === severity)
    .map(show);

/** `code /its/path` of each error that the linter finds, AsyncAPI's own rules included. */
export async function lintErrors(text: string, profile = RELAY_PROFILE): Promise<string[]> {
  const { diagnostics } = await lintDocument(text, profile);
  return diagnostics.filter(({ severity }) => severity === "error").map(show);
}

type Channels = Record<string, unknown>;

/** A small AsyncAPI 3.0 document as JSON. */
export const document3 = (channels: Channels, rest: Record<string, unknown> = {}): string =>
  JSON.stringify({ asyncapi: "3.0.0", info: { title: "Orders", version: "1" }, channels, ...rest });

/** A small AsyncAPI 2.6 document as JSON. */
export const document2 = (channels: Channels, rest: Record<string, unknown> = {}): string =>
  JSON.stringify({ asyncapi: "2.6.0", info: { title: "Orders", version: "1" }, channels, ...rest });
