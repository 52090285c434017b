import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { LOG_LINES } from "../../../src/kernel/log-lines.ts";

const SOURCES = join(fileURLToPath(import.meta.url), "../../../../src/");

function readSources(): string {
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" });
  const own = files.filter(
    (path) => path.endsWith(".ts") && !path.endsWith("log-lines.ts") && !path.includes("generated"),
  );
  return own.map((path) => readFileSync(SOURCES + path, "utf8")).join("\n");
}

it("are all written somewhere: what nobody logs is not listed", () => {
  const text = readSources();
  const unwritten = Object.keys(LOG_LINES).filter((name) => {
    const perKind = /^(?:oauth|webhook)\.(key\w+)$/.exec(name)?.[1];
    return !text.includes(`"${name}"`) && !(perKind && text.includes(`name}.${perKind}\``));
  });
  expect(unwritten).toEqual([]);
});
