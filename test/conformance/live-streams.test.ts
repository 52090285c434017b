import { EventSource } from "eventsource";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { readStream } from "../support/event-stream.ts";
import { type Frame, loginApp, SocketClient } from "../support/live.ts";
import { type Scene, setScene, startTestRelay, type TestRelay } from "../support/relay.ts";

/** CONTRACT §8: the same log over SSE and WebSocket, to clients that are not ours. */

let relay: TestRelay;
beforeAll(async () => {
  relay = await startTestRelay();
});
afterAll(() => relay?.close());

const PATIENCE = { timeout: 20_000, interval: 20 };

type Stage = Scene & {
  subscriptionId: string;
  token: string;
  url: string;
  publish(n: number, key?: string): Promise<string>;
};

async function setStage(options: Parameters<typeof setScene>[1] = {}, subscription: object = {}): Promise<Stage> {
  const scene = await setScene(relay, options);
  const { id } = await scene.subscribing.client.subscribe(scene.app.id, { apiId: scene.api.id, ...subscription });
  return {
    ...scene,
    subscriptionId: id,
    token: await loginApp(relay.origin, scene.app),
    url: `${relay.origin}/v1/stream/${scene.api.id}/orders`,
    publish: (n, key) => scene.publisher.publish("orders", { n }, key === undefined ? {} : { partitionKey: key }),
  };
}

/** Publishes 1 … n one after the other; answers their ids. */
async function publishAll({ publish }: Stage, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 1; n <= count; n++) ids.push(await publish(n, `key ${n % 3}`));
  return ids;
}

const idsOf = (frames: Frame[]): string[] => frames.map(({ id }) => id);
const numbersOf = (frames: { data: unknown }[]): number[] => frames.map(({ data }) => (data as { n: number }).n);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

describe("a WebSocket (ws)", () => {
  it("gets each event as one frame, and those of before behind a cursor", async () => {
    const stage = await setStage();
    const client = new SocketClient(stage.url, stage.token);
    await client.opened;
    const ids = await publishAll(stage, 20);
    await vi.waitFor(() => expect(idsOf(client.frames)).toEqual(ids), PATIENCE);
    expect(client.frames[0]).toEqual({
      ...{ cursor: expect.any(String), id: ids[0], channel: "orders", partitionKey: "key 1", data: { n: 1 } },
    });
    await client.close();
  });

  it("that is cut after any frame, and resumes, gets each event once, in order", async () => {
    const stage = await setStage();
    const { cursor: before } = await openAt(stage);
    await publishAll(stage, 25);
    for (let cut = 0; cut <= 25; cut++) {
      const first = new SocketClient(`${stage.url}?after=${before}`, stage.token);
      await first.opened;
      await vi.waitFor(() => expect(first.frames.length).toBeGreaterThanOrEqual(cut), PATIENCE);
      const kept = first.frames.slice(0, cut);
      first.socket.terminate();
      const rest = new SocketClient(`${stage.url}?after=${kept.at(-1)?.cursor ?? before}`, stage.token);
      await rest.opened;
      await vi.waitFor(() => expect(numbersOf([...kept, ...rest.frames])).toEqual(upTo(25)), PATIENCE);
      rest.socket.terminate();
    }
  });

  it("that is cut again and again while it is published to gets each event once, in order", async () => {
    const stage = await setStage();
    const frames: Frame[] = [];
    let { cursor } = await openAt(stage);
    const publishing = publishAll(stage, 150);
    while (frames.length < 150) {
      const client = new SocketClient(`${stage.url}?after=${cursor}`, stage.token);
      await client.opened;
      const wanted = Math.min(150 - frames.length, 1 + (frames.length % 17));
      await vi.waitFor(() => expect(client.frames.length).toBeGreaterThanOrEqual(wanted), PATIENCE);
      frames.push(...client.frames.slice(0, wanted));
      cursor = frames.at(-1)?.cursor ?? cursor;
      client.socket.terminate();
    }
    await publishing;
    expect(numbersOf(frames)).toEqual(upTo(150));
  });

  it("answers ping with pong, and refuses what is no acknowledgement", async () => {
    const stage = await setStage();
    const client = new SocketClient(stage.url, stage.token, (text) =>
      text === "pong" ? { pong: true } : JSON.parse(text),
    );
    await client.opened;
    client.socket.send("ping");
    client.socket.send('{"channel":"orders","data":1}');
    await vi.waitFor(
      () => expect(client.frames).toEqual([{ pong: true }, { error: { detail: expect.any(String) } }]),
      PATIENCE,
    );
    await client.close();
  });

  it("listens to several channels at once", async () => {
    const stage = await setStage({ channels: ["orders", "parts/{storeId}/moved"] });
    const url = `${relay.origin}/v1/stream/${stage.api.id}`;
    const all = new SocketClient(url, stage.token);
    const two = new SocketClient(`${url}?channel=orders&channel=parts/1/moved&channel=parts/2/moved`, stage.token);
    const template = new SocketClient(`${url}/${encodeURIComponent("parts/{storeId}/moved")}`, stage.token);
    for (const client of [all, two, template]) await client.opened;
    for (const channel of ["orders", "parts/1/moved", "parts/2/moved", "parts/3/moved"]) {
      await stage.publisher.publish(channel, {});
    }
    const channels = (client: SocketClient) => client.frames.map(({ channel }) => channel).sort();
    const parts = ["parts/1/moved", "parts/2/moved", "parts/3/moved"];
    await vi.waitFor(() => {
      expect(channels(all)).toEqual(["orders", ...parts]);
      expect(channels(two)).toEqual(["orders", "parts/1/moved", "parts/2/moved"]);
      expect(channels(template)).toEqual(parts);
    }, PATIENCE);
    for (const client of [all, two, template]) await client.close();
  });

  it("keeps the cursor of a named consumer, which goes on behind what it acknowledged", async () => {
    const stage = await setStage();
    const url = `${stage.url}?ack=1&consumer=board`;
    const first = new SocketClient(url, stage.token);
    await first.opened;
    await publishAll(stage, 10);
    await vi.waitFor(() => expect(first.frames).toHaveLength(10), PATIENCE);
    first.socket.send(JSON.stringify({ ack: first.frames[6]?.cursor }));
    await first.close();
    const second = new SocketClient(url, stage.token);
    await vi.waitFor(() => expect(numbersOf(second.frames)).toEqual([8, 9, 10]), PATIENCE);
    const third = new SocketClient(url, stage.token);
    await third.opened;
    expect(await second.closed).toEqual({ code: 4409, reason: "SessionTakenOver" });
    await third.close();
  });

  it("ends when the subscription is paused or its credentials' app is deleted", async () => {
    const stage = await setStage();
    const client = new SocketClient(stage.url, stage.token);
    await client.opened;
    await stage.subscribing.client.call("POST", `/v1/subscriptions/${stage.subscriptionId}/pause`, {});
    expect((await client.closed).code).toBe(4403);
    await expect(new SocketClient(stage.url, stage.token).opened).rejects.toThrow("403");
    await stage.subscribing.client.call("POST", `/v1/subscriptions/${stage.subscriptionId}/resume`, {});
    const again = new SocketClient(stage.url, stage.token);
    await again.opened;
    await stage.subscribing.client.call("DELETE", `/v1/apps/${stage.app.id}`);
    expect((await again.closed).code).toBe(4403);
  });
});

describe("an EventSource (eventsource)", () => {
  const open = (url: string, token: string): EventSource =>
    new EventSource(url, {
      fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } }),
    });

  it("gets what is published under its channel's name, whatever stands in it", async () => {
    const stage = await setStage();
    const got: unknown[] = [];
    const source = open(stage.url, stage.token);
    source.addEventListener("orders", ({ data }) => got.push(JSON.parse(data)));
    await new Promise((resolve) => source.addEventListener("open", resolve));
    const events = [{ text: "two\nlines\r\nid: 1\n\nevent: forged" }, "\u2028", null, 0, { "": [] }, "data: x", "🚗"];
    for (const event of events) await stage.publisher.publish("orders", event);
    await vi.waitFor(() => expect(got).toEqual(events), PATIENCE);
    source.close();
  });

  it("gets a body with raw line ends as the value that it is, and no field that it forges", async () => {
    const stage = await setStage();
    const got: string[] = [];
    const forged: unknown[] = [];
    const source = open(stage.url, stage.token);
    source.addEventListener("orders", ({ data }) => got.push(data));
    source.addEventListener("message", (event) => forged.push(event));
    await new Promise((resolve) => source.addEventListener("open", resolve));
    const token = await publisherToken(stage);
    const body = '{\r"a": 1,\n\n"id": "x",\r\n"b":\r\r 2}';
    const answer = await fetch(`${relay.origin}/v2/events/orders`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body,
    });
    expect(answer.status).toBe(200);
    await vi.waitFor(() => expect(got.map((text) => JSON.parse(text))).toEqual([{ a: 1, id: "x", b: 2 }]), PATIENCE);
    expect(forged).toEqual([]);
    source.close();
  });

  it("stops for good where its subscription has ended", async () => {
    const stage = await setStage();
    const source = open(stage.url, stage.token);
    await new Promise((resolve) => source.addEventListener("open", resolve));
    await stage.publish(1);
    await stage.subscribing.client.call("DELETE", `/v1/subscriptions/${stage.subscriptionId}`);
    await vi.waitFor(() => expect(source.readyState).toBe(EventSource.CLOSED), PATIENCE);
  });
});

describe("a stream of server-sent events", () => {
  it("that is cut at any byte, and resumes with its last id, gives each event once, in order", async () => {
    const stage = await setStage();
    const { cursor: before } = await openAt(stage);
    await publishAll(stage, 8);
    const { token } = stage;
    const whole = await readStream(stage.url, { token, lastId: before, isEnough: ({ length }) => length === 8 });
    expect(numbersOf(whole.events)).toEqual(upTo(8));
    for (let cut = 1; cut < whole.bytes; cut += 11) {
      const first = await readStream(stage.url, { token, lastId: before, isEnough: (_, bytes) => bytes === cut });
      const left = 8 - first.events.length;
      const rest = await readStream(stage.url, {
        ...{ token, lastId: first.lastId, isEnough: ({ length }: unknown[]) => length === left },
      });
      expect(numbersOf([...first.events, ...rest.events])).toEqual(upTo(8));
    }
  }, 120_000);

  it("gets more than is ever sent ahead, in events and in bytes", async () => {
    const { publisher, url, token } = await setStage();
    const published = { large: 8, small: 600 };
    const count = published.large + published.small;
    const isEnough = ({ length }: unknown[]): boolean => length === count;
    const reading = readStream(`${url}?from=earliest`, { token, lastId: "", isEnough });
    for (let n = 0; n < published.large; n++) await publisher.publish("orders", { n, text: "x".repeat(250_000) });
    for (let n = 0; n < published.small; n += 20) {
      await Promise.all(upTo(20).map((i) => publisher.publish("orders", { n: published.large + n + i - 1 })));
    }
    const { events } = await reading;
    expect(new Set(numbersOf(events)).size).toBe(count);
  }, 60_000);

  it("begins at the latest event, or at the earliest one, and says so before there is any", async () => {
    const stage = await setStage();
    await publishAll(stage, 3);
    const { token } = stage;
    const text = await readText(`${stage.url}`, token, ({ length }) => length > 10);
    expect(text).toMatch(/^retry: \d+\nid: [\w-]+\n\n/);
    const earliest = await readStream(`${stage.url}?from=earliest`, {
      ...{ token, lastId: "", isEnough: ({ length }: unknown[]) => length === 3 },
    });
    expect(numbersOf(earliest.events)).toEqual([1, 2, 3]);
  });

  it("says with 204 that there will be no more, and with a problem what is wrong", async () => {
    const stage = await setStage();
    const { cursor } = await openAt(stage);
    const ask = (url: string, headers: Record<string, string> = {}) =>
      fetch(url, { headers: { Authorization: `Bearer ${stage.token}`, ...headers } });
    expect((await ask(`${stage.url}x`)).status).toBe(404);
    expect((await ask(`${stage.url}?after=nonsense`)).status).toBe(400);
    expect((await fetch(stage.url)).status).toBe(401);
    expect((await fetch(`${stage.url}?access_token=${stage.token}`)).status).toBe(401);
    const other = await setScene(relay);
    const foreign = await loginApp(relay.origin, other.app);
    const refused = await fetch(stage.url, { headers: { Authorization: `Bearer ${foreign}` } });
    expect(refused.status).toBe(403);
    const unknown = await fetch(`${relay.origin}/v1/stream/${crypto.randomUUID()}/orders`, {
      headers: { Authorization: `Bearer ${foreign}` },
    });
    expect([unknown.status, await detailOf(unknown)]).toEqual([403, await detailOf(refused)]);
    await stage.subscribing.client.call("DELETE", `/v1/subscriptions/${stage.subscriptionId}`);
    expect((await ask(stage.url)).status).toBe(403);
    expect((await ask(stage.url, { "Last-Event-ID": cursor })).status).toBe(204);
  });

  it("is open to pages of any origin that bring a stream token", async () => {
    const stage = await setStage({ channels: ["orders", "parts"] });
    const { client } = stage.subscribing;
    const mint = (body: object) =>
      client.call<{ token: string; expiresAt: string }>("POST", `/v1/apps/${stage.app.id}/stream-tokens`, body);
    const { token } = await mint({ apiId: stage.api.id, channels: ["orders"], ttlSeconds: 60 });
    const answer = await fetch(`${stage.url}?access_token=${token}`, { headers: { Origin: "https://page.example" } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Access-Control-Allow-Origin")).toBe("*");
    await answer.body?.cancel();
    const parts = await fetch(`${relay.origin}/v1/stream/${stage.api.id}/parts?access_token=${token}`);
    expect(parts.status).toBe(403);
    const published = await fetch(`${relay.origin}/v2/events/orders`, {
      ...{
        method: "POST",
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
        body: "1",
      },
    });
    expect(published.status).toBe(401);
    const named = new SocketClient(`${stage.url}?ack=1&access_token=${token}`, "");
    await expect(named.opened).rejects.toThrow("400");
    await expect(mint({ apiId: stage.api.id, ttlSeconds: 100_000 })).rejects.toThrow("422");
    const preflight = await fetch(stage.url, {
      method: "OPTIONS",
      headers: {
        ...{ Origin: "https://page.example", "Access-Control-Request-Method": "GET" },
        "Access-Control-Request-Headers": "authorization,last-event-id",
      },
    });
    expect(preflight.headers.get("Access-Control-Allow-Headers")?.toLowerCase()).toContain("last-event-id");
  });
});

describe("consent", () => {
  it("withdrawn ends an owner's events on open streams at once", async () => {
    const stage = await setStage({ access: "consent" });
    const owner = await relay.operator.createOrganization("Owner Ltd");
    const other = await relay.operator.createOrganization("Other Ltd");
    const give = ({ id, client }: typeof owner): Promise<{ id: string }> =>
      client.call("POST", "/v1/consents", { subscriptionId: stage.subscriptionId, dataOwnerId: id });
    const consent = await give(owner);
    await give(other);
    const client = new SocketClient(stage.url, stage.token);
    const events: number[] = [];
    const source = new EventSource(stage.url, {
      fetch: (input, init) =>
        fetch(input, { ...init, headers: { ...init.headers, Authorization: `Bearer ${stage.token}` } }),
    });
    source.addEventListener("orders", ({ data }) => events.push(JSON.parse(data).n));
    await Promise.all([client.opened, new Promise((resolve) => source.addEventListener("open", resolve))]);
    const publish = (n: number, { id }: typeof owner) =>
      stage.publisher.publish("orders", { n }, { "Data-Owner-Id": id });
    await publish(1, owner);
    await vi.waitFor(() => expect([numbersOf(client.frames), events]).toEqual([[1], [1]]), PATIENCE);
    await owner.client.call("POST", `/v1/consents/${consent.id}/revoke`, {});
    await publish(2, owner);
    await publish(3, other);
    await vi.waitFor(
      () =>
        expect([numbersOf(client.frames), events]).toEqual([
          [1, 3],
          [1, 3],
        ]),
      PATIENCE,
    );
    source.close();
    await client.close();
  });
});

describe("a channel of several logs", () => {
  it("that grow while it is streamed and resumed: each event once, each key in order", async () => {
    const stage = await setStage();
    const live = new SocketClient(stage.url, stage.token);
    await live.opened;
    const keys = upTo(12).map((n) => `key ${n}`);
    let n = 0;
    const round = async () => {
      for (const key of keys) await stage.publish(++n, key);
    };
    await round();
    for (const shards of [2, 4]) {
      await stage.publishing.client.call("PATCH", `/v1/apis/${stage.api.id}`, { shards });
      await round();
    }
    await vi.waitFor(() => expect(live.frames).toHaveLength(36), PATIENCE);
    const check = (frames: Frame[]) => {
      expect(numbersOf(frames).toSorted((a, b) => a - b)).toEqual(upTo(36));
      for (const key of keys) {
        const own = numbersOf(frames.filter(({ partitionKey }) => partitionKey === key));
        expect(own).toEqual(own.toSorted((a, b) => a - b));
      }
    };
    check(live.frames);
    for (const cut of [1, 5, 12, 13, 20, 30, 35]) {
      const kept = live.frames.slice(0, cut);
      const rest = new SocketClient(`${stage.url}?after=${kept.at(-1)?.cursor}`, stage.token);
      await vi.waitFor(() => expect(rest.frames).toHaveLength(36 - cut), PATIENCE);
      check([...kept, ...rest.frames]);
      rest.socket.terminate();
    }
    live.socket.terminate();
  });
});

const detailOf = async (answer: Response): Promise<string> => ((await answer.json()) as { detail: string }).detail;

/** A cursor of now. */
async function openAt({ url, token }: Stage): Promise<{ cursor: string }> {
  const text = await readText(url, token, (read) => read.includes("id: ") && read.endsWith("\n\n"));
  return { cursor: /id: ([\w-]+)/.exec(text)?.[1] ?? "" };
}

async function readText(url: string, token: string, isEnough: (text: string) => boolean): Promise<string> {
  const abort = new AbortController();
  const answer = await fetch(url, { headers: { Authorization: `Bearer ${token}` }, signal: abort.signal });
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (isEnough(text)) break;
  }
  abort.abort();
  return text;
}

async function publisherToken({ api }: Stage): Promise<string> {
  const { clientId: apiKey, clientSecret: apiSecret } = api.credentials;
  return loginApp(relay.origin, { apiKey, apiSecret });
}
