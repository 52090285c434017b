import { describe, expect, it } from "vitest";
import { utf8Bytes } from "../../../../src/kernel/encoding.ts";
import {
  FILTER_APPEND_STEPS_MAX,
  FILTER_CALL_STEPS_MAX,
  FILTER_EVENT_STEPS_MAX,
  SCAN_ROWS_MAX,
  WAKE_COVER_MS,
} from "../../../../src/kernel/limits.ts";
import { measureStatus } from "../../../../src/topic/queries/status.ts";
import { FilteredEvent, Filters } from "../../../../src/topic/state/filters.ts";
import {
  countWakes,
  drain,
  NO_NUMBERS,
  NUMBERS,
  numbers,
  OPEN_ORDERS,
  ofData,
  order,
  orders,
  textOf,
} from "../../../support/filters.ts";
import { LogFixture, seqsOf, settlesOf, subscriptionOf } from "../../../support/log-fixture.ts";

describe("a wake", () => {
  it("is not sent for what does not pass, and no alarm is set", async () => {
    const f = new LogFixture();
    f.subscribe({ filter: OPEN_ORDERS });
    expect(await countWakes(f, () => f.append(order("closed")))).toBe(0);
    expect(f.workAlarmMs).toBeNull();
    expect(await countWakes(f, () => f.append(order("open")))).toBe(1);
    expect(f.workAlarmMs).not.toBeNull();
  });

  it("is not sent for what does not pass after a restart either", async () => {
    const f = new LogFixture();
    f.subscribe({ filter: OPEN_ORDERS });
    f.append(order("closed"));
    f.restart();
    expect(await countWakes(f, () => f.append(order("closed")))).toBe(0);
  });

  it("is sent for an event that nobody had time to check, and finds that it does not pass", async () => {
    const f = new LogFixture();
    f.subscribe({ filter: NUMBERS });
    const events = (count: number) => f.appendAll(Array.from({ length: count }, () => f.event({ body: NO_NUMBERS })));
    expect(await countWakes(f, () => events(1))).toBe(0);
    expect(await countWakes(f, () => events(20))).toBe(1);
    expect(drain(f).seqs).toEqual([]);
    expect(measureStatus(f.log, "s")).toMatchObject({ backlog: 0, backlogIsExact: true });
  });

  it("is sent to those whose filters nobody had time to ask, of many that look at one event", async () => {
    const f = new LogFixture();
    for (let n = 0; n < 20; n++) f.subscribe({ id: `s${n}`, filter: NUMBERS });
    await countWakes(f, () => f.append({ body: NO_NUMBERS }));
    expect(f.wakes.length).toBeGreaterThan(0);
    expect(f.wakes.length).toBeLessThan(20);
    expect(f.wakes.map(({ wake }) => wake.subscription)).toContain("s19");
  });

  it("is not sent for what does not pass while a failed event is tried again", async () => {
    const f = new LogFixture();
    f.subscribe({ filter: OPEN_ORDERS });
    f.append({ ...order("open"), partitionKey: "a" });
    const lease = f.lease({ nonce: "n", token: f.wakes[0]?.wake.token ?? "" });
    f.call({ nonce: "n", ordinal: 2, settles: settlesOf(lease, { failing: ["=a"] }), wantsMore: false });
    f.nowMs += WAKE_COVER_MS;
    f.lease({ slot: f.retrySlot });
    expect(await countWakes(f, () => f.append(order("closed")))).toBe(0);
  });

  it("is sent for an event that is too large to be read at an append", async () => {
    const f = new LogFixture();
    f.subscribe({ filter: OPEN_ORDERS });
    const body = numbers(FILTER_APPEND_STEPS_MAX);
    expect(await countWakes(f, () => f.append({ body }))).toBe(1);
    expect(drain(f).seqs).toEqual([]);
  });

  it("is waited for without asking the filter at each append", async () => {
    const f = new LogFixture();
    f.subscribe({ filter: textOf({ type: "of another version" }) });
    await f.flush();
    f.subscribe({ filter: null, version: 2 });
    f.append();
    f.subscribe({ filter: textOf({ type: "of another version" }), version: 3 });
    expect(await countWakes(f, () => f.append())).toBe(0);
    expect(f.log.filters.takeNotes()).toEqual([]);
    expect(drain(f).seqs).toEqual([]);
    expect(f.log.filters.takeNotes()).toHaveLength(1);
  });

  it("comes once in a while to who wants nothing, so that a restart finds little to look through", async () => {
    const f = new LogFixture();
    f.subscribe({ filter: OPEN_ORDERS });
    const closed = (count: number) => f.appendAll(Array.from({ length: count }, () => f.event(order("closed"))));
    for (let i = 0; i < 10; i++) expect(await countWakes(f, () => closed(SCAN_ROWS_MAX / 10))).toBe(0);
    expect(await countWakes(f, () => closed(1))).toBe(1);
    expect(f.call({ token: f.wakes[0]?.wake.token ?? "" }).kind).toBe("done");
    f.restart();
    const before = f.rowsRead;
    f.append(order("open"));
    expect(drain(f).seqs).toEqual([SCAN_ROWS_MAX + 2]);
    expect(f.rowsRead - before).toBeLessThan(20);
  });
});

describe("a costly filter", () => {
  it("makes a call stop where its budget ends: nothing is skipped, nothing comes unchecked", () => {
    const f = new LogFixture();
    f.subscribe({ filter: NUMBERS });
    for (let i = 0; i < 40; i++)
      f.append({ partitionKey: i % 8 < 4 ? `k${i % 4}` : null, body: i % 2 === 0 ? numbers(20_000) : NO_NUMBERS });
    const { seqs, leases } = drain(f);
    expect(seqs.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => 2 * i + 1));
    expect(leases).toBeGreaterThan(2);
    expect(measureStatus(f.log, "s")).toMatchObject({ backlog: 0, backlogIsExact: true });
  });

  it("keeps the order of a key whose events are looked at in several calls", () => {
    const f = new LogFixture();
    f.subscribe({ filter: NUMBERS });
    for (let i = 0; i < 20; i++) f.append({ partitionKey: "a", body: numbers(20_000) });
    const failing = f.lease({ nonce: "n" });
    f.call({ nonce: "n", ordinal: 2, settles: settlesOf(failing, { failing: ["=a"] }), wantsMore: false });
    const seqs: number[] = [];
    for (let call = 0; seqs.length < 20 && call < 40; call++) {
      f.nowMs += 60_000;
      const slot = call % 2 === 0 ? f.retrySlot : 0;
      const answer = f.call({ nonce: "n", slot });
      if (answer.kind !== "lease") continue;
      seqs.push(...(seqsOf(answer.lease)["=a"] ?? []));
      f.call({ nonce: "n", slot, ordinal: 2, settles: settlesOf(answer.lease), wantsMore: false });
    }
    expect(seqs).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it("says that its backlog is at least what it had time to count", () => {
    const f = new LogFixture();
    f.subscribe({ filter: NUMBERS, active: false });
    for (let i = 0; i < 40; i++) f.append({ body: numbers(20_000) });
    const status = measureStatus(f.log, "s");
    expect(status?.backlogIsExact).toBe(false);
    expect(status?.backlog).toBeGreaterThan(0);
    expect(status?.backlog).toBeLessThan(40);
  });

  it("refuses an event that costs more than one may, says so, and goes on with the next of its key", () => {
    const f = new LogFixture();
    f.subscribe({ filter: NUMBERS });
    for (const count of [1, FILTER_EVENT_STEPS_MAX, 2]) f.append({ partitionKey: "a", body: numbers(count) });
    expect(drain(f).seqs).toEqual([1, 3]);
    expect(measureStatus(f.log, "s")).toMatchObject({ backlog: 0 });
    expect(f.log.filters.takeNotes()).toEqual([{ subscription: "s", exhausted: expect.any(Number), isBroken: false }]);
    expect(f.log.filters.takeNotes()).toEqual([]);
  });

  it("is no burden to others: a pattern that backtracks, references that double at each of thirty levels", () => {
    const doubling = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [
        `d${i}`,
        { allOf: [1, 2].map(() => ({ $ref: `#/definitions/d${i + 1}` })) },
      ]),
    );
    const f = new LogFixture();
    f.subscribe({ id: "backtracks", filter: ofData({ pattern: "^(a+)+$" }) });
    const deep = {
      properties: { data: { $ref: "#/definitions/d0" } },
      definitions: { ...doubling, d30: { type: "string" } },
    };
    f.subscribe({ id: "doubles", filter: textOf(deep) });
    f.subscribe({ filter: ofData({ type: "string" }) });
    for (let i = 0; i < 3; i++) f.append({ body: utf8Bytes(textOf(`${"a".repeat(5_000)}!`)) });
    expect(drain(f).seqs).toEqual([1, 2, 3]);
    expect(f.call({ subscription: "backtracks" }).kind).toBe("done");
    for (let call = 0; call < 3; call++) f.call({ subscription: "doubles" });
    expect(f.call({ subscription: "doubles" }).kind).toBe("done");
    expect(f.log.filters.takeNotes().map(({ subscription }) => subscription)).toEqual(["doubles"]);
  });
});

describe("an event", () => {
  it("is read and parsed once for all filters that look at it", () => {
    let reads = 0;
    const fields = { channel: "c", partitionKey: null, dataOwnerId: null, body: numbers(1_000) };
    const event = new FilteredEvent({ bytes: fields.body.byteLength }, () => {
      reads++;
      return fields;
    });
    const filters = new Filters();
    const budget = { filterSteps: FILTER_CALL_STEPS_MAX };
    const answers = [OPEN_ORDERS, NUMBERS, null].map((filter, n) =>
      filters.passes(subscriptionOf({ id: `s${n}`, filter }), event, budget),
    );
    expect(answers).toEqual(["no", "yes", "yes"]);
    expect(reads).toBe(1);
    expect(filters.passes(subscriptionOf({ id: "s", filter: NUMBERS }), event, { filterSteps: 0 })).toBe("unknown");
  });
});

describe("a filter that the log cannot compile", () => {
  it.each([textOf({ type: "of another version" }), "{"])(
    "lets nothing through, says so once, and holds nobody up: %s",
    (filter) => {
      const f = new LogFixture();
      f.subscribe({ filter });
      f.subscribe({ id: "all" });
      for (let i = 0; i < 3; i++) f.append({ partitionKey: "a" });
      expect(drain(f).seqs).toEqual([]);
      expect(f.log.filters.takeNotes()).toEqual([{ subscription: "s", exhausted: 0, isBroken: true }]);
      f.append({ partitionKey: "a" });
      expect(f.log.filters.takeNotes()).toEqual([]);
      expect(seqsOf(f.lease({ subscription: "all" }))).toEqual({ "=a": [1, 2, 3, 4] });
    },
  );
});

describe("thousands of subscriptions, each with a filter of its own", () => {
  it("are not woken for what only one of them wants, once each filter has been read", async () => {
    const f = new LogFixture();
    for (let i = 0; i < 2_000; i++) f.subscribe({ id: `store-${i}`, filter: orders(`store-${i}`) });
    const publish = () => countWakes(f, () => void f.append(order("store-7")));
    for (let i = 0; i < 3; i++) await publish();
    f.nowMs += 2 * WAKE_COVER_MS;
    expect(await publish()).toBe(1);
  });
});
