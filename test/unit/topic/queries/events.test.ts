import { describe, expect, it } from "vitest";
import type { EventQuery } from "../../../../src/domain/event.ts";
import { newEventId } from "../../../../src/kernel/ids.ts";
import { LISTED_BYTES_MAX, SEARCH_ROWS_MAX } from "../../../../src/kernel/limits.ts";
import { listEvents, listStoredEvents, readEvent } from "../../../../src/topic/queries/events.ts";
import { LogFixture, OPEN } from "../../../support/log-fixture.ts";

const DAY_MS = 24 * 3600_000;
const HINT = { topicNumber: 7, shard: 0 };

const ALL: EventQuery = {
  ...{ channel: null, partitionKey: null, dataOwnerId: null, requestId: null },
  ...{ fromMs: null, toMs: null, beforeSeq: null, limit: 100 },
};

const seqs = (f: LogFixture, query: Partial<EventQuery> = {}): number[] =>
  listEvents(f.log, { ...ALL, ...query }).events.map(({ seq }) => seq);

describe("the events of a log", () => {
  it.each<[Partial<EventQuery>, number[]]>([
    [{}, [4, 3, 2, 1]],
    [{ channel: "one" }, [3, 1]],
    [{ partitionKey: "k" }, [2, 1]],
    [{ dataOwnerId: "o" }, [4]],
    [{ requestId: "r" }, [3]],
    [{ requestId: "origin" }, [4]],
    [{ channel: "one", partitionKey: "k" }, [1]],
    [{ channel: "nowhere" }, []],
    [{ limit: 2 }, [4, 3]],
    [{ limit: 2, beforeSeq: 3 }, [2, 1]],
  ])("are found by %j, over several days", (query, expected) => {
    const f = new LogFixture();
    const fields = [
      { channel: "one", partitionKey: "k" },
      { channel: "two", partitionKey: "k" },
      { channel: "one", requestId: "r" },
      { channel: "two", dataOwnerId: "o", originRequestId: "origin" },
    ];
    for (const field of fields) {
      f.append(field);
      f.nowMs += DAY_MS;
    }
    f.restart();
    expect(seqs(f, query)).toEqual(expected);
  });

  it("are found by when they were accepted", () => {
    const f = new LogFixture();
    const startMs = f.nowMs;
    for (let i = 0; i < 4; i++) {
      f.append();
      f.nowMs += 1000;
    }
    expect(seqs(f, { fromMs: startMs + 1000, toMs: startMs + 3000 })).toEqual([3, 2]);
    expect(seqs(f, { toMs: startMs })).toEqual([]);
    expect(seqs(f, { fromMs: f.nowMs })).toEqual([]);
  });

  it("come with their payloads, as many as fit into an answer, and one that does not", () => {
    const f = new LogFixture();
    for (const [id, bytes] of [
      ["small", 10],
      ["large", LISTED_BYTES_MAX + 1],
      ["exact", LISTED_BYTES_MAX - 10],
      ["newest", 10],
    ] as const)
      f.append({ id, body: new Uint8Array(bytes) });
    const pages: string[][] = [];
    for (let beforeSeq: number | null = null; pages.length < 5; ) {
      const page = listStoredEvents(f.log, { ...ALL, beforeSeq });
      pages.push(page.events.map(({ id, body }) => `${id} ${body.byteLength}`));
      if (!page.more) break;
      beforeSeq = page.more.seq;
    }
    expect(pages).toEqual([
      ["newest 10", `exact ${LISTED_BYTES_MAX - 10}`],
      [`large ${LISTED_BYTES_MAX + 1}`],
      ["small 10"],
    ]);
  });

  it("come page by page, each once; a page ends where it has looked at enough", () => {
    const f = new LogFixture();
    const events = Array.from({ length: SEARCH_ROWS_MAX + 500 }, (_, i) => f.event({ channel: i % 5_000 ? "a" : "b" }));
    f.appendAll(events);
    const found: number[] = [];
    let pages = 0;
    let beforeSeq: number | null = null;
    do {
      const page = listEvents(f.log, { ...ALL, channel: "b", beforeSeq });
      found.push(...page.events.map(({ seq }) => seq));
      beforeSeq = page.more?.seq ?? null;
      pages++;
    } while (beforeSeq !== null);
    expect(found).toEqual([20_001, 15_001, 10_001, 5_001, 1]);
    expect(pages).toBe(2);
  });
});

describe("an event", () => {
  it("is found by its id, whichever clock was ahead, and not once it is forgotten", () => {
    const f = new LogFixture();
    const ids = [-5_000, 0, 5_000].map((skewMs) => newEventId(f.nowMs + skewMs, HINT));
    for (let i = 0; i < 100; i++) f.append();
    for (const id of ids) f.append({ id }, { ...OPEN, retentionDays: 1 });
    for (let i = 0; i < 100; i++) f.append();
    for (const id of ids) expect(readEvent(f.log, id)).toMatchObject({ id, contentType: "application/json" });
    expect(readEvent(f.log, newEventId(f.nowMs, HINT))).toBeNull();
    expect(readEvent(f.log, newEventId(f.nowMs + DAY_MS, HINT))).toBeNull();
  });
});
