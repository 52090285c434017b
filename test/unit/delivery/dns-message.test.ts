import { describe, expect, it } from "vitest";
import { encodeQuestion, RECORD_TYPES, readAnswer } from "../../../src/delivery/dns-message.ts";
import { message, record } from "../../support/resolver.ts";

const QUESTION = encodeQuestion("hooks.example.com", RECORD_TYPES.A);
const V4 = Uint8Array.of(192, 0, 2, 1);
const V6 = Uint8Array.from({ length: 16 }, (_, i) => i);

const read = (answer: Buffer) => readAnswer(new Uint8Array(answer));

describe("a question", () => {
  it("is the one of RFC 8484 §4.1.1 for www.example.com", () => {
    expect(Buffer.from(encodeQuestion("www.example.com", RECORD_TYPES.A)).toString("base64url")).toBe(
      "AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB",
    );
  });

  it("asks for the type that it is told", () => {
    const question = Buffer.from(encodeQuestion("a.example", RECORD_TYPES.AAAA));
    expect(question.readUInt16BE(question.length - 4)).toBe(28);
  });
});

describe("an answer", () => {
  it("is the one of RFC 8484 §4.2.2", () => {
    const example =
      "00008180000100010000000003777777076578616d706c6503636f6d00001c0001c00c001c000100000e7d001020010db8abcd00120001000200030004";
    expect(read(Buffer.from(example, "hex"))).toEqual({
      ok: true,
      value: {
        addresses: [new Uint8Array(Buffer.from("20010db8abcd00120001000200030004", "hex"))],
        ttlSeconds: 3709,
        isWhole: true,
      },
    });
  });

  it("has the addresses behind aliases, and the shortest time to live of all its records", () => {
    const alias = Uint8Array.of(1, 0x61, 0xc0, 12);
    const records = [record(5, alias, 20), record(1, V4, 300), record(28, V6, 60), record(16, V4, 400)];
    const answer = read(message(QUESTION, 0, records));
    expect(answer).toEqual({ ok: true, value: { addresses: [V4, V6], ttlSeconds: 20, isWhole: true } });
  });

  it("has no addresses where there is no such name", () => {
    expect(read(message(QUESTION, 3, []))).toMatchObject({ ok: true, value: { addresses: [], isWhole: true } });
  });

  it.each([1, 2, 4, 5])("is not whole where the servers failed, as response code %i says", (rcode) => {
    const answer = read(message(QUESTION, rcode, [record(1, V4, 60)]));
    expect(answer).toMatchObject({ ok: true, value: { addresses: [V4], isWhole: false } });
  });

  it("takes no address of a wrong length", () => {
    const records = [record(1, V6, 60), record(28, V4, 60), record(1, new Uint8Array(0), 60)];
    expect(read(message(QUESTION, 0, records))).toMatchObject({ ok: true, value: { addresses: [] } });
  });

  it("is unreadable where it breaks off, anywhere", () => {
    const whole = message(QUESTION, 0, [record(1, V4, 60), record(28, V6, 60)]);
    for (let length = 0; length < whole.length; length++) {
      expect(read(whole.subarray(0, length))).toEqual({ ok: false, error: { reason: "unreadable" } });
    }
  });

  it.each([
    ["a question", 0x0100],
    ["cut short by the resolver", 0x8380],
  ])("is unreadable where it is %s", (_, flags) => {
    const answer = message(QUESTION, 0, [record(1, V4, 60)]);
    answer.writeUInt16BE(flags, 2);
    expect(read(answer).ok).toBe(false);
  });

  it("ends at once where names point at themselves or counts lie", () => {
    const loop = message(Uint8Array.from([...QUESTION.slice(0, 12), 0xc0, 12, 0, 1, 0, 1]), 0, [record(1, V4, 60)]);
    expect(read(loop).ok).toBe(true);
    const lying = message(QUESTION, 0, [record(1, V4, 60)]);
    lying.writeUInt16BE(65_535, 6);
    expect(read(lying).ok).toBe(false);
    lying.writeUInt16BE(65_535, 4);
    expect(read(lying).ok).toBe(false);
  });
});
