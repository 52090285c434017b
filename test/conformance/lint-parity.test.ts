import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { Parser } from "@asyncapi/parser";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Diagnostic } from "../../src/asyncapi/diagnostic.ts";
import { document2, document3 } from "../support/asyncapi.ts";
import { OPERATOR_TOKEN, startTestRelay, type TestRelay } from "../support/relay.ts";

/** What the relay says of a document is what AsyncAPI's own parser, run in Node, says of it. */

const FIXTURES = join(import.meta.dirname, "../fixtures/asyncapi");
const documents = readdirSync(FIXTURES, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.(?:ya?ml|json)$/.test(name))
  .sort();

let relay: TestRelay;
const stock = new Parser();

beforeAll(async () => {
  relay = await startTestRelay();
});
afterAll(() => relay?.close());

type Report = { valid: boolean; specVersion: string | null; diagnostics: Diagnostic[] };

async function lint(text: string, profile = ""): Promise<Report> {
  const response = await fetch(`${relay.origin}/v1/lint${profile}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${OPERATOR_TOKEN}`, "Content-Type": "application/yaml" },
    body: text,
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Report;
}

/** Verdict and findings, without what the relay asks on top. */
type Outcome = { valid: boolean; findings: string[] };

function outcomeOf(found: { code: string | number; path: (string | number)[]; isError: boolean }[]): Outcome {
  const findings = found.map(({ code, path }) => JSON.stringify([code, path]));
  return { valid: !found.some(({ isError }) => isError), findings: [...new Set(findings)].sort() };
}

const ofStock = async (text: string): Promise<Outcome> =>
  outcomeOf((await stock.validate(text)).map((found) => ({ ...found, isError: found.severity === 0 })));

const ofRelay = ({ diagnostics }: Report): Outcome =>
  outcomeOf(
    diagnostics
      .filter(({ code }) => !code.startsWith("relay-"))
      .map((found) => ({ ...found, isError: found.severity === "error" })),
  );

const isInOrder = ({ range: { start, end } }: Diagnostic): boolean =>
  Math.min(start.line, start.character, end.character) >= 0 &&
  (start.line < end.line || (start.line === end.line && start.character <= end.character));

describe("the linter's corpus", () => {
  it("has at least 120 documents", () => {
    expect(documents.length).toBeGreaterThanOrEqual(120);
  });

  it.each(documents)("%s", async (name) => {
    const text = readFileSync(join(FIXTURES, name), "utf8");
    const [expected, report] = await Promise.all([ofStock(text), lint(text)]);
    expect(ofRelay(report)).toEqual(expected);
    expect(report.diagnostics.filter((found) => !isInOrder(found))).toEqual([]);
    expect(report.valid).toBe(report.diagnostics.every(({ severity }) => severity !== "error"));
    expect(JSON.stringify(report.diagnostics)).not.toMatch(/node_modules|\bat \S+ \(|\.js:\d+/);
  });
});

describe("a reference to somewhere else", () => {
  it("is refused where it stands, and nobody is asked", async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.end('{"type":"string"}');
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (typeof address !== "object" || address === null) throw new Error("the server has no port");
    const outside = `http://127.0.0.1:${address.port}/schema.json`;
    try {
      const payloads = [outside, `${outside}#/a`, outside.replace("http:", "https:"), "file:///etc/passwd", "./a.yaml"];
      for (const $ref of payloads) {
        const two = document2({ c: { subscribe: { message: { payload: { $ref } } } } });
        const three = document3({ c: { address: "c", messages: { m: { payload: { $ref } } } } });
        for (const text of [two, three]) {
          const { valid, diagnostics } = await lint(text);
          expect(valid).toBe(false);
          const refused = diagnostics.filter(({ code }) => code === "invalid-ref");
          expect(refused.map(({ path }) => path.at(-1))).toEqual(["$ref"]);
        }
      }
      expect(asked).toEqual([]);
      // The server does answer whoever asks.
      await fetch(outside);
      expect(asked).toEqual(["/schema.json"]);
    } finally {
      server.close();
    }
  });
});
