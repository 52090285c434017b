import { describe, expect, it } from "vitest";
import { CLOSE_CODES, type CloseName, closeOf } from "../../../src/domain/close-codes.ts";

const NAMES = Object.keys(CLOSE_CODES) as CloseName[];
const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

describe("a close code", () => {
  it.each(NAMES)("%s is one that a server may send (RFC 6455 §7.4)", (name) => {
    const { code, meaning } = CLOSE_CODES[name];
    expect(code === 1011 || code === 1012 || (code >= 4000 && code <= 4999)).toBe(true);
    expect(meaning).toMatch(/^[A-Z][^\n]+\.$/);
  });

  it("stands for one thing", () => {
    const codes = NAMES.map((name) => CLOSE_CODES[name].code);
    expect(new Set(codes).size).toBe(codes.length);
  });
});

describe("what a close frame says", () => {
  it("is the code's name, and a detail where there is one", () => {
    expect(closeOf("ConsumerTooSlow")).toEqual({ code: 4408, reason: "ConsumerTooSlow" });
    expect(closeOf("BadFrame", "not JSON")).toEqual({ code: 4400, reason: "BadFrame: not JSON" });
  });

  it("fits into a control frame, and stays whole characters", () => {
    const { reason } = closeOf("BadFrame", "\u{1F600}".repeat(100));
    expect(bytesOf(reason)).toBeLessThanOrEqual(123);
    expect(reason.isWellFormed()).toBe(true);
    expect(bytesOf(reason)).toBeGreaterThan(119);
  });
});
