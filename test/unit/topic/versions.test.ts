import { describe, expect, it } from "vitest";
import { Wake } from "../../../src/domain/delivery.ts";
import { TopicConfig } from "../../../src/domain/topic.ts";
import { putTopic } from "../../../src/topic/engine/controls.ts";
import { runAlarm } from "../../../src/topic/engine/upkeep.ts";
import { measureHealth } from "../../../src/topic/queries/health.ts";
import { measureStatus } from "../../../src/topic/queries/status.ts";
import {
  readAppendOutcomes,
  readControlOutcome,
  readLeaseAnswer,
  readNewEvent,
  readStatus,
} from "../../../src/topic/versions.ts";
import { LogFixture, OPEN, seqsOf, settlesOf } from "../../support/log-fixture.ts";
import { AFTER_RECORDING_MS, recordedCalls, storedLog, VERSIONS } from "../../support/versions.ts";

const DAY_MS = 24 * 3600_000;
const NEWEST = VERSIONS.at(-1) ?? 0;

/** A log of an older version, opened by today's code after the leases of then have ended. */
const openOld = (version: number, file?: string): LogFixture =>
  new LogFixture({ stored: storedLog(version, file), nowMs: AFTER_RECORDING_MS });

function idOf(f: LogFixture, endpoint: string): string {
  const [row] = f.sql<{ id: string }>("SELECT id FROM subscription WHERE config LIKE ?", `%/${endpoint}"%`);
  if (!row) throw new Error(`nobody delivers to ${endpoint}`);
  return row.id;
}

/** Leases and delivers all that a subscription has, first what has failed. Answers the events, in their order. */
function deliverAll(f: LogFixture, subscription: string): Record<string, number[]> {
  const delivered: Record<string, number[]> = {};
  for (const slot of [f.retrySlot, 0]) {
    for (let answer = f.call({ subscription, slot }); answer.kind === "lease"; ) {
      for (const [key, seqs] of Object.entries(seqsOf(answer.lease)))
        delivered[key] = [...(delivered[key] ?? []), ...seqs];
      answer = f.call({ subscription, slot, settles: settlesOf(answer.lease) });
    }
  }
  return delivered;
}

const tablesOf = (f: LogFixture) =>
  f
    .sql<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '*_[0-9]*' ORDER BY name",
    )
    .map(({ name }) => [name, f.sql(`SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info('${name}')`)]);

const indexesOf = (f: LogFixture) =>
  f.sql("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name");

describe.each(VERSIONS)("a log that version %i has left", (version) => {
  it("owes what it owed: the key that was failing begins at its first event, in order", () => {
    const f = openOld(version);
    const good = idOf(f, "good");
    expect(measureStatus(f.log, good)).toMatchObject({ backlog: 3, blockedKeys: 1, dead: 0 });
    expect(deliverAll(f, good)).toEqual({ "=stuck": [2, 4, 6] });
    expect(measureStatus(f.log, good)).toMatchObject({ backlog: 0, blockedKeys: 0, dead: 0 });
  });

  it("keeps what is dead, and goes on with what is not", () => {
    const f = openOld(version);
    const bad = idOf(f, "bad");
    const { dead = 0, backlog = 0 } = measureStatus(f.log, bad) ?? {};
    expect(dead).toBeGreaterThanOrEqual(6);
    expect(dead + backlog).toBe(7);
    expect(Object.values(deliverAll(f, bad)).flat()).toHaveLength(backlog);
  });

  it("takes events behind those that it has, and knows the ones that come again", () => {
    const f = openOld(version);
    const [{ name = "" } = {}] = f.sql<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE name GLOB 'idempotency_*'",
    );
    const [first] = f.sql<{ key: string; event_id: string; body_digest: string }>(`SELECT * FROM ${name}`);
    if (!first) throw new Error("no publish had an idempotency key");
    const idempotency = { key: first.key, bodyDigest: first.body_digest };
    expect(f.append({ idempotency }, { ...OPEN, version: 9 })).toEqual({ kind: "accepted", eventId: first.event_id });
    f.append({ id: "new", partitionKey: "stuck" }, { ...OPEN, version: 9 });
    expect(deliverAll(f, idOf(f, "good"))).toEqual({ "=stuck": [2, 4, 6, 8] });
  });

  it("keeps its consents: no event of anybody else leaves", () => {
    const f = openOld(version, "log-by-consent.sql");
    const [{ data_owner_id: owner = "" } = {}] = f.sql<{ data_owner_id: string }>("SELECT data_owner_id FROM consent");
    const topic = { ...OPEN, access: "consent" as const, version: 9 };
    f.append({ partitionKey: "theirs", dataOwnerId: owner }, topic);
    f.append({ partitionKey: "others", dataOwnerId: "somebody else" }, topic);
    expect(Object.keys(deliverAll(f, idOf(f, "owned")))).toEqual(["=theirs"]);
  });

  it("tells of the attempts that it has noted, and of its backlog from now on", () => {
    const f = openOld(version);
    const day = { fromMs: Math.floor(f.nowMs / DAY_MS - 1) * DAY_MS, bucketMs: DAY_MS, buckets: 2 };
    const measure = () => measureHealth(f.log, { subscriptionId: idOf(f, "good"), ...day })?.buckets.at(-1);
    // Before version 6 nobody could read what was noted, and it went.
    const noted = version < 6 ? 0 : 8;
    expect(measure()).toMatchObject({ attempts: noted, failures: noted / 2, backlog: 3 });
    deliverAll(f, idOf(f, "good"));
    expect(measure()).toMatchObject({ attempts: noted + 3, failures: noted / 2, backlog: 0 });
  });

  it("ends up with the tables of a new log: a step that somebody has taken never changes", () => {
    const [old, fresh] = [openOld(version), new LogFixture()];
    expect(tablesOf(old)).toEqual(tablesOf(fresh));
    expect(indexesOf(old)).toEqual(indexesOf(fresh));
    const [{ name: events = "" } = {}] = old.sql<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE name GLOB 'event_*'",
    );
    fresh.append();
    const [{ name: today = "" } = {}] = fresh.sql<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE name GLOB 'event_*'",
    );
    const columns = (f: LogFixture, table: string) => f.sql(`SELECT name FROM pragma_table_info('${table}')`);
    expect(new Set(columns(old, events))).toEqual(new Set(columns(fresh, today)));
  });
});

describe.each(VERSIONS.filter((version) => version < NEWEST))(
  "a log whose API's settings were told by version %i",
  (version) => {
    it("forgets nothing before it is told for how long events are kept", () => {
      const f = openOld(version);
      deliverAll(f, idOf(f, "good"));
      deliverAll(f, idOf(f, "bad"));
      f.nowMs += 400 * DAY_MS;
      f.append({ id: "new" }, TopicConfig.parse({ ...recordedCalls(version).topic, version: 2 }));
      expect(f.alarmAtMs).not.toBeNaN();
      runAlarm(f.log);
      const [first] = f.sql<{ n: number }>("SELECT count(*) AS n FROM event_1");
      expect(first?.n).toBeGreaterThanOrEqual(7);
    });

    it("hears it from whoever knows, though the API has not changed since", () => {
      const f = openOld(version);
      putTopic(f.log, { ...OPEN, version: 2, retentionDays: 365 });
      expect(f.log.subscriptions.topic?.retentionDays).toBe(365);
      putTopic(f.log, TopicConfig.parse({ ...recordedCalls(version).topic, version: 2 }));
      expect(f.log.subscriptions.topic?.retentionDays).toBe(365);
    });
  },
);

describe.each(VERSIONS)("what version %i says", (version) => {
  const said = recordedCalls(version);

  it("as a caller is taken by today's log", () => {
    const f = new LogFixture();
    const topic = TopicConfig.parse(said.topic);
    f.subscribe({ ...said.subscription, filter: null, rateLimit: null, seek: null }, "earliest", topic);
    expect(f.appendAll([readNewEvent(said.event)], topic)).toEqual([{ kind: "accepted", eventId: "event-1" }]);
    const { id } = f.lease({ nonce: "nonce-1" });
    const settles = said.call.settles && { ...said.call.settles, leaseId: id };
    expect(f.call({ ...said.call, settles })).toEqual({ kind: "done" });
    expect(measureStatus(f.log, "s")?.backlog).toBe(0);
  });

  it("in a wake is served", () => {
    expect(Wake.parse(said.wake)).toEqual(said.wake);
  });

  it("as a log is understood by today's consumer", () => {
    const answer = readLeaseAnswer(said.lease);
    if (answer.kind !== "lease") throw new Error("no lease");
    const { target, items } = answer.lease;
    expect(target).toMatchObject({ structured: false, signature: null, endpoint: "https://receiver.test/hook" });
    const events = items.flatMap((item) => item.events);
    expect(events.length).toBeGreaterThan(0);
    for (const event of events)
      expect(event).toMatchObject({ cloudEvent: null, hops: 0, body: expect.any(Uint8Array) });
    expect(readLeaseAnswer(said.after)).toEqual(said.after);
    expect(readAppendOutcomes(said.outcome)).toEqual(said.outcome);
  });

  it("of a subscription is understood, with what it did not count as none", () => {
    const status = readStatus(said.status);
    expect(status).toMatchObject({ backlog: said.status.backlog, circuit: null, hour: { attempts: 2, failures: 1 } });
    expect(status.blocked).toEqual(said.status.blocked ?? []);
  });
});

describe("what a newer version says, and this one has never heard of,", () => {
  it("is no answer: the caller asks again", () => {
    expect(() => readLeaseAnswer({ kind: "delegated" } as never)).toThrow("delegated");
    expect(() => readAppendOutcomes([{ kind: "accepted", eventId: "e" }, { kind: "quarantined" }] as never)).toThrow();
    expect(() => readAppendOutcomes([{ kind: "constructor" }] as never)).toThrow();
    expect(() => readControlOutcome("later" as never)).toThrow("later");
  });

  it("beside what it knows does no harm", () => {
    const { lease } = recordedCalls(NEWEST);
    const target = { ...lease.lease.target, protocol: "h3" };
    expect(readLeaseAnswer({ ...lease, lease: { ...lease.lease, target, priority: 1 } } as never)).toMatchObject(lease);
  });
});
