import { describe, expect, it } from "vitest";
import { excerptText, readExcerpt } from "../../../src/delivery/answer-excerpt.ts";

const KEPT = 1024;
const READ = 64 * 1024;
const never = new Promise<"over">(() => {});
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const utf8Length = (text: string): number => bytes(text).length;

/** A body that gives these chunks, then does as told, and remembers how much was taken and whether it was let go. */
function makeBody(chunks: Iterable<Uint8Array>, end: "close" | "error" | "hang" = "close") {
  const seen = { bytes: 0, cancelled: false };
  const iterator = chunks[Symbol.iterator]();
  const stream = new ReadableStream(
    {
      pull(controller) {
        const { value, done } = iterator.next();
        if (!done) {
          seen.bytes += value.length;
          controller.enqueue(value);
        } else if (end === "close") controller.close();
        else if (end === "error") controller.error(new Error("reset"));
        else return new Promise<void>(() => {});
        return undefined;
      },
      cancel() {
        seen.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, seen };
}

/** Far more than anybody should read, and yet an end, so that a reader without a bound fails its test instead of hanging it. */
function* endless(chunkBytes: number): Generator<Uint8Array> {
  for (let bytes = 0; bytes < 32 * 1024 * 1024; bytes += chunkBytes) yield new Uint8Array(chunkBytes).fill(0x61);
}

/** A failure, and a success that does not say how long it is: both are read piece by piece. */
const failure = (stream: ReadableStream): Response => new Response(stream, { status: 500 });
const success = (stream: ReadableStream, headers: Record<string, string> = {}): Response =>
  new Response(stream, { status: 200, headers });

describe("readExcerpt", () => {
  it("is empty where there is no body", async () =>
    expect(await readExcerpt(new Response(null, { status: 204 }), never)).toBe(""));

  it("gives a short answer whole and need not cancel it", async () => {
    const { stream, seen } = makeBody([bytes('{"ok"'), bytes(":true}")]);
    expect(await readExcerpt(failure(stream), never)).toBe('{"ok":true}');
    expect(seen.cancelled).toBe(false);
  });

  it("joins characters that were cut between chunks", async () => {
    const text = "漢字😀";
    const chunks = Array.from(bytes(text), (byte) => new Uint8Array([byte]));
    expect(await readExcerpt(failure(makeBody(chunks).stream), never)).toBe(text);
  });

  it.each([1, 100, 1000, 65_536, 5_000_000])("stops in an endless answer of %d-byte chunks", async (chunkBytes) => {
    const { stream, seen } = makeBody(endless(chunkBytes));
    expect(await readExcerpt(failure(stream), never)).toBe("a".repeat(KEPT));
    expect(seen.cancelled).toBe(true);
    expect(seen.bytes).toBeLessThan(READ + chunkBytes);
  });

  it("reads a middling answer to its end, so that the connection can be used again", async () => {
    const { stream, seen } = makeBody([new Uint8Array(30_000).fill(0x61), new Uint8Array(30_000).fill(0x62)]);
    expect(await readExcerpt(failure(stream), never)).toBe("a".repeat(KEPT));
    expect(seen).toEqual({ bytes: 60_000, cancelled: false });
  });

  it("keeps what came before the answer broke off", async () => {
    expect(await readExcerpt(failure(makeBody([bytes("half an ans")], "error").stream), never)).toBe("half an ans");
  });

  it("keeps what came before it was told to stop, and lets go", async () => {
    const { stream, seen } = makeBody([bytes("so far")], "hang");
    const { promise: enough, resolve } = Promise.withResolvers<"over">();
    const excerpt = readExcerpt(failure(stream), enough);
    resolve("over");
    expect(await excerpt).toMatch(/^(so far)?$/);
    expect(seen.cancelled).toBe(true);
  });

  it("is not held up by a body that cannot be cancelled", async () => {
    const stream = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(READ).fill(0x61)),
      cancel: () => new Promise(() => {}),
    });
    expect(await readExcerpt(failure(stream), never)).toHaveLength(KEPT);
  });

  it("survives a body whose cancel fails", async () => {
    const stream = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(READ).fill(0x61)),
      cancel: () => Promise.reject(new Error("no")),
    });
    expect(await readExcerpt(failure(stream), never)).toHaveLength(KEPT);
  });
});

describe("readExcerpt of a success that says its length", () => {
  const declared = (text: string) => success(makeBody([bytes(text)]).stream, { "content-length": `${text.length}` });

  it("gives it whole, or its beginning", async () => {
    expect(await readExcerpt(declared('{"ok":true}'), never)).toBe('{"ok":true}');
    expect(await readExcerpt(declared("a".repeat(5_000)), never)).toBe("a".repeat(KEPT));
  });

  it("gives nothing where it breaks off or stalls", async () => {
    const headers = { "content-length": "100" };
    expect(await readExcerpt(success(makeBody([bytes("half")], "error").stream, headers), never)).toBe("");
    const stalled = success(makeBody([bytes("half")], "hang").stream, headers);
    expect(await readExcerpt(stalled, Promise.resolve("over" as const))).toBe("");
  });

  it.each<[string, Record<string, string>]>([
    ["too long", { "content-length": "1073741824" }],
    ["packed, so that its length says nothing", { "content-length": "100", "content-encoding": "gzip" }],
    ["of a length that is none", { "content-length": "many" }],
    ["of no said length", {}],
  ])("reads only the beginning of one that is %s", async (_, headers) => {
    const { stream, seen } = makeBody(endless(4_096));
    expect(await readExcerpt(success(stream, headers), never)).toBe("a".repeat(KEPT));
    expect(seen.cancelled).toBe(true);
    expect(seen.bytes).toBeLessThan(READ + 4_096);
  });
});

describe("excerptText", () => {
  it("replaces broken UTF-8 and NUL", () => {
    const text = excerptText(new Uint8Array([0x61, 0xff, 0xc3, 0x28, 0x00, 0x62]), false);
    expect(text).toBe("a\ufffd\ufffd(\ufffdb");
  });

  it("shows a character that the receiver itself cut in two", () => {
    expect(excerptText(new Uint8Array([0x61, 0xe6, 0xbc]), false)).toBe("a\ufffd");
  });

  it.each([0, 1, 2, 3])("leaves out a character that its own cut fell into (%d bytes before)", (shift) => {
    const text = "x".repeat(shift) + "😀".repeat(300);
    const excerpt = excerptText(bytes(text).subarray(0, KEPT), true);
    expect(text.startsWith(excerpt)).toBe(true);
    expect(excerpt).not.toContain("\ufffd");
    expect(utf8Length(excerpt)).toBeGreaterThan(KEPT - 4);
  });

  it("never grows beyond its bound, even where every byte is broken", () => {
    for (const byte of [0xff, 0x00, 0x80]) {
      const excerpt = excerptText(new Uint8Array(KEPT).fill(byte), true);
      expect(utf8Length(excerpt)).toBeLessThanOrEqual(KEPT);
      expect(excerpt.isWellFormed()).toBe(true);
    }
  });
});
