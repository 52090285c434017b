import { describe, expect, it } from "vitest";
import { z } from "zod";
import { checkShape, parseJson, readBytes, readText } from "../../../src/http/body.ts";
import { UNREAD_BODY_BYTES_MAX } from "../../../src/kernel/limits.ts";

const post = (body: BodyInit) =>
  new Request("https://relay.test/", { method: "POST", body, ...({ duplex: "half" } as RequestInit) });

describe("reading a body", () => {
  it("takes as many bytes as allowed and not one more", async () => {
    expect(await readBytes(post("12345"), 5)).toEqual({ ok: true, value: new TextEncoder().encode("12345") });
    expect(await readBytes(post("123456"), 5)).toMatchObject({ ok: false, error: { reason: "body_too_large" } });
  });

  it("joins its chunks in their order", async () => {
    const chunks = [[1, 2], [], [3]].map((bytes) => new Uint8Array(bytes));
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        const chunk = chunks.shift();
        if (chunk) controller.enqueue(chunk);
        else controller.close();
      },
    });
    expect(await readBytes(post(stream), 3)).toEqual({ ok: true, value: new Uint8Array([1, 2, 3]) });
  });

  it("stops reading a stream that never ends", async () => {
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled += 1;
        controller.enqueue(new Uint8Array(1024));
      },
    });
    expect(await readBytes(post(endless), 10_000)).toMatchObject({ ok: false, error: { reason: "body_too_large" } });
    expect(pulled * 1024).toBeLessThan(UNREAD_BODY_BYTES_MAX + 20_000);
  });

  it("refuses bytes that are no UTF-8", async () => {
    expect(await readText(post(new Uint8Array([0x22, 0xc3, 0x28, 0x22])), 100)).toMatchObject({
      ok: false,
      error: { reason: "body_not_utf8" },
    });
    expect(await readText(post("Grüße 車"), 100)).toEqual({ ok: true, value: "Grüße 車" });
  });

  it("refuses what is not JSON, without a word of the parser's", () => {
    for (const text of ["", "{", "{'a':1}", "undefined", "[1,]", '{"secret":"x"'] as const) {
      const parsed = parseJson(text);
      expect(parsed).toEqual({ ok: false, error: { reason: "body_not_json", detail: "The body is not valid JSON." } });
    }
  });
});

describe("checking a body", () => {
  const Shape = z.strictObject({ name: z.string(), retry: z.strictObject({ max: z.number() }).optional() });

  it("gives what it parsed", () => {
    expect(checkShape(Shape, { name: "x" })).toEqual({ ok: true, value: { name: "x" } });
  });

  it("names every field that is wrong, unknown ones each by itself", () => {
    const checked = checkShape(Shape, { name: 7, retry: { max: "a", more: 1 }, color: 1, size: 2 });
    expect(checked).toMatchObject({ ok: false, error: { reason: "body_invalid" } });
    const paths = checked.ok ? [] : (checked.error.errors ?? []).map((error) => error.path);
    expect(paths.sort()).toEqual(["color", "name", "retry.max", "retry.more", "size"]);
  });

  it("speaks of the body where it is not an object", () => {
    const checked = checkShape(Shape, 7);
    expect(checked.ok ? "" : checked.error.detail).toMatch(/^The body: /);
  });
});
