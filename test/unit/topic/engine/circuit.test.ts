import { describe, expect, it } from "vitest";
import { CIRCUIT_FAILING_MS_MIN } from "../../../../src/kernel/limits.ts";
import { LogFixture, settlesOf } from "../../../support/log-fixture.ts";

const circuitOf = (f: LogFixture) => f.log.subscriptions.get("s")?.health.circuit ?? null;

/** Everything that can be leased now fails; answers how many attempts that were. */
function failAll(f: LogFixture): number {
  let attempts = 0;
  for (const slot of [0, f.retrySlot]) {
    let answer = f.call({ slot, nonce: `${slot}`, ordinal: 1 });
    for (let ordinal = 2; answer.kind === "lease"; ordinal++) {
      const failing = answer.lease.items.map(({ key }) => key);
      attempts += failing.length;
      answer = f.call({ slot, nonce: `${slot}`, ordinal, settles: settlesOf(answer.lease, { failing }) });
    }
  }
  return attempts;
}

const RETRY = { initialSeconds: 5, multiplier: 2, maxDelaySeconds: 300, maxAttempts: null };

/** An endpoint that has failed long enough, with these keys. */
function sick(keys: string[]): LogFixture {
  const f = new LogFixture();
  f.subscribe({ retry: RETRY });
  f.appendKeys(keys);
  for (let i = 0; i < 30 && !circuitOf(f); i++) {
    failAll(f);
    f.nowMs += CIRCUIT_FAILING_MS_MIN / 2;
  }
  return f;
}

const KEYS = Array.from({ length: 30 }, (_, i) => `k${i}`);

describe("a circuit", () => {
  it("opens where nothing but failures came for a while, and is then tried with one event at a time", () => {
    const f = sick(KEYS);
    expect(circuitOf(f)).toMatchObject({ opens: 1 });
    for (let probes = 1; probes <= 5; probes++) {
      f.nowMs = Math.max(f.nowMs, circuitOf(f)?.untilMs ?? 0);
      expect(failAll(f)).toBe(1);
      expect(circuitOf(f)).toMatchObject({ opens: 1 + probes });
      expect(failAll(f)).toBe(0);
    }
    const delayMs = (circuitOf(f)?.untilMs ?? 0) - f.nowMs;
    expect(delayMs).toBe(30_000);
  });

  it("closes with the first event that is delivered, over a restart too", () => {
    const f = sick(KEYS);
    const before = circuitOf(f);
    f.restart();
    expect(circuitOf(f)).toEqual(before);
    f.nowMs = Math.max(f.nowMs, before?.untilMs ?? 0);
    const probe = f.lease({ slot: f.retrySlot, nonce: "r" });
    expect(probe.items).toHaveLength(1);
    expect(f.call({ nonce: "another" }).kind).toBe("done");
    f.call({ slot: f.retrySlot, nonce: "r", ordinal: 2, wantsMore: false, settles: settlesOf(probe) });
    expect(circuitOf(f)).toBeNull();
    expect(f.lease({ slot: f.retrySlot, nonce: "r2" }).items.length).toBeGreaterThan(0);
    f.restart();
    expect(circuitOf(f)).toBeNull();
  });

  it("is not opened by keys that fail alone, by what fails at first, or where something is delivered in between", () => {
    expect(circuitOf(sick(["a", "b"]))).toBeNull();
    const quick = new LogFixture();
    quick.subscribe({ retry: RETRY });
    quick.appendKeys(KEYS);
    failAll(quick);
    expect(circuitOf(quick)).toBeNull();
    const mixed = new LogFixture();
    mixed.subscribe({ retry: RETRY });
    for (let i = 0; i < 30; i++) {
      mixed.appendKeys([`${i}`, "good"]);
      const lease = mixed.lease({ nonce: `${i}` });
      const failing = lease.items.map(({ key }) => key).filter((key) => key !== "=good");
      mixed.call({ nonce: `${i}`, ordinal: 2, wantsMore: false, settles: settlesOf(lease, { failing }) });
      mixed.nowMs += CIRCUIT_FAILING_MS_MIN / 10;
    }
    expect(circuitOf(mixed)).toBeNull();
  });

  it("that nobody comes to probe is looked after by the alarm", async () => {
    const f = sick(KEYS);
    f.wakes.length = 0;
    for (let i = 0; i < 10; i++) f.fireAlarm();
    await f.flush();
    expect(f.wakes.length).toBeGreaterThan(0);
    expect(f.nowMs).toBeGreaterThanOrEqual(circuitOf(f)?.untilMs ?? 0);
  });
});
