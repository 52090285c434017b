import { describe, expect, it } from "vitest";
import { retryDead, retryDelivery, skipDelivery } from "../../../../src/topic/engine/delivery-controls.ts";
import { measureStatus } from "../../../../src/topic/queries/status.ts";
import { BY_CONSENT, LogFixture, seqsOf, settlesOf } from "../../../support/log-fixture.ts";

const ALL = { fromMs: null, toMs: null, channel: null };
const ONCE = { initialSeconds: 1, multiplier: 2, maxDelaySeconds: 300, maxAttempts: 1 };

/** A log in which the first event of each of these keys has failed. */
function withFailing(keys: string[], retry = { ...ONCE, maxAttempts: null as number | null }): LogFixture {
  const f = new LogFixture({ parallelConsumers: 2 });
  f.subscribe({ retry });
  f.appendKeys(keys);
  const lease = f.lease({ nonce: "n" });
  const failing = [...new Set(keys)].map((key) => `=${key}`);
  f.call({ nonce: "n", ordinal: 2, wantsMore: false, settles: settlesOf(lease, { failing }) });
  return f;
}

/** What all seats take until there is no more, everything delivered. */
function takeAll(f: LogFixture): number[] {
  const seqs: number[] = [];
  for (const slot of [0, f.retrySlot]) {
    let answer = f.call({ slot, nonce: `${slot}`, ordinal: 1 });
    for (let ordinal = 2; answer.kind === "lease"; ordinal++) {
      seqs.push(...Object.values(seqsOf(answer.lease)).flat());
      answer = f.call({ slot, nonce: `${slot}`, ordinal, settles: settlesOf(answer.lease) });
    }
  }
  return seqs;
}

describe("a retry", () => {
  it("lets a failing event go at once, and leaves those behind it where they are", () => {
    const f = withFailing(["a", "a"]);
    expect(f.call({ slot: f.retrySlot }).kind).toBe("done");
    expect(retryDelivery(f.log, "s", 2)).toBe("conflict");
    expect(retryDelivery(f.log, "s", 1)).toBe("done");
    expect(seqsOf(f.lease({ slot: f.retrySlot }))).toEqual({ "=a": [1, 2] });
  });

  it("is refused while the event is attempted, and where it was delivered or is not there", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a"]);
    const lease = f.lease({ nonce: "n" });
    expect(retryDelivery(f.log, "s", 1)).toBe("attempting");
    f.call({ nonce: "n", ordinal: 2, settles: settlesOf(lease) });
    expect(retryDelivery(f.log, "s", 1)).toBe("conflict");
    expect(retryDelivery(f.log, "s", 9)).toBe("not_found");
    expect(retryDelivery(f.log, "another", 1)).toBe("not_found");
  });

  it("does not tell an event that the subscription may not have from one that is not there", () => {
    const f = new LogFixture();
    f.subscribe({}, "earliest", BY_CONSENT);
    f.append({ dataOwnerId: "another" }, BY_CONSENT);
    expect(retryDelivery(f.log, "s", 1)).toBe("not_found");
    expect(skipDelivery(f.log, "s", 1)).toBe("not_found");
  });

  it.each([["dead"], ["skipped"]])("brings back what is %s, alone, though its key has gone on", (kind) => {
    const f = withFailing(["a", "a", "a"], { ...ONCE, maxAttempts: kind === "dead" ? 1 : null });
    if (kind === "skipped") skipDelivery(f.log, "s", 1);
    expect(takeAll(f)).toEqual([2, 3]);
    expect(retryDelivery(f.log, "s", 1)).toBe("done");
    expect(measureStatus(f.log, "s")).toMatchObject({ backlog: 1, dead: 0 });
    f.restart();
    expect(takeAll(f)).toEqual([1]);
    expect(takeAll(f)).toEqual([]);
    expect(measureStatus(f.log, "s")).toMatchObject({ backlog: 0, dead: 0 });
  });

  it("of what is still to come in its key's order sends it once, in that order", () => {
    const f = withFailing(["a", "a", "a"]);
    expect(skipDelivery(f.log, "s", 2)).toBe("done");
    expect(retryDelivery(f.log, "s", 2)).toBe("done");
    retryDelivery(f.log, "s", 1);
    expect(takeAll(f)).toEqual([1, 2, 3]);
  });

  it("of the event that its key's head stands at, as no search came further, sends it once", () => {
    const f = withFailing(["a", "a", "a"]);
    const failing = f.log.lanes.get({ id: "s", epoch: 1 }, "=a");
    skipDelivery(f.log, "s", 1);
    f.log.lanes.set({ id: "s", epoch: 1 }, { key: "=a", headSeq: 1, attempt: 0, dueMs: f.nowMs });
    expect(failing?.headSeq).toBe(1);
    expect(retryDelivery(f.log, "s", 1)).toBe("done");
    expect(takeAll(f)).toEqual([1, 2, 3]);
  });

  it("that fails is tried again by its own schedule, and holds up nobody of its key", () => {
    const f = withFailing(["a"], ONCE);
    f.subscribe({ version: 2 });
    retryDelivery(f.log, "s", 1);
    f.appendKeys(["a"]);
    const lease = f.lease({ nonce: "n" });
    expect(seqsOf(lease)).toEqual({ "#1": [1] });
    f.call({ nonce: "n", ordinal: 2, wantsMore: false, settles: settlesOf(lease, { failing: ["#1"] }) });
    f.appendKeys(["a"]);
    expect(takeAll(f)).toEqual([2, 3]);
    f.nowMs += 10_000;
    expect(takeAll(f)).toEqual([1]);
  });

  it("that a seek overtakes leaves the event to its key's order", () => {
    const f = withFailing(["a", "a"], ONCE);
    expect(takeAll(f)).toEqual([2]);
    retryDelivery(f.log, "s", 1);
    const lease = f.lease({ nonce: "n" });
    expect(seqsOf(lease)).toEqual({ "#1": [1] });
    f.seek(0);
    const another = f.lease({ slot: 1, nonce: "m" });
    expect(seqsOf(another)).toEqual({ "=a": [1, 2] });
    f.call({ slot: 1, nonce: "m", ordinal: 2, wantsMore: false, settles: settlesOf(another) });
    f.call({ nonce: "n", ordinal: 2, wantsMore: false, settles: settlesOf(lease) });
    expect(takeAll(f)).toEqual([]);
  });
});

describe("a skip", () => {
  it("frees its key at once", () => {
    const f = withFailing(["a", "a"]);
    expect(skipDelivery(f.log, "s", 1)).toBe("done");
    expect(seqsOf(f.lease())).toEqual({ "=a": [2] });
  });

  it("takes out what waits, behind a failing event and after the cursor too", () => {
    const f = withFailing(["a", "a"]);
    f.subscribe({ version: 2, active: false });
    f.appendKeys(["b"]);
    expect(skipDelivery(f.log, "s", 2)).toBe("done");
    expect(skipDelivery(f.log, "s", 3)).toBe("done");
    expect(measureStatus(f.log, "s")).toMatchObject({ backlog: 1 });
    f.subscribe({ version: 3 });
    f.nowMs += 10_000;
    expect(takeAll(f)).toEqual([1]);
  });

  it("is refused while the event is attempted, and once it is done or closed", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a"]);
    const lease = f.lease({ nonce: "n" });
    expect(skipDelivery(f.log, "s", 1)).toBe("attempting");
    f.call({ nonce: "n", ordinal: 2, settles: settlesOf(lease) });
    expect(skipDelivery(f.log, "s", 1)).toBe("conflict");
    const g = withFailing(["a"], ONCE);
    expect(skipDelivery(g.log, "s", 1)).toBe("conflict");
  });
});

describe("retrying all that is dead", () => {
  it("brings it back, the oldest first, within the times and the channel that are asked for", () => {
    const f = new LogFixture();
    f.subscribe({ retry: ONCE });
    const startMs = f.nowMs;
    for (const channel of ["one", "two", "one"]) {
      f.append({ channel });
      f.nowMs += 1000;
    }
    const lease = f.lease({ nonce: "n" });
    f.call({ nonce: "n", ordinal: 2, settles: settlesOf(lease, { failing: ["#1", "#2", "#3"] }) });
    expect(measureStatus(f.log, "s")).toMatchObject({ dead: 3 });
    expect(retryDead(f.log, "s", { ...ALL, toMs: startMs })).toEqual({ retried: 0, remaining: 0 });
    expect(retryDead(f.log, "s", { ...ALL, channel: "one", fromMs: startMs + 1 })).toEqual({
      retried: 1,
      remaining: 0,
    });
    expect(takeAll(f)).toEqual([3]);
    expect(retryDead(f.log, "s", ALL)).toEqual({ retried: 2, remaining: 0 });
    expect(takeAll(f)).toEqual([1, 2]);
    expect(retryDead(f.log, "another", ALL)).toBeNull();
  });

  it("goes step by step, and says how much is left", () => {
    const f = new LogFixture();
    f.subscribe({ retry: ONCE });
    f.appendKeys(Array.from({ length: 1_500 }, () => null));
    let answer = f.call({ nonce: "n", ordinal: 1 });
    for (let ordinal = 2; answer.kind === "lease"; ordinal++) {
      const failing = answer.lease.items.map(({ key }) => key);
      answer = f.call({ nonce: "n", ordinal, settles: settlesOf(answer.lease, { failing }) });
    }
    expect(retryDead(f.log, "s", ALL)).toEqual({ retried: 1_000, remaining: 500 });
    expect(retryDead(f.log, "s", ALL)).toEqual({ retried: 500, remaining: 0 });
    expect(measureStatus(f.log, "s")).toMatchObject({ backlog: 1_500, dead: 0 });
  });
});
