import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { measureFirstLoad } from "../../../src/console/first-load.ts";

const chunk = (code: string, imports: string[] = [], isEntry = false) => ({ code, imports, isEntry });
const weigh = (...codes: string[]): number => codes.reduce((sum, code) => sum + gzipSync(code).length, 0);

describe("the first load", () => {
  it("is the entry and all that it needs at once, each once", () => {
    const chunks = new Map([
      ["main.js", chunk("main", ["react.js", "router.js"], true)],
      ["router.js", chunk("the router", ["react.js"])],
      ["react.js", chunk("react")],
      ["editor.js", chunk("an editor of many bytes", ["react.js"])],
    ]);
    expect(measureFirstLoad(chunks)).toBe(weigh("main", "the router", "react"));
  });

  it("counts what needs each other", () => {
    const chunks = new Map([
      ["main.js", chunk("main", ["a.js"], true)],
      ["a.js", chunk("a", ["b.js"])],
      ["b.js", chunk("b", ["a.js"])],
    ]);
    expect(measureFirstLoad(chunks)).toBe(weigh("main", "a", "b"));
  });
});
