import { describe, expect, it } from "vitest";
import type { TailCall, TailPage } from "../../../../src/domain/tail.ts";
import { EVENT_BODY_BYTES_MAX, FEED_PAGE_VALID_MS, SCAN_ROWS_MAX } from "../../../../src/kernel/limits.ts";
import { putConsent } from "../../../../src/topic/engine/controls.ts";
import { readFeed } from "../../../../src/topic/feed/read-feed.ts";
import { readTail } from "../../../../src/topic/feed/read-tail.ts";
import { BY_CONSENT, LogFixture } from "../../../support/log-fixture.ts";

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

const read = (fixture: LogFixture, call: Partial<TailCall> = {}): TailPage =>
  readTail(fixture.log, {
    ...{ subscription: "s", before: null, lastOf: "key", channels: null, eventsMax: 200 },
    ...call,
  });

const seqsOf = ({ events }: TailPage): number[] => events.map(({ seq }) => seq);

/** Where `status` is the only value that it takes: a filter that is seen at a glance to let an event through or not. */
const onlyStatus = (status: string): string =>
  JSON.stringify({ properties: { data: { properties: { status: { enum: [status] } }, required: ["status"] } } });

function subscribed(fields: Parameters<LogFixture["subscribe"]>[0] = {}): LogFixture {
  const fixture = new LogFixture();
  fixture.subscribe(fields);
  return fixture;
}

function byConsent(...owners: string[]): LogFixture {
  const fixture = new LogFixture();
  fixture.subscribe({}, "earliest", BY_CONSENT);
  for (const owner of owners) consent(fixture, owner, 1);
  return fixture;
}

const consent = (fixture: LogFixture, dataOwnerId: string, version: number, granted = true): boolean =>
  putConsent(fixture.log, { subscriptionId: "s", dataOwnerId, version, granted, expiresMs: null });

describe("reading from the end of a log", () => {
  it("gives the last event of each key, the newest first, and none of those without a key", () => {
    const fixture = subscribed();
    fixture.appendKeys(["a", "b", null, "a", "c", null]);
    const page = read(fixture);
    expect(seqsOf(page)).toEqual([5, 4, 2]);
    expect(page).toMatchObject({ downTo: 1, firstSeq: 1, isEnded: false });
  });

  it("tells the same key of two channels apart", () => {
    const fixture = subscribed();
    for (const channel of ["lot/1", "lot/2", "lot/1"]) fixture.append({ channel, partitionKey: "a" });
    expect(seqsOf(read(fixture))).toEqual([3, 2]);
    expect(seqsOf(read(fixture, { channels: ["lot/2"] }))).toEqual([2]);
  });

  it("gives the last event of each channel, with a key or without", () => {
    const fixture = subscribed();
    fixture.append({ channel: "lot/1", partitionKey: "a" });
    fixture.append({ channel: "lot/1" });
    fixture.append({ channel: "lot/2", partitionKey: "a" });
    expect(seqsOf(read(fixture, { lastOf: "channel" }))).toEqual([3, 2]);
  });

  it("gives an older event of a key where the newest does not pass the filter", () => {
    const fixture = subscribed({ filter: onlyStatus("ready") });
    for (const status of ["open", "ready", "closed"]) fixture.append({ partitionKey: "a", body: bytes({ status }) });
    expect(seqsOf(read(fixture))).toEqual([2]);
  });

  it("goes on before a place, and sees no event that stands behind it", () => {
    const fixture = subscribed();
    fixture.appendKeys(["a", "b", "c", "d"]);
    const first = read(fixture, { eventsMax: 2 });
    expect(seqsOf(first)).toEqual([4, 3]);
    expect(seqsOf(read(fixture, { before: first.downTo }))).toEqual([2, 1]);
  });

  it("looks at a bounded number of rows, and says how far it came", () => {
    const fixture = subscribed();
    fixture.appendKeys(Array.from({ length: SCAN_ROWS_MAX + 10 }, () => null));
    const page = read(fixture);
    expect(page).toMatchObject({ events: [], downTo: 11 });
    expect(read(fixture, { before: page.downTo })).toMatchObject({ events: [], downTo: 1 });
  });

  it("comes past an event that is as large as any may be, with a filter that has to read it", () => {
    const fixture = subscribed({ filter: onlyStatus("ready") });
    const fill = "x".repeat(EVENT_BODY_BYTES_MAX - 100);
    for (const status of ["ready", "open"]) fixture.append({ partitionKey: "a", body: bytes({ status, fill }) });
    const first = read(fixture);
    expect(first).toMatchObject({ events: [], downTo: 2 });
    expect(seqsOf(read(fixture, { before: first.downTo }))).toEqual([1]);
    const forward = readFeed(fixture.log, { hub: null, subscriptions: ["s"], after: 0 });
    expect(forward.events.map(({ seq }) => seq)).toEqual([1]);
  });

  it.each([
    ["a paused subscription", (fixture: LogFixture) => fixture.subscribe({ version: 2, active: false }), true],
    ["one that it does not know", () => undefined, false],
  ])("has nothing for %s", (_, change, isEnded) => {
    const fixture = isEnded ? subscribed() : new LogFixture();
    fixture.appendKeys(["a"]);
    change(fixture);
    expect(read(fixture)).toMatchObject({ events: [], downTo: 1, isEnded });
  });
});

describe("a consent, to somebody who reads and goes", () => {
  it("is older than what is read", () => {
    const fixture = new LogFixture();
    fixture.subscribe({}, "earliest", BY_CONSENT);
    fixture.append({ partitionKey: "a", dataOwnerId: "owner" }, BY_CONSENT);
    consent(fixture, "owner", 1);
    fixture.append({ partitionKey: "b", dataOwnerId: "owner" }, BY_CONSENT);
    expect(seqsOf(read(fixture))).toEqual([2]);
  });

  it("takes its owner's events out of what is read, once it is withdrawn", () => {
    const fixture = byConsent("owner", "other");
    fixture.append({ partitionKey: "a", dataOwnerId: "owner" }, BY_CONSENT);
    fixture.append({ partitionKey: "b", dataOwnerId: "other" }, BY_CONSENT);
    expect(seqsOf(read(fixture))).toEqual([2, 1]);
    consent(fixture, "owner", 2, false);
    expect(seqsOf(read(fixture))).toEqual([2]);
  });

  it.each([
    ["forwards", (fixture: LogFixture) => readFeed(fixture.log, { hub: null, subscriptions: ["s"], after: 0 })],
    ["backwards", (fixture: LogFixture) => read(fixture)],
  ])("is not withdrawn while a page that was read %s may be on its way", (_, readPage) => {
    const fixture = byConsent("owner");
    fixture.append({ partitionKey: "a", dataOwnerId: "owner" }, BY_CONSENT);
    expect(fixture.log.listeners.holdsOwner("s", "owner")).toBe(false);
    readPage(fixture);
    expect(fixture.log.listeners.holdsOwner("s", "owner")).toBe(true);
    expect(fixture.log.listeners.holdsOwner("s", "other")).toBe(false);
    fixture.nowMs += FEED_PAGE_VALID_MS;
    expect(fixture.log.listeners.holdsOwner("s", "owner")).toBe(false);
  });
});
