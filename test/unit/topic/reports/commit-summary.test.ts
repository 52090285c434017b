import { describe, expect, it } from "vitest";
import type { AppendOutcome } from "../../../../src/domain/append-outcome.ts";
import type { NewEvent } from "../../../../src/domain/event.ts";
import { LOGGED_IDS_MAX } from "../../../../src/kernel/limits.ts";
import type { Append } from "../../../../src/topic/engine/append.ts";
import { summarizeCommit } from "../../../../src/topic/reports/commit-summary.ts";
import { LogFixture } from "../../../support/log-fixture.ts";

const f = new LogFixture();
const TRACE = "0af7651916cd43dd8448eb211c80319c";

const append = (events: Partial<NewEvent>[], isRetry = false): Append => ({
  ...{ events: events.map((event) => f.event(event)), topicVersion: 1, isRetry, limit: null },
});
const accepted = (eventId = ""): AppendOutcome => ({ kind: "accepted", eventId });

describe("the summary of a group commit", () => {
  it("counts its calls, and its events by what became of them", () => {
    const appends = [append([{}, { invalid: "marked" }]), append([{}], true), append([{}]), append([{}])];
    const limited: AppendOutcome = { kind: "rate_limited", waitSeconds: 1 };
    const outcomes = [[accepted(), accepted()], [accepted()], [limited], [{ kind: "topic_changed" } as const]];
    expect(summarizeCommit(appends, outcomes)).toMatchObject({
      ...{ calls: 4, events: 5, accepted: 3, invalid: 1, bodyBytes: 6, retries: 1 },
      refusals: "rate_limited:1 topic_changed:1",
      lastEventId: appends[3]?.events[0]?.id,
    });
  });

  it("names the requests and traces of its events, each once", () => {
    const traceparent = `00-${TRACE}-b7ad6b7169203331-01`;
    const appends = [
      append([
        { requestId: "r1", traceparent },
        { requestId: "r1", traceparent },
      ]),
      append([{ requestId: "r2" }]),
    ];
    expect(summarizeCommit(appends, [[accepted(), accepted()], [accepted()]])).toMatchObject({
      requestIds: "r1 r2",
      traceIds: TRACE,
    });
  });

  it("says nothing of what there is not", () => {
    const summary = summarizeCommit([append([{}])], [[accepted()]]);
    expect(JSON.parse(JSON.stringify(summary))).not.toHaveProperty("traceIds");
    expect(JSON.parse(JSON.stringify(summary))).not.toHaveProperty("refusals");
  });

  it("is of bounded size, however much is committed at once", () => {
    const many = Array.from({ length: 500 }, () => append([{ requestId: crypto.randomUUID() }]));
    const { requestIds } = summarizeCommit(
      many,
      many.map(() => [accepted()]),
    );
    expect(requestIds?.split(" ")).toHaveLength(LOGGED_IDS_MAX);
  });
});
