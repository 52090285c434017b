import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
const MIGRATIONS = join(ROOT, "src/registry/migrations");
const KNOWN: Record<string, string> = JSON.parse(
  readFileSync(join(ROOT, "test/fixtures/versions/d1-migrations.json"), "utf8"),
);

const digest = (name: string): string =>
  createHash("sha256")
    .update(readFileSync(join(MIGRATIONS, name)))
    .digest("hex");

it("a migration of D1 never changes once it has been applied, and none is lost", () => {
  const changed = Object.entries(KNOWN).filter(([name, sha256]) => digest(name) !== sha256);
  expect(changed).toEqual([]);
});

it("each migration is known, so that it can't change unnoticed; new ones come last", () => {
  const names = readdirSync(MIGRATIONS).sort();
  expect(Object.fromEntries(names.map((name) => [name, digest(name)]))).toEqual(KNOWN);
  expect(Object.keys(KNOWN)).toEqual(names);
});

it("migrations only add: the version before goes on with what they make of the registry", () => {
  const breaking = readdirSync(MIGRATIONS).flatMap((name) => {
    const sql = readFileSync(join(MIGRATIONS, name), "utf8").replace(/--.*$/gm, "");
    return [...sql.matchAll(/\b(DROP (?:TABLE|COLUMN)|RENAME (?:TO|COLUMN)|ALTER COLUMN)\b.*/gi)].map(
      ([found]) => `${name}: ${found}`,
    );
  });
  expect(breaking).toEqual([]);
});
