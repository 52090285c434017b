import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const PATH = /`((?:src|test|specs)\/[\w./-]+)`/g;
const LINK = /\]\((?!https?:|#)([^)]+)\)/g;

it.each(["README.md", ".github/SECURITY.md"])("%s names files that are there", (document) => {
  const text = readFileSync(join(ROOT, document), "utf8");
  const named = [...text.matchAll(PATH)].map(([, path = ""]) => join(ROOT, path));
  const linked = [...text.matchAll(LINK)].map(([, path = ""]) => join(ROOT, dirname(document), path));
  expect(named.length).toBeGreaterThan(5);
  expect([...named, ...linked].filter((path) => !existsSync(path))).toEqual([]);
});
