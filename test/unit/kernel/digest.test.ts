import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { equalInConstantTime, sha256 } from "../../../src/kernel/digest.ts";
import { fromBase64, toBase64, toBase64Url, utf8Bytes } from "../../../src/kernel/encoding.ts";

describe("a digest", () => {
  it.each(["", "abc", "ключ 🔑", "\0", "x".repeat(10_000)])("is SHA-256 as base64url", async (text) => {
    const expected = createHash("sha256").update(text, "utf8").digest("base64url");
    expect(await sha256(text)).toBe(expected);
    expect(await sha256(utf8Bytes(text))).toBe(expected);
  });
});

describe("a comparison in constant time", () => {
  it.each(["", "a", "rk_secret", "ключ", "x".repeat(5000)])("finds equal texts equal", (text) => {
    expect(equalInConstantTime(text, `${text}`)).toBe(true);
  });

  it.each([
    ["", "a"],
    ["a", ""],
    ["a", "b"],
    ["abc", "abd"],
    ["abc", "ab"],
    ["ab", "abab"],
    ["abab", "ab"],
    ["a", "aa"],
    ["a\0", "a"],
    ["", "\0"],
    ["é", "e"],
  ])("finds %j and %j different", (a, b) => {
    expect(equalInConstantTime(a, b)).toBe(false);
    expect(equalInConstantTime(b, a)).toBe(false);
  });
});

describe("base64", () => {
  const samples = [0, 1, 2, 3, 32, 255, 4096].map((length) =>
    Uint8Array.from({ length }, (_, i) => (i * 251 + 7) % 256),
  );

  it.each(samples)("is what others write, and is read back", (...bytes) => {
    const sample = Uint8Array.from(bytes);
    expect(toBase64(sample)).toBe(Buffer.from(sample).toString("base64"));
    expect(toBase64Url(sample)).toBe(Buffer.from(sample).toString("base64url"));
    expect(fromBase64(toBase64(sample))).toEqual(sample);
  });

  it("is not read from anything else", () => {
    expect(() => fromBase64("not base64!")).toThrow();
  });
});
