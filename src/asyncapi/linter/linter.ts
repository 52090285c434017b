import { Parser } from "@asyncapi/parser";
import { validate } from "@asyncapi/parser/esm/validate";
import { Document, type ISpectralDiagnostic, Spectral } from "@stoplight/spectral-core";
import { Yaml } from "@stoplight/spectral-parsers";
import type { ApiDocument } from "../api-document.ts";
import type { Diagnostic, Range, Severity } from "../diagnostic.ts";
import { DIAGNOSTICS_CHARS_MAX, LINT_STEPS_MAX } from "../limits.ts";
import { limitSteps, ranOutOfSteps } from "../lint-steps.ts";
import type { FortellisSettings } from "../reader/fortellis.ts";
import { isRecord } from "../reader/json-values.ts";
import { readApi } from "../reader/read-api.ts";
import { BoundedResolver } from "./bounded-resolver.ts";
import { type Danger, findDanger } from "./danger.ts";
import { fortellisRuleset, relayRuleset } from "./relay-rulesets.ts";

/** Which rules a document is held to, beside AsyncAPI's own. */
export type LintProfile = { name: "relay" } | ({ name: "fortellis" } & FortellisSettings);

export type LintedText = {
  diagnostics: Diagnostic[];
  /** As the document says, whatever that is; null where it says none. */
  specVersion: string | null;
  /** What the relay takes from the document. It means something where no diagnostic is an error; null: the text is no document. */
  api: ApiDocument | null;
};

/** Runs AsyncAPI's own parser over a text, YAML or JSON. Bounded whatever the text, never throws, never fetches. */
export async function lintText(text: string, profile: LintProfile): Promise<LintedText> {
  const danger = findDanger(text);
  if (danger) return refuse(text, danger);
  // Steps are counted for the document that is being checked: another one waits for its turn.
  while (underWay) await underWay;
  const { promise, resolve } = Promise.withResolvers<void>();
  underWay = promise;
  try {
    return await check(text, profile);
  } finally {
    underWay = null;
    resolve();
  }
}

/** Nothing outside is waited for while a document is checked, so it is soon over, whoever asked for it. */
let underWay: Promise<void> | null = null;

async function check(text: string, profile: LintProfile): Promise<LintedText> {
  limitSteps(LINT_STEPS_MAX);
  const { parser, spectral } = linterFor(profile);
  const { diagnostics, extras } = await validate(parser, spectral, text);
  if (ranOutOfSteps()) return refuse(text, TOO_COMPLEX);
  // There is none where reading the text threw, whatever the parser's types say.
  const document: Document | undefined = extras.document;
  const value = document?.data;
  return {
    diagnostics: showAll(diagnostics),
    specVersion: isRecord(value) && typeof value.asyncapi === "string" ? value.asyncapi : null,
    api: isRecord(value) ? readApi(value).api : null,
  };
}

/** The value of a text that this parser has accepted before. */
export const parseText = (text: string): unknown => new Document(text, Yaml).data;

const TOO_COMPLEX: Danger = {
  code: "relay-document-too-complex",
  message: "Checking the document takes too long: its references and schemas lead through too many values.",
  offset: 0,
};

class RelayParser extends Parser {
  get ruleset(): Spectral["ruleset"] {
    return this.spectral.ruleset;
  }
}

type Linter = { parser: Parser; spectral: Spectral };

const linters = new Map<string, Linter>();

/** The parser with the rules of a profile, and a resolver that bounds what references lead to. */
function linterFor(profile: LintProfile): Linter {
  const key = JSON.stringify(profile);
  const known = linters.get(key);
  if (known) return known;
  const rulesets = profile.name === "fortellis" ? [relayRuleset, fortellisRuleset(profile)] : [relayRuleset];
  const parser = new RelayParser({ ruleset: { extends: rulesets } });
  const spectral = new Spectral({ resolver: new BoundedResolver() });
  if (parser.ruleset) spectral.setRuleset(parser.ruleset);
  const linter = { parser, spectral };
  linters.set(key, linter);
  return linter;
}

function refuse(text: string, { code, message, offset }: Danger): LintedText {
  const before = text.slice(0, offset).split("\n");
  const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  const range = { start: position, end: position };
  return { diagnostics: [{ code, severity: "error", message, path: [], range }], specVersion: null, api: null };
}

const SEVERITIES: readonly Severity[] = ["error", "warning", "info", "hint"];

/** As many as fit an answer, errors first to stay. */
function showAll(found: ISpectralDiagnostic[]): Diagnostic[] {
  let charsLeft = DIAGNOSTICS_CHARS_MAX;
  const kept = new Set<ISpectralDiagnostic>();
  for (const diagnostic of found.toSorted((a, b) => a.severity - b.severity)) {
    charsLeft -= diagnostic.message.length + diagnostic.path.join("").length;
    if (charsLeft < 0) break;
    kept.add(diagnostic);
  }
  return found.filter((diagnostic) => kept.has(diagnostic)).map(show);
}

function show({ code, severity, message, path, range }: ISpectralDiagnostic): Diagnostic {
  return {
    code: String(code),
    severity: SEVERITIES[severity] ?? "error",
    // The parser puts the stack of what it did not expect into its message.
    message: message.startsWith("Error thrown during") ? message.replace(/, stack: [\s\S]*$/, ".") : message,
    path,
    range: rangeOf(range),
  };
}

/** Where the parser knows no place, it says line 0 and character -1, for a start or for an end alone. */
function rangeOf({ start, end }: Range): Range {
  const from = { line: start.line, character: Math.max(start.character, 0) };
  const isBefore = end.line < from.line || (end.line === from.line && end.character < from.character);
  return { start: from, end: isBefore ? from : { line: end.line, character: end.character } };
}
