import { err, ok, type Result } from "../kernel/result.ts";
import type { ApiDocument } from "./api-document.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { LintProfile } from "./linter/linter.ts";

export type { LintProfile } from "./linter/linter.ts";

/** What is said of a text. It is valid where nothing that was found is an error. */
export type LintReport = { valid: boolean; specVersion: string | null; diagnostics: Diagnostic[] };

export type DocumentInvalid = { reason: "document_invalid"; diagnostics: Diagnostic[] };

/** A document that can be registered, and what was found that does not speak against it. */
export type ValidDocument = { api: ApiDocument; diagnostics: Diagnostic[] };

export const RELAY_PROFILE: LintProfile = { name: "relay" };

/** Checks a text, YAML or JSON, against AsyncAPI's rules and the relay's. Bounded whatever the text, never throws, never fetches. */
export async function lintDocument(text: string, profile: LintProfile): Promise<LintReport> {
  const { lintText } = await loadLinter();
  const { diagnostics, specVersion } = await lintText(text, profile);
  return { valid: isValid(diagnostics), specVersion, diagnostics };
}

/** As `lintDocument`, and reads what the relay needs of a valid one. */
export async function readDocument(text: string): Promise<Result<ValidDocument, DocumentInvalid>> {
  const { lintText } = await loadLinter();
  const { diagnostics, api } = await lintText(text, RELAY_PROFILE);
  return api && isValid(diagnostics) ? ok({ api, diagnostics }) : err({ reason: "document_invalid", diagnostics });
}

/** The value of a text that was found valid before. */
export async function parseDocument(text: string): Promise<unknown> {
  const { parseText } = await loadLinter();
  return parseText(text);
}

const isValid = (diagnostics: Diagnostic[]): boolean => diagnostics.every(({ severity }) => severity !== "error");

/** AsyncAPI's parser is large: it is evaluated when the first document is there, and no publish ever pays for it. */
const loadLinter = () => import("./generated/linter.js");
