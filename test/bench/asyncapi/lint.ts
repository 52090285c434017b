import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Parser } from "@asyncapi/parser";
import { OPERATOR_TOKEN } from "../runtime.ts";
import { median } from "./median.ts";

const FOLDERS = ["specs", "test/fixtures/asyncapi"].map((folder) => join(import.meta.dirname, "../../..", folder));

/** Every n-th document of the corpus, so that all versions and kinds are among them. */
const EVERY = { full: 5, quick: 40 };

export type LintMeasured = {
  documents: number;
  /** Median of the second time each document was linted: by the relay over HTTP, by the stock parser in this process. */
  relayMs: number;
  stockMs: number;
  /** Median of the ratios document by document. */
  ratio: number;
  /** The first document that this isolate has seen. */
  firstMs: number;
};

/** Lints the same documents with the relay in workerd and with the stock parser in Node, one after the other. */
export async function measureLint(origin: string, quick: boolean): Promise<LintMeasured> {
  const documents = listDocuments().filter((_, index) => index % EVERY[quick ? "quick" : "full"] === 0);
  const stock = new Parser();
  const inRelay = async (text: string): Promise<void> => {
    const headers = { Authorization: `Bearer ${OPERATOR_TOKEN}`, "Content-Type": "application/yaml" };
    const answer = await fetch(`${origin}/v1/lint`, { method: "POST", headers, body: text });
    if (answer.status !== 200) throw new Error(`lint answered ${answer.status}`);
    await answer.text();
  };
  const first = documents[0] ?? "";
  const firstMs = await time(() => inRelay(first));
  const pairs: { relayMs: number; stockMs: number }[] = [];
  for (const text of documents) {
    const inStock = (): Promise<unknown> => stock.validate(text);
    await inRelay(text);
    await inStock();
    pairs.push({ relayMs: await time(() => inRelay(text)), stockMs: await time(inStock) });
  }
  return {
    documents: documents.length,
    relayMs: median(pairs.map(({ relayMs }) => relayMs)),
    stockMs: median(pairs.map(({ stockMs }) => stockMs)),
    ratio: median(pairs.map(({ relayMs, stockMs }) => relayMs / stockMs)),
    firstMs,
  };
}

const listDocuments = (): string[] =>
  FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(?:ya?ml|json)$/.test(name))
      .sort()
      .map((name) => readFileSync(join(folder, name), "utf8")),
  );

async function time(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}
