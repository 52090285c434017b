import { describe, expect, it } from "vitest";
import type { KeyReport } from "../../../../src/domain/delivery.ts";
import type { SentQuery } from "../../../../src/domain/sent-events.ts";
import {
  ATTEMPT_CHARS_MAX,
  ATTEMPT_DAYS_KEPT,
  ATTEMPT_ROWS_MAX,
  ATTEMPT_ROWS_PER_ANSWER_MAX,
  DAY_MS,
  SENT_ATTEMPT_ROWS_MAX,
  SENT_LOOKED_AT_MAX,
} from "../../../../src/kernel/limits.ts";
import { putConsent, removeSubscription } from "../../../../src/topic/engine/controls.ts";
import { skipDelivery } from "../../../../src/topic/engine/delivery-controls.ts";
import { listSent } from "../../../../src/topic/queries/sent.ts";
import { NO_ATTEMPTS } from "../../../../src/topic/store/subscription.ts";
import { BY_CONSENT, LogFixture, settlesOf } from "../../../support/log-fixture.ts";

const ALL: SentQuery = {
  ...{ subscriptionId: "s", dataOwnerId: "o", fromMs: null, toMs: null, beforeSeq: null, limit: 100 },
};

function list(f: LogFixture, query: Partial<SentQuery> = {}) {
  const page = listSent(f.log, { ...ALL, ...query });
  if (!page) throw new Error("the log does not know the subscription");
  return page;
}

const statuses = (f: LogFixture): Record<string, string> =>
  Object.fromEntries(list(f).sent.map(({ eventId, status }) => [eventId, status]));

/** Settles all that can be leased now, but for the keys that fail. */
function deliver(f: LogFixture, failing: string[] = [], slot = 0): void {
  for (let answer = f.call({ slot }); answer.kind === "lease"; )
    answer = f.call({ slot, settles: settlesOf(answer.lease, { failing, failure: { atMs: f.nowMs } }) });
}

/** As a settled lease reports it: the delivery log has a row for each. */
const attemptOf = (seq: number): KeyReport => ({
  key: "=k",
  attempts: [
    {
      ...{ seq, atMs: 0, delivered: true, status: 200, ms: 1, error: null, excerpt: "" },
      ...{ retryAfterSeconds: null, gone: false },
    },
  ],
});

const grant = (f: LogFixture, dataOwnerId: string, version: number, granted = true): void =>
  void putConsent(f.log, { subscriptionId: "s", dataOwnerId, version, granted, expiresMs: null });

/** A subscription by consent, to which two owners have consented. */
function consented(): LogFixture {
  const f = new LogFixture();
  f.subscribe({}, "earliest", BY_CONSENT);
  for (const owner of ["o", "other"]) grant(f, owner, 1);
  return f;
}

describe("what a subscription was sent of a data owner", () => {
  it("is what was delivered, newest first, and nobody else's", () => {
    const f = consented();
    f.append({ id: "a", dataOwnerId: "o", partitionKey: "k", channel: "orders/1" }, BY_CONSENT);
    f.append({ id: "b", dataOwnerId: "other" }, BY_CONSENT);
    f.append({ id: "c", dataOwnerId: "o" }, BY_CONSENT);
    deliver(f);
    const shown = { acceptedMs: f.nowMs, status: "delivered", deliveredMs: 0 };
    expect(list(f)).toEqual({
      sent: [
        { seq: 3, eventId: "c", channel: "orders/created", ...shown },
        { seq: 1, eventId: "a", channel: "orders/1", ...shown },
      ],
      more: null,
    });
  });

  it("is nothing that waits for its first attempt, or was never its own", () => {
    const f = consented();
    f.append({ id: "a", dataOwnerId: "o", partitionKey: "k" }, BY_CONSENT);
    f.append({ id: "b", dataOwnerId: "o", partitionKey: "k" }, BY_CONSENT);
    f.append({ id: "else's", dataOwnerId: "o", subscriptionId: "another" }, { ...BY_CONSENT, isAddressed: false });
    expect(statuses(f)).toEqual({});
    deliver(f, ["=k"]);
    expect(statuses(f)).toEqual({ a: "failing" });
  });

  it("stays, and has stopped, where consent is withdrawn in between", () => {
    const f = consented();
    f.append({ id: "a", dataOwnerId: "o", partitionKey: "a" }, BY_CONSENT);
    f.append({ id: "b", dataOwnerId: "o", partitionKey: "b" }, BY_CONSENT);
    deliver(f, ["=b"]);
    grant(f, "o", 2, false);
    f.append({ id: "c", dataOwnerId: "o", partitionKey: "a" }, BY_CONSENT);
    f.nowMs += 60_000;
    deliver(f, [], f.retrySlot);
    expect(statuses(f)).toEqual({ a: "delivered", b: "stopped" });
  });

  it("has stopped where the subscriber skips it, and where the subscription is removed", () => {
    const f = new LogFixture();
    f.subscribe();
    f.append({ id: "a", dataOwnerId: "o", partitionKey: "a" });
    f.append({ id: "b", dataOwnerId: "o", partitionKey: "b" });
    deliver(f, ["=a", "=b"]);
    skipDelivery(f.log, "s", 1);
    expect(statuses(f)).toEqual({ a: "stopped", b: "failing" });
    removeSubscription(f.log, "s", 2);
    expect(statuses(f)).toEqual({ a: "stopped", b: "stopped" });
  });

  it("is delivered when an attempt after others has delivered it, whenever that was first", () => {
    const f = consented();
    f.append({ id: "a", dataOwnerId: "o", partitionKey: "a" }, BY_CONSENT);
    deliver(f, ["=a"]);
    f.nowMs += DAY_MS;
    deliver(f, [], f.retrySlot);
    expect(list(f).sent).toMatchObject([{ eventId: "a", status: "delivered", deliveredMs: 0 }]);
  });

  it("is nothing of before the subscription began, though it may have it now", () => {
    const f = new LogFixture();
    f.append({ id: "a", dataOwnerId: "o" });
    f.subscribe({}, "latest");
    f.append({ id: "b", dataOwnerId: "o" });
    deliver(f);
    f.nowMs += (ATTEMPT_DAYS_KEPT + 1) * DAY_MS;
    expect(statuses(f)).toEqual({ b: "delivered" });
  });

  it("is known when nobody knows its attempts any more, but not when it was delivered", () => {
    const f = new LogFixture();
    f.subscribe();
    f.append({ id: "a", dataOwnerId: "o" });
    deliver(f);
    f.nowMs += (ATTEMPT_DAYS_KEPT + 1) * DAY_MS;
    f.append({ id: "b", dataOwnerId: "o" });
    deliver(f);
    expect(list(f).sent).toMatchObject([
      { eventId: "b", status: "delivered", deliveredMs: 0 },
      { eventId: "a", status: "delivered", deliveredMs: null },
    ]);
  });

  it("comes page by page, from a time to a time", () => {
    const f = new LogFixture();
    f.subscribe();
    const startMs = f.nowMs;
    for (const id of ["a", "b", "c", "d"]) {
      f.append({ id, dataOwnerId: "o" });
      f.nowMs += 1_000;
    }
    deliver(f);
    const idsOf = (query: Partial<SentQuery>) => list(f, query).sent.map(({ eventId }) => eventId);
    expect(idsOf({ fromMs: startMs + 1_000, toMs: startMs + 3_000 })).toEqual(["c", "b"]);
    const first = list(f, { limit: 3 });
    expect(first.more).toEqual({ seq: 2, acceptedMs: startMs + 1_000 });
    expect(idsOf({ limit: 3, beforeSeq: first.more?.seq ?? 0 })).toEqual(["a"]);
  });

  it("is looked for no further than its first delivery", () => {
    const f = new LogFixture();
    f.subscribe();
    f.append({ id: "a", dataOwnerId: "o" });
    deliver(f);
    for (let i = 0; i < 500; i++) f.log.attempts.add("s", [attemptOf(2)], NO_ATTEMPTS, f.nowMs);
    const before = f.rowsRead;
    expect(statuses(f)).toEqual({ a: "delivered" });
    expect(f.rowsRead - before).toBeLessThan(200);
  });

  it("is found behind much else that was sent first, and stays when consent is withdrawn", () => {
    const f = consented();
    f.append({ id: "a", dataOwnerId: "o", partitionKey: "a" }, BY_CONSENT);
    f.append({ id: "b", dataOwnerId: "o", partitionKey: "b" }, BY_CONSENT);
    for (let i = 0; i < 2 * SENT_ATTEMPT_ROWS_MAX; i++) f.log.attempts.add("s", [attemptOf(9)], NO_ATTEMPTS, f.nowMs);
    deliver(f);
    const sent = { status: "delivered", deliveredMs: 0 };
    expect(list(f).sent).toMatchObject([sent, sent]);
    grant(f, "o", 2, false);
    expect(list(f).sent).toMatchObject([sent, sent]);
  });

  it("goes on however large a receiver makes what is kept of its attempts", () => {
    const f = new LogFixture();
    f.subscribe();
    for (const id of ["a", "b", "c"]) f.append({ id, dataOwnerId: "o", partitionKey: id });
    deliver(f, ["=a", "=b", "=c"]);
    const excerpt = "x".repeat(ATTEMPT_CHARS_MAX / 64);
    for (let i = 0; i < 30; i++) {
      const attempts = [1, 2, 3].map((seq) => ({ ...attemptOf(seq).attempts[0], delivered: false, excerpt }));
      f.log.attempts.add("s", [{ key: "", attempts } as KeyReport], NO_ATTEMPTS, f.nowMs);
    }
    const ids: string[] = [];
    for (let page = list(f), i = 0; i < 3; i++) {
      ids.push(...page.sent.map(({ eventId }) => eventId));
      page = list(f, { beforeSeq: page.more?.seq ?? 0 });
    }
    expect(ids).toEqual(["c", "b", "a"]);
  });

  it("is not known of who never subscribed", () => {
    expect(listSent(new LogFixture().log, ALL)).toBeNull();
  });

  it("costs a bounded look, however many events and attempts there are, and goes on where it has ended", () => {
    const f = new LogFixture();
    f.subscribe();
    f.subscribe({ id: "t" });
    const events = SENT_LOOKED_AT_MAX + 50;
    f.appendTogether(Array.from({ length: events }, () => f.event({ dataOwnerId: "o", subscriptionId: "t" })));
    for (let i = 0; i < 2 * SENT_ATTEMPT_ROWS_MAX + ATTEMPT_ROWS_MAX; i++)
      f.log.attempts.add("s", [attemptOf(events + 1)], NO_ATTEMPTS, f.nowMs);
    const before = f.rowsRead;
    const page = list(f);
    expect(page).toEqual({ sent: [], more: expect.objectContaining({ seq: expect.any(Number) }) });
    expect(f.rowsRead - before).toBeLessThan(
      ATTEMPT_ROWS_PER_ANSWER_MAX + ATTEMPT_ROWS_MAX + 2 * SENT_ATTEMPT_ROWS_MAX,
    );
    let [more, pages] = [page.more, 1];
    for (; more; pages++) more = list(f, { beforeSeq: more.seq }).more;
    expect(pages).toBe(3);
  });
});
