import { expect, it } from "vitest";
import { LogFixture, settlesOf, subscriptionOf } from "../../../support/log-fixture.ts";

function limited(): LogFixture {
  const f = new LogFixture({ parallelConsumers: 2 });
  const { target } = subscriptionOf({ id: "s" });
  f.subscribe({ target: target && { ...target, maxInFlight: 3 } });
  return f;
}

it("a bound on attempts in flight lets one consumer work at a time, and tells it the bound", () => {
  const f = limited();
  f.appendKeys(["a", "b", "c"]);
  const lease = f.lease({ nonce: "n" });
  expect(lease.target.maxInFlight).toBe(3);
  f.appendKeys(["d"]);
  expect(f.call({ slot: 1 })).toEqual({ kind: "done" });
  f.call({ nonce: "n", ordinal: 2, settles: settlesOf(lease), wantsMore: false });
  expect(f.call({ slot: 1 }).kind).toBe("lease");
});

it("whoever was sent away is woken again: for what is fresh, and for what is to be retried", async () => {
  const f = limited();
  f.appendKeys(["a"]);
  f.call({ settles: settlesOf(f.lease(), { failing: ["=a"] }) });
  await f.flush();
  const token = f.wakes.find(({ queue }) => queue === "retry")?.wake.token ?? "";
  f.nowMs += 5_000;
  f.appendKeys(["b"]);
  const lease = f.lease({ nonce: "n" });
  expect(f.call({ slot: f.retrySlot, token })).toEqual({ kind: "done" });
  await f.flush();
  f.wakes.length = 0;
  f.call({ nonce: "n", ordinal: 2, settles: settlesOf(lease), canReturn: false });
  await f.flush();
  expect(f.wakes.map(({ queue }) => queue)).toEqual(["retry"]);
  expect(f.call({ slot: f.retrySlot }).kind).toBe("lease");
});
