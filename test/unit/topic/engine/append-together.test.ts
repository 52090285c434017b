import { describe, expect, it } from "vitest";
import type { PublishLimit } from "../../../../src/domain/publish-limit.ts";
import { PUBLISHER_BUCKETS_MAX } from "../../../../src/kernel/limits.ts";
import { appendEvents } from "../../../../src/topic/engine/append.ts";
import { BY_CONSENT, LogFixture, OPEN } from "../../../support/log-fixture.ts";

const idsOf = (f: LogFixture): string[] =>
  f.sql<{ id: string }>("SELECT id FROM event_1 ORDER BY seq").map(({ id }) => id);
const keyed = (id: string, key: string, bodyDigest = "x") => ({ id, idempotency: { key, bodyDigest } });

describe("the events of one call", () => {
  it("are stored together, in their order", () => {
    const f = new LogFixture();
    expect(f.appendTogether([f.event({ id: "a" }), f.event({ id: "b" })])).toEqual([
      { kind: "accepted", eventId: "a" },
      { kind: "accepted", eventId: "b" },
    ]);
    expect(idsOf(f)).toEqual(["a", "b"]);
  });

  it("are not stored where one of them is refused, whatever the reason, and leave no idempotency key behind", () => {
    const f = new LogFixture();
    f.append(keyed("first", "k"));
    const good = () => f.event(keyed("good", "of-good"));
    const refused = [
      f.event(keyed("conflict", "k", "y")),
      f.event({ invalid: "refused" }),
      f.event({ subscriptionId: "no" }),
    ];
    for (const bad of refused) {
      const kinds = f.appendTogether([good(), bad, good()]).map(({ kind }) => kind);
      expect(kinds[0]).toBe("companion_refused");
      expect(["idempotency_conflict", "message_invalid", "subscription_not_found"]).toContain(kinds[1]);
      expect(kinds[2]).toBe("companion_refused");
    }
    const ownerless = f.appendTogether([f.event({ dataOwnerId: "owner" }), f.event()], null, {
      ...BY_CONSENT,
      version: 2,
    });
    expect(ownerless.map(({ kind }) => kind)).toEqual(["companion_refused", "data_owner_required"]);
    expect(idsOf(f)).toEqual(["first"]);
    expect(
      f.append({ ...keyed("good", "of-good", "z"), dataOwnerId: "owner" }, { ...BY_CONSENT, version: 2 }).kind,
    ).toBe("accepted");
  });

  it("that was accepted before is answered as then, and only the others are stored", () => {
    const f = new LogFixture();
    f.append(keyed("first", "k1"));
    const outcomes = f.appendTogether([f.event(keyed("again", "k1")), f.event(keyed("second", "k2"))]);
    expect(outcomes.map((outcome) => outcome.kind === "accepted" && outcome.eventId)).toEqual(["first", "second"]);
    expect(idsOf(f)).toEqual(["first", "second"]);
  });

  it("that is there twice is stored once; with another body the second time, nothing is", () => {
    const f = new LogFixture();
    const twice = f.appendTogether([f.event(keyed("a", "k")), f.event(keyed("b", "k"))]);
    expect(twice.map((outcome) => outcome.kind === "accepted" && outcome.eventId)).toEqual(["a", "a"]);
    const unlike = f.appendTogether([f.event(keyed("c", "l", "x")), f.event(keyed("d", "l", "y"))]);
    expect(unlike.map(({ kind }) => kind)).toEqual(["companion_refused", "idempotency_conflict"]);
    expect(idsOf(f)).toEqual(["a"]);
  });

  it("fail together when the disk does, and not with other calls' events", () => {
    const f = new LogFixture();
    const broken = f.event({ body: {} as Uint8Array });
    const calls = [
      [f.event({ id: "a" })],
      [f.event({ id: "b" }), broken],
      [f.event({ id: "c" }), f.event({ id: "d" })],
    ];
    const appends = calls.map((events) => ({ events, topicVersion: 1, isRetry: false, limit: null }));
    const kinds = appendEvents(f.log, OPEN, appends).map((outcomes) => outcomes.map(({ kind }) => kind));
    expect(kinds).toEqual([["accepted"], ["failed", "failed"], ["accepted", "accepted"]]);
    expect(idsOf(f)).toEqual(["a", "c", "d"]);
  });

  it("are answered as before when their answer was lost", () => {
    const f = new LogFixture();
    const events = [f.event(), f.event()];
    const first = f.appendTogether(events);
    f.restart();
    expect(appendEvents(f.log, OPEN, [{ events, topicVersion: 1, isRetry: true, limit: null }])).toEqual([first]);
    expect(idsOf(f)).toHaveLength(2);
  });
});

describe("a publisher's rate", () => {
  const limit: PublishLimit = { clientId: "publisher", rate: { perSecond: 2, burst: 3 } };
  const publish = (f: LogFixture, events = 1, by = limit) =>
    f.appendTogether(
      Array.from({ length: events }, () => f.event()),
      by,
    )[0];

  it("lets a burst through and then so many a second, and says what is left", () => {
    const f = new LogFixture();
    expect(publish(f)).toMatchObject({ kind: "accepted", quota: { remaining: 2, resetSeconds: 1 } });
    publish(f);
    expect(publish(f)).toMatchObject({ kind: "accepted", quota: { remaining: 0, resetSeconds: 2 } });
    expect(publish(f)).toEqual({ kind: "rate_limited", waitSeconds: 1 });
    f.nowMs += 500;
    expect(publish(f)?.kind).toBe("accepted");
    expect(publish(f)?.kind).toBe("rate_limited");
    expect(idsOf(f)).toHaveLength(4);
    f.nowMs += 3600_000;
    expect(publish(f)).toMatchObject({ quota: { remaining: 2 } });
  });

  it("is each publisher's own", () => {
    const f = new LogFixture();
    for (let i = 0; i < 4; i++) publish(f);
    expect(publish(f, 1, { ...limit, clientId: "another" })?.kind).toBe("accepted");
  });

  it("counts neither repeats nor what is refused", () => {
    const f = new LogFixture();
    const first = f.event(keyed("first", "k"));
    f.appendTogether([first], limit);
    for (let i = 0; i < 10; i++) f.appendTogether([f.event({ invalid: "refused" })], limit);
    publish(f, 2);
    expect(publish(f)?.kind).toBe("rate_limited");
    expect(f.appendTogether([f.event(keyed("again", "k"))], limit)).toEqual([
      { kind: "accepted", eventId: "first", quota: { remaining: 0, resetSeconds: 2 } },
    ]);
  });

  it("takes all events of a call or none, and lets more than a burst go when the bucket is full", () => {
    const f = new LogFixture();
    publish(f, 2);
    expect(publish(f, 2)).toEqual({ kind: "rate_limited", waitSeconds: 1 });
    expect(idsOf(f)).toHaveLength(2);
    f.nowMs += 1000;
    expect(publish(f, 10)).toMatchObject({ kind: "accepted", quota: { remaining: 0, resetSeconds: 5 } });
    f.nowMs += 3500;
    expect(publish(f)?.kind).toBe("rate_limited");
    f.nowMs += 500;
    expect(publish(f)?.kind).toBe("accepted");
  });

  it("is not used up by what the disk did not take", () => {
    const f = new LogFixture();
    f.failingStatement = /INSERT INTO event/;
    for (let i = 0; i < 5; i++) expect(publish(f, 3)?.kind).toBe("failed");
    f.failingStatement = null;
    expect(publish(f, 3)?.kind).toBe("accepted");
  });

  it("survives a clock that goes back, and is forgotten by a restart", () => {
    const f = new LogFixture();
    publish(f, 3);
    f.nowMs -= 60_000;
    expect(publish(f)?.kind).toBe("rate_limited");
    f.restart();
    expect(publish(f)?.kind).toBe("accepted");
  });

  it("is remembered for so many publishers, those that tried last", () => {
    const f = new LogFixture();
    const early = { ...limit, clientId: "early" };
    publish(f, 3, early);
    publish(f, 3);
    expect(publish(f, 1, early)?.kind).toBe("rate_limited");
    for (let i = 1; i < PUBLISHER_BUCKETS_MAX; i++) publish(f, 1, { ...limit, clientId: `c${i}` });
    expect(publish(f, 1, early)?.kind).toBe("rate_limited");
    expect(publish(f)?.kind).toBe("accepted");
  });
});
