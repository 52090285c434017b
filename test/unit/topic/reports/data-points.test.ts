import { describe, expect, it } from "vitest";
import { appendPoint, POINT_DOUBLES, settlePoint } from "../../../../src/topic/reports/data-points.ts";
import { LogFixture, settlesOf } from "../../../support/log-fixture.ts";

const OWNER = { log: "8a4f5b0e-9b5c-4d62-8b6e-3a0c2b1d4e5f/63", organizationId: "organization" };

/** The doubles of a point by their names. */
const namesOf = (kind: keyof typeof POINT_DOUBLES, { doubles = [] }: AnalyticsEngineDataPoint) =>
  Object.fromEntries(POINT_DOUBLES[kind].map((name, i) => [name, doubles[i]]));

describe("a data point", () => {
  it("says what a group commit came to", () => {
    const counts = { calls: 2, events: 5, accepted: 4, invalid: 1, bodyBytes: 99, retries: 3 };
    const ids = { refusals: "x:1", requestIds: "r", traceIds: "t", lastEventId: "e" };
    const point = appendPoint(OWNER, { ...counts, ...ids });
    expect(point).toMatchObject({ indexes: [OWNER.log], blobs: ["append", "organization", ""] });
    expect(namesOf("append", point)).toEqual(counts);
  });

  it("says what a settled lease came to", () => {
    const f = new LogFixture();
    f.subscribe();
    f.appendKeys(["a", "b", "c"]);
    const settles = settlesOf(f.lease(), { failing: ["=b"], failure: { ms: 40 } });
    const point = settlePoint(OWNER, "subscription", settles, 1);
    expect(point).toMatchObject({ indexes: [OWNER.log], blobs: ["settle", "organization", "subscription"] });
    expect(namesOf("settle", point)).toEqual({
      ...{ attempts: 3, delivered: 2, failed: 1, dead: 1, attemptMs: 42, slowestMs: 40 },
    });
  });

  it("keeps within what Analytics Engine takes: 20 doubles, an index of 96 bytes", () => {
    for (const names of Object.values(POINT_DOUBLES)) expect(names.length).toBeLessThanOrEqual(20);
    expect(new TextEncoder().encode(OWNER.log).length).toBeLessThanOrEqual(96);
  });

  it("keeps its columns where they are: what was written stays for three months", () => {
    expect(POINT_DOUBLES.append.slice(0, 6)).toEqual([
      "calls",
      "events",
      "accepted",
      "invalid",
      "bodyBytes",
      "retries",
    ]);
    expect(POINT_DOUBLES.settle.slice(0, 6)).toEqual([
      ...["attempts", "delivered", "failed", "dead", "attemptMs", "slowestMs"],
    ]);
  });
});
