import { expect, it } from "vitest";
import { describeLease } from "../../../src/delivery/lease-line.ts";
import type { Wake } from "../../../src/domain/delivery.ts";
import { LogFixture, settlesOf } from "../../support/log-fixture.ts";

const WAKE: Wake = { v: 1, log: "topic/0", subscription: "s", slot: 0, token: "t" };
const traceparent = (digit: string): string => `00-${digit.repeat(32)}-b7ad6b7169203331-01`;

function leaseOf(keys: string[]) {
  const f = new LogFixture();
  f.subscribe();
  f.appendAll(keys.map((key) => f.event({ partitionKey: key, traceparent: traceparent(key) })));
  return f.lease();
}

it("says of a lease what was delivered, failed and left, and of what", () => {
  const lease = leaseOf(["a", "b", "c", "d"]);
  const { reports } = settlesOf(lease, { failing: ["=b", "=c"], untried: ["=d"], failure: { status: 503, ms: 9 } });
  expect(describeLease(WAKE, lease, reports, { stop: "asked", ms: 12 })).toMatchObject({
    ...{ what: "lease", log: "topic/0", subscription: "s", slot: 0, lease: 1, keys: 4, events: 4 },
    ...{ delivered: 1, failed: 2, untried: 1, failures: "503:2", stop: "asked", slowestMs: 9, ms: 12 },
    traceIds: ["b", "c", "a", "d"].map((digit) => digit.repeat(32)).join(" "),
  });
});

it("names failures that have no status by their kind", () => {
  const lease = leaseOf(["a"]);
  const { reports } = settlesOf(lease, { failing: ["=a"], failure: { status: 0, error: "timeout" } });
  expect(describeLease(WAKE, lease, reports, { stop: null, ms: 1 }).failures).toBe("timeout:1");
});

it("holds no payload, no endpoint, no answer of a receiver", () => {
  const lease = leaseOf(["a"]);
  const { reports } = settlesOf(lease, { failing: ["=a"], failure: { excerpt: "the receiver's words" } });
  const line = JSON.stringify(describeLease(WAKE, lease, reports, { stop: null, ms: 1 }));
  expect(line).not.toMatch(/receiver|hook|\{\}/);
});
