import {
  type Alias,
  Composer,
  type CST,
  type Document,
  Lexer,
  LineCounter,
  type Node,
  type ParsedNode,
  Parser,
  type YAMLError,
} from "yaml";
import { utf8Bytes } from "../kernel/encoding.ts";
import { DOCUMENT_BYTES_MAX, DOCUMENT_DEPTH_MAX } from "../kernel/limits.ts";
import type { Range } from "./diagnostic.ts";
import { Findings } from "./findings.ts";
import { DOCUMENT_LEXEMES_MAX, SYNTAX_ERRORS_MAX } from "./limits.ts";
import { readNodes } from "./read-nodes.ts";
import { rangeOfPath } from "./source-ranges.ts";

/** A text's value as JSON would give it, and where to put what is found about it. `value` means nothing where `findings.failed`. */
export type ParsedText = { value: unknown; findings: Findings };

type RangeAt = (start: number, end: number) => Range;

/** Parses YAML or JSON (which YAML 1.2 includes) within the bounds of a document. Never throws. */
export function parseText(text: string): ParsedText {
  const lines = new LineCounter();
  const rangeAt: RangeAt = (start, end) => ({ start: positionAt(lines, start), end: positionAt(lines, end) });
  const syntax = new Findings(() => rangeAt(0, 0));

  const document = readYaml(text, lines, rangeAt, syntax);
  if (!document) return { value: undefined, findings: syntax };

  const targets = new Map<Alias, Node>();
  const findings = new Findings((path) => rangeOfPath(document, path, targets, rangeAt));
  return { value: readNodes(document, { findings, rangeAt, targets }), findings };
}

function positionAt(lines: LineCounter, offset: number): Range["start"] {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(0, line - 1), character: Math.max(0, col - 1) };
}

/** The one YAML document in a text; undefined where something was found that makes it none. */
function readYaml(text: string, lines: LineCounter, rangeAt: RangeAt, findings: Findings): ParsedNode | undefined {
  if (text.length > DOCUMENT_BYTES_MAX || utf8Bytes(text).length > DOCUMENT_BYTES_MAX) {
    findings.error("document-too-large", [], `The document is larger than ${DOCUMENT_BYTES_MAX} bytes.`);
    return undefined;
  }
  const plain = text.replace(/^\uFEFF/, "");
  const tokens = readTokens(plain, lines, rangeAt, findings);
  if (findings.failed) return undefined;

  const [document, second] = composeDocuments(tokens, plain.length);
  // A warning counts too: it is about a tag or a version, by which the author may mean another value than the relay reads.
  for (const problem of [...(document?.errors ?? []), ...(document?.warnings ?? [])].slice(0, SYNTAX_ERRORS_MAX)) {
    findings.error(codeOf(problem), [], messageOf(problem), rangeAt(...problem.pos));
  }
  if (second) {
    const [start] = second.range;
    findings.error("multiple-documents", [], "The text holds more than one YAML document.", rangeAt(start, start));
  }
  if (!findings.failed && !document?.contents) findings.error("document-empty", [], "The document is empty.");
  return findings.failed ? undefined : (document?.contents ?? undefined);
}

const messageOf = (problem: YAMLError): string =>
  problem.code === "NON_STRING_KEY" ? "A key has to be a text." : `${problem.message}.`;

const codeOf = (problem: YAMLError): string => `yaml-${problem.code.toLowerCase().replaceAll("_", "-")}`;

/**
 * Reads token by token, so that depth and size are bounded before anything is built of them: the composer is recursive
 * and keeps whatever it gets.
 */
function readTokens(text: string, lines: LineCounter, rangeAt: RangeAt, findings: Findings): CST.Token[] {
  const stackMax = DOCUMENT_DEPTH_MAX + 2; // the document around the collections, a scalar within
  const tokens: CST.Token[] = [];
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let lexemes = 0;
  let errors = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      tokens.push(token);
      if (token.type === "error") errors += 1;
    }
    if (errors > SYNTAX_ERRORS_MAX) break;
    lexemes += 1;
    if (parser.stack.length > stackMax) {
      const message = `The document is nested more than ${DOCUMENT_DEPTH_MAX} levels deep.`;
      findings.error("document-too-deep", [], message, rangeAt(parser.offset, parser.offset));
      return [];
    }
    if (lexemes > DOCUMENT_LEXEMES_MAX) {
      const message = `The document has more than ${DOCUMENT_LEXEMES_MAX} parts.`;
      findings.error("document-too-complex", [], message, rangeAt(parser.offset, parser.offset));
      return [];
    }
  }
  tokens.push(...parser.end());
  return tokens;
}

/** At most two documents: the second one is an error already. */
function composeDocuments(tokens: CST.Token[], endOffset: number): Document.Parsed[] {
  // Unique keys are checked by `readNodes`: here each key would be compared with all before it.
  const composer = new Composer({
    schema: "core", // of YAML 1.2, whatever `%YAML` says: its values are those of JSON
    resolveKnownTags: false,
    stringKeys: true,
    uniqueKeys: false,
    logLevel: "silent",
  });
  const { stackTraceLimit } = Error;
  // Half a million bad escapes are half a million error objects: without stacks they fit into memory.
  Error.stackTraceLimit = 0;
  try {
    const documents: Document.Parsed[] = [];
    for (const document of composer.compose(tokens, true, endOffset)) {
      documents.push(document);
      if (documents.length === 2) break;
    }
    return documents;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
