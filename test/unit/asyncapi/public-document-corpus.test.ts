import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lintDocument, parseDocument, RELAY_PROFILE } from "../../../src/asyncapi/lint-document.ts";
import { publicDocument } from "../../../src/asyncapi/public-document.ts";

const FOLDER = join(import.meta.dirname, "../../fixtures/asyncapi");

const files = readdirSync(FOLDER).filter((file) => /-valid-.*\.(?:yaml|json)$/.test(file));

describe("a valid document of any kind", () => {
  it("is in the corpus many times", () => {
    expect(files.length).toBeGreaterThan(50);
  });

  it.each(files)("stays valid when its servers are the relay: %s", { timeout: 60_000 }, async (file) => {
    const shown = publicDocument(
      await parseDocument(readFileSync(join(FOLDER, file), "utf8")),
      "https://relay.example",
    );
    const { diagnostics } = await lintDocument(JSON.stringify(shown), RELAY_PROFILE);
    // What the relay asks on top was asked of the document before.
    const errors = diagnostics.filter(({ severity, code }) => severity === "error" && !code.startsWith("relay-"));
    expect(errors).toEqual([]);
    expect(Object.keys((shown as { servers: object }).servers)).toEqual(["relay"]);
  });
});
