import { expect } from "vitest";
import { type LintReport, lintDocument, RELAY_PROFILE } from "../../../src/asyncapi/lint-document.ts";
import { document2, document3 } from "../../support/asyncapi.ts";

// The first document loads AsyncAPI's parser, and a busy machine may need seconds for the largest.
export const SLOW = { timeout: 120_000 };

export const HEAD = "asyncapi: 3.0.0\ninfo: {title: T, version: '1'}\nchannels: {c: {address: c}}\n";

export const LEAK = /node_modules|linter\.js|\.ts:|file:\/\/\/(?!etc)|\bat .*:\d+:\d+|\/work\/|\[object /;

/** Lints a text that means no good, and checks what holds for every answer. */
export async function lint(text: string): Promise<LintReport> {
  const report = await lintDocument(text, RELAY_PROFILE);
  const lines = text.split(/\r\n|\r|\n/).length;
  for (const { message, range } of report.diagnostics) {
    expect(message).not.toMatch(LEAK);
    expect(range.start.line).toBeGreaterThanOrEqual(0);
    expect(range.start.character).toBeGreaterThanOrEqual(0);
    expect(range.end.line).toBeLessThanOrEqual(lines);
  }
  expect(report.valid).toBe(report.diagnostics.every(({ severity }) => severity !== "error"));
  return report;
}

export const errorCodes = async (text: string): Promise<string[]> => {
  const { diagnostics } = await lint(text);
  return [...new Set(diagnostics.filter(({ severity }) => severity === "error").map(({ code }) => code))];
};

export const TOO_COMPLEX = ["relay-document-too-complex"];

export const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
export const members = (count: number, make: (index: number) => unknown, name = "k") =>
  Object.fromEntries(times(count, (i) => [`${name}${i}`, make(i)]));
export const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;
export const schemaRef = (name: string) => ({ $ref: `#/components/schemas/${name}` });
export const withPayload = (payload: unknown, schemas: Record<string, unknown> = {}): string =>
  document3({ c: { address: "c", messages: { m: { payload } } } }, { components: { schemas } });
export const withMessage = (message: unknown): string => document2({ c: { subscribe: { message } } });
