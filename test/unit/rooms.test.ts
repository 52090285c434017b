import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { findViolations, type SourceFile } from "../support/room-imports.ts";

const ROOT = join(fileURLToPath(import.meta.url), "../../../");
const TOP_LEVEL = [
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "wrangler.toml",
  "biome.json",
  "worker-configuration.d.ts",
  "README.md",
  "LICENSE",
  "src",
  "specs",
  "test",
];

function readSources(): SourceFile[] {
  return readdirSync(`${ROOT}src`, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => ({ path: path.split(sep).join("/"), text: readFileSync(`${ROOT}src/${path}`, "utf8") }));
}

describe("the rooms of src", () => {
  it("import only downward", () => {
    const sources = readSources();
    expect(sources.length).toBeGreaterThan(20);
    expect(findViolations(sources)).toEqual([]);
  });

  it("stand in a repository whose top level has nothing else", () => {
    const ignored = readFileSync(`${ROOT}.gitignore`, "utf8")
      .split("\n")
      .map((line) => line.replace(/\/$/, ""));
    const strangers = readdirSync(ROOT).filter(
      (name) =>
        !TOP_LEVEL.includes(name) && !name.startsWith(".") && !name.endsWith(".config.ts") && !ignored.includes(name),
    );
    expect(strangers).toEqual([]);
  });
});

describe("the check of the rooms", () => {
  const check = (path: string, text: string) => findViolations([{ path, text }]);

  it.each([
    ["a room below", "http/apis.ts", 'import { ok } from "../kernel/result.ts";'],
    ["the same room", "kernel/digest.ts", 'import { toBase64 } from "./encoding.ts";'],
    ["a package where packages are allowed", "http/app.ts", 'import { Hono } from "hono";'],
    ["zod in domain", "domain/topic.ts", 'import { z } from "zod";'],
    ["a part of topic below", "topic/engine/a.ts", 'import { x } from "../store/platform.ts";'],
    ["the topic's door", "delivery/consumer.ts", 'import { LogClient } from "../topic/client.ts";'],
    ["anything in the composition root", "worker.ts", 'export { TopicLog } from "./topic/topic-log.ts";'],
    ["D1 in registry", "registry/apis.ts", 'db.prepare("SELECT id FROM api")'],
    ["an import in a comment", "kernel/ids.ts", '// once: import { x } from "../http/app.ts";\n/* from "hono" */'],
  ])("allows %s", (_, path, text) => {
    expect(check(path, text)).toEqual([]);
  });

  it.each([
    ["a room above", "kernel/ids.ts", 'import { x } from "../domain/topic.ts";', "a room above it"],
    ["a type of a room above", "domain/a.ts", 'import type { App } from "../http/app.ts";', "a room above it"],
    ["an export from a room above", "oauth/a.ts", 'export * from "../topic/client.ts";', "a room above it"],
    ["an import for its effects", "registry/a.ts", 'import "../http/app.ts";', "a room above it"],
    ["a dynamic import", "stream/a.ts", 'const x = await import("../dev/demo.ts");', "a room above it"],
    ["an import of several lines", "domain/a.ts", 'import {\n  x,\n  y,\n} from "../http/app.ts";', "a room above it"],
    ["a deep way around", "kernel/a/b.ts", "import { x } from '../../http/app.ts';", "a room above it"],
    ["a package in kernel", "kernel/ids.ts", 'import { z } from "zod";', "the package zod"],
    ["node in kernel", "kernel/ids.ts", 'import fs from "node:fs";', "the package node:fs"],
    ["another package in domain", "domain/event.ts", 'import { Hono } from "hono";', "the package hono"],
    ["the composition root", "dev/demo.ts", 'import worker from "../worker.ts";', "composition root"],
    ["the topic past its door", "http/a.ts", 'import type { X } from "../topic/engine.ts";', "topic/client.ts"],
    ["the relay's own side in a page", "console/a.ts", 'import { x } from "../http/pages/page.ts";', "public API only"],
    ["D1 outside registry", "http/a.ts", 'env.REGISTRY.prepare("SELECT 1")', "only registry"],
    ["a file outside src", "http/a.ts", 'import { x } from "../../test/support/a.ts";', "outside src"],
    ["a room that is none", "utils/a.ts", "export const a = 1;", "is in no room"],
    ["a part of topic above", "topic/store/a.ts", 'import { x } from "../engine/append.ts";', "a part above it"],
    ["topic's own front", "topic/engine/a.ts", 'import { x } from "../client.ts";', "a part above it"],
    ["a file beside the rooms", "http/a.ts", 'import { x } from "../shared.ts";', "is in no room"],
  ])("refuses %s", (_, path, text, fault) => {
    expect(check(path, text)).toEqual([expect.stringContaining(fault)]);
  });
});
