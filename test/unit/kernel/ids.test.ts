import { describe, expect, it } from "vitest";
import {
  isUuid,
  newEventId,
  newId,
  newToken,
  newTopicNumber,
  readEventId,
  TOPIC_NUMBER_BITS,
} from "../../../src/kernel/ids.ts";

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TOPIC_NUMBER_MAX = 2 ** TOPIC_NUMBER_BITS - 1;
const TIME_MAX = 2 ** 48 - 1;

describe("an event id", () => {
  const extremes = [0, 1, 1_772_000_000_000, TIME_MAX].flatMap((nowMs) =>
    [0, 1, 2 ** 29, TOPIC_NUMBER_MAX].flatMap((topicNumber) =>
      [0, 1, 32, 63].map((shard) => ({ nowMs, topicNumber, shard })),
    ),
  );

  it.each(extremes)("tells its time and its log: $nowMs, topic $topicNumber, shard $shard", ({ nowMs, ...hint }) => {
    const id = newEventId(nowMs, hint);
    expect(id).toMatch(UUID_V7);
    expect(readEventId(id)).toEqual({ mintedMs: nowMs, hint });
  });

  it("sorts by its time", () => {
    const hint = { topicNumber: TOPIC_NUMBER_MAX, shard: 63 };
    const times = [0, 9, 10, 255, 256, 1_772_000_000_000, TIME_MAX];
    const ids = times.map((nowMs) => newEventId(nowMs, hint));
    expect([...ids].sort()).toEqual(ids);
  });

  it("is another one for each event of a millisecond", () => {
    const hint = { topicNumber: 7, shard: 0 };
    const ids = Array.from({ length: 1000 }, () => newEventId(1_772_000_000_000, hint));
    expect(new Set(ids).size).toBe(1000);
  });

  it("is read from any spelling and any UUID without throwing", () => {
    const hint = { topicNumber: 0x2abcdef1, shard: 33 };
    expect(readEventId(newEventId(5, hint).toUpperCase())).toEqual({ mintedMs: 5, hint });
    const stranger = readEventId("ffffffff-ffff-4fff-bfff-ffffffffffff");
    expect(stranger.hint).toEqual({ topicNumber: TOPIC_NUMBER_MAX, shard: 63 });
    expect(readEventId("00000000-0000-0000-0000-000000000000")).toEqual({
      mintedMs: 0,
      hint: { topicNumber: 0, shard: 0 },
    });
  });
});

describe("a topic number", () => {
  it("fits the bits an event id has for it", () => {
    const numbers = Array.from({ length: 1000 }, newTopicNumber);
    expect(numbers.every((n) => Number.isInteger(n) && n >= 0 && n <= TOPIC_NUMBER_MAX)).toBe(true);
    expect(new Set(numbers).size).toBeGreaterThan(990);
  });
});

describe("other ids", () => {
  it("are UUIDs, each another one", () => {
    const a = newId();
    expect(isUuid(a)).toBe(true);
    expect(newId()).not.toBe(a);
  });

  it.each(["", "x", "0".repeat(36), `${newId()}\n`, ` ${newId()}`, newId().slice(1), `{${newId()}}`])(
    "do not take %j for a UUID",
    (text) => {
      expect(isUuid(text)).toBe(false);
    },
  );

  it("give tokens of 256 bits behind their prefix, safe in a URL", () => {
    const token = newToken("rk_");
    expect(token).toMatch(/^rk_[A-Za-z0-9_-]{43}$/);
    expect(newToken("rk_")).not.toBe(token);
  });
});
