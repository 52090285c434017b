import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { loginApp, SocketClient } from "../support/live.ts";
import { fetchToken, type Scene, setScene, startTestRelay, type TestRelay } from "../support/relay.ts";
import { type EventLine, idsByKey, lastOfKeys, readLines } from "../support/replicas.ts";

/** CONTRACT §8: a copy of a channel is built from its snapshot and kept up by its stream. */

let relay: TestRelay;
beforeAll(async () => {
  relay = await startTestRelay();
});
afterAll(() => relay?.close());

type Stage = Scene & { token: string; subscriptionId: string; exportUrl: string; snapshotUrl: string };

async function setStage(options: Parameters<typeof setScene>[1] = {}, subscription: object = {}): Promise<Stage> {
  const scene = await setScene(relay, options);
  const { id } = await scene.subscribing.client.subscribe(scene.app.id, { apiId: scene.api.id, ...subscription });
  const token = await loginApp(relay.origin, scene.app);
  const url = `${relay.origin}/v1/apis/${scene.api.id}`;
  return { ...scene, token, subscriptionId: id, exportUrl: `${url}/export`, snapshotUrl: `${url}/snapshot` };
}

const spread = ({ publishing, api }: Scene, shards: number): Promise<unknown> =>
  publishing.client.call("PATCH", `/v1/apis/${api.id}`, { shards });

const withoutCursor = ({ cursor: _, ...event }: EventLine): Omit<EventLine, "cursor"> => event;

const statusOf = async (url: string, token?: string): Promise<number> => {
  const answer = await fetch(url, { headers: token === undefined ? {} : { Authorization: `Bearer ${token}` } });
  await answer.text();
  return answer.status;
};

describe("an export", () => {
  it("gives each event as it was published, on one line, and where to go on", async () => {
    const { publisher, exportUrl, token, api } = await setStage();
    const id = await publisher.publish("orders", { n: 1 }, { partitionKey: "k" });
    const text = '{\r\n  "text": "two\\nlines \u2028 and \\u0000",\n  "n": 1e0\n}\n';
    const login = await fetchToken(relay.origin, api.credentials);
    const headers = { Authorization: `Bearer ${login}`, "Content-Type": "application/json; charset=utf-8" };
    const answer = await fetch(`${relay.origin}/v2/events/orders`, { method: "POST", headers, body: text });
    expect(answer.status).toBe(200);
    const { events, end } = await readLines(exportUrl, token);
    expect(events[0]).toEqual({
      ...{ cursor: expect.any(String), id, channel: "orders", partitionKey: "k", dataOwnerId: null, data: { n: 1 } },
      ...{ acceptedAt: expect.stringMatching(/^\d{4}-.*Z$/), contentType: "application/json" },
    });
    expect(events[1]).toMatchObject({ data: JSON.parse(text) });
    expect(events).toHaveLength(2);
    expect(end).toEqual({ cursor: events[1]?.cursor, more: false });
  });

  it("of a log without events is its end, and goes on from there", async () => {
    const { publisher, exportUrl, token } = await setStage();
    const { events, end } = await readLines(exportUrl, token);
    expect(events).toEqual([]);
    const id = await publisher.publish("orders", { n: 1 });
    expect((await readLines(`${exportUrl}?after=${end.cursor}`, token)).events).toMatchObject([{ id }]);
  });

  it("goes on behind each of its lines with the same lines, over all shards and channels", async () => {
    const stage = await setStage({ channels: ["orders", "lots/{lot}/prices"] });
    const { publisher, exportUrl, token } = stage;
    for (let n = 0; n < 60; n++) {
      const channel = n % 3 === 0 ? `lots/${n % 2}/prices` : "orders";
      await publisher.publish(channel, { n }, { partitionKey: `k${n % 7}` });
      if (n === 20) await spread(stage, 2);
      if (n === 40) await spread(stage, 4);
    }
    const whole = await readLines(exportUrl, token);
    expect(whole.events).toHaveLength(60);
    for (const [i, { cursor }] of whole.events.entries()) {
      const rest = await readLines(`${exportUrl}?after=${cursor}`, token);
      expect(rest.events.map(withoutCursor)).toEqual(whole.events.slice(i + 1).map(withoutCursor));
      expect(rest.end).toEqual(whole.end);
    }
    const { events } = await readLines(`${exportUrl}?channel=lots/1/prices`, token);
    expect(events.map(({ channel, data }) => [channel, data])).toEqual(
      whole.events.filter(({ channel }) => channel === "lots/1/prices").map(({ channel, data }) => [channel, data]),
    );
  });

  it("holds what passes the subscription's filter", async () => {
    const filter = { properties: { data: { properties: { n: { const: 2 } }, required: ["n"] } } };
    const { publisher, exportUrl, token } = await setStage({}, { filter });
    for (const n of [1, 2, 3]) await publisher.publish("orders", { n });
    const { events, end } = await readLines(exportUrl, token);
    expect(events.map(({ data }) => data)).toEqual([{ n: 2 }]);
    expect((await readLines(`${exportUrl}?after=${end.cursor}`, token)).events).toEqual([]);
  });
});

describe("a replica from a snapshot and the stream behind it", () => {
  it("has each key's last event, without a gap or a repeat, while the channel is published to and spread over four logs", async () => {
    const EVENTS = 2_000;
    const stage = await setStage();
    const { publisher, token, exportUrl, snapshotUrl, api } = stage;
    const url = `${relay.origin}/v1/stream/${api.id}/orders`;
    const replicas: { snapshot: EventLine[]; cursor: string; client: SocketClient }[] = [];
    const begin = async (): Promise<void> => {
      const { events, end } = await readLines(snapshotUrl, token);
      const client = new SocketClient(`${url}?after=${end.cursor}`, token);
      await client.opened;
      replicas.push({ snapshot: events, cursor: end.cursor, client });
    };
    const steps = new Map<number, () => Promise<unknown>>([
      [1, begin],
      [500, () => spread(stage, 2)],
      [510, begin],
      [1_000, () => spread(stage, 4)],
      [1_010, begin],
      [1_900, begin],
    ]);
    let next = 0;
    const publishOn = async (): Promise<void> => {
      for (let n = next++; n < EVENTS; n = next++) {
        await publisher.publish("orders", { n }, { partitionKey: `k${(n * 31) % 97}` });
        await steps.get(n)?.();
      }
    };
    await Promise.all(Array.from({ length: 8 }, publishOn));
    const log = (await readLines(exportUrl, token)).events;
    expect(log).toHaveLength(EVENTS);
    expect(replicas).toHaveLength(4);
    for (const { snapshot, cursor, client } of replicas) {
      const behind = (await readLines(`${exportUrl}?after=${cursor}`, token)).events;
      await vi.waitFor(() => expect(client.frames).toHaveLength(behind.length), { timeout: 30_000 });
      expect(idsByKey(client.frames)).toEqual(idsByKey(behind));
      expect(new Set(snapshot.map(({ partitionKey }) => partitionKey)).size).toBe(snapshot.length);
      const before = snapshot.map(({ id }) => id);
      expect(client.frames.filter(({ id }) => before.includes(id))).toEqual([]);
      expect(lastOfKeys([...snapshot, ...client.frames])).toEqual(lastOfKeys(log));
      await client.close();
    }
  });

  it("keeps the same key of two concrete channels apart, and leaves out what has no key", async () => {
    const { publisher, snapshotUrl, token } = await setStage({ channels: ["lots/{lot}/prices"] });
    for (const lot of ["a", "b"]) await publisher.publish(`lots/${lot}/prices`, { lot }, { partitionKey: "k" });
    await publisher.publish("lots/a/prices", { lot: "a", n: 2 }, { partitionKey: "k" });
    await publisher.publish("lots/a/prices", { lot: "none" });
    const { events } = await readLines(snapshotUrl, token);
    expect(events.map(({ data }) => data)).toEqual([{ lot: "a", n: 2 }, { lot: "b" }]);
  });
});

describe("what a data owner has not consented to, or no longer", () => {
  it("is in no snapshot and in no export", async () => {
    const { publisher, snapshotUrl, exportUrl, subscriptionId, token } = await setStage({ access: "consent" });
    const owners = await Promise.all(["Kept", "Withdrawn"].map((name) => relay.operator.createOrganization(name)));
    const publish = async (): Promise<void> => {
      for (const [i, { id }] of owners.entries())
        await publisher.publish("orders", { i }, { partitionKey: `k${i}`, "Data-Owner-Id": id });
    };
    await publish();
    const consents = await Promise.all(
      owners.map(({ client }) => client.call<{ id: string }>("POST", "/v1/consents", { subscriptionId })),
    );
    await publish();
    const dataOf = async (url: string): Promise<unknown[]> =>
      (await readLines(url, token)).events.map(({ data }) => data).sort();
    expect(await dataOf(exportUrl)).toEqual([{ i: 0 }, { i: 1 }]);
    expect((await dataOf(snapshotUrl)).length).toBe(2);
    await owners[1]?.client.call("POST", `/v1/consents/${consents[1]?.id}/revoke`, {});
    expect(await dataOf(exportUrl)).toEqual([{ i: 0 }]);
    expect(await dataOf(snapshotUrl)).toEqual([{ i: 0 }]);
  });
});

describe("an export or a snapshot is refused", () => {
  it.each(["export", "snapshot"])("to whom it is not for: %s", async (what) => {
    const stage = await setStage({ channels: ["orders", "prices"] });
    const url = `${relay.origin}/v1/apis/${stage.api.id}/${what}`;
    expect(await statusOf(url)).toBe(401);
    expect(await statusOf(url, "nonsense")).toBe(401);
    expect(await statusOf(url, await fetchToken(relay.origin, stage.api.credentials))).toBe(403);
    const stranger = await stage.subscribing.client.createApp("a stranger");
    expect(await statusOf(url, await loginApp(relay.origin, stranger))).toBe(403);
    expect(await statusOf(`${url}?channel=none`, stage.token)).toBe(404);
    expect(await statusOf(`${relay.origin}/v1/apis/none/${what}`, stage.token)).toBe(403);
    const limited = await stage.subscribing.client.call<{ token: string }>(
      "POST",
      `/v1/apps/${stage.app.id}/stream-tokens`,
      { apiId: stage.api.id, channels: ["orders"] },
    );
    expect(await statusOf(`${url}?channel=orders&access_token=${limited.token}`)).toBe(200);
    expect(await statusOf(`${url}?channel=prices&access_token=${limited.token}`)).toBe(403);
    await stage.subscribing.client.call("POST", `/v1/subscriptions/${stage.subscriptionId}/pause`, {});
    expect(await statusOf(url, stage.token)).toBe(403);
  });

  it("with a cursor that is none of its channels", async () => {
    const [one, other] = [await setStage(), await setStage()];
    const { end } = await readLines(other.exportUrl, other.token);
    for (const cursor of ["nonsense", "!", "a".repeat(5_000), end.cursor])
      expect(await statusOf(`${one.exportUrl}?after=${cursor}`, one.token)).toBe(cursor.length > 4_096 ? 422 : 400);
  });

  it("and pages of any origin may read it", async () => {
    const { exportUrl, snapshotUrl, token } = await setStage();
    for (const url of [exportUrl, snapshotUrl]) {
      const answer = await fetch(url, { headers: { Authorization: `Bearer ${token}`, Origin: "https://app.example" } });
      await answer.text();
      expect(answer.headers.get("Access-Control-Allow-Origin")).toBe("*");
      expect(answer.headers.get("Content-Type")).toBe("application/x-ndjson");
    }
  });
});
