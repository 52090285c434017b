import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import {
  EVENT_BODY_BYTES_MAX,
  FRAMES_PER_CONNECTION_MAX,
  FRAMES_WAITING_CHARS_MAX,
  FRAMES_WAITING_MAX,
} from "../../../../src/kernel/limits.ts";
import { type TopicLogs, topicLogs } from "../../../../src/topic/client.ts";
import { LivePublisher } from "../live-publisher.ts";
import { asyncApi } from "../relay.ts";
import { connect, connectNew, hangUp } from "./publisher-client.ts";

const OWNER = "8a4f5b0e-9b5c-4d62-8b6e-3a0c2b1d4e5f";
const PAGE = 100;
const textOf = (body: Uint8Array): string => new TextDecoder().decode(body);

afterEach(hangUp);

describe("a frame of a publisher", () => {
  it("is answered with its event's id, and stored as it was written", async () => {
    const { client, stored } = await connectNew();
    const said = `"partitionKey":"k","dataOwnerId":"${OWNER}","idempotencyKey":"once"`;
    const answer = await client.answer(`{"id":"7",${said},"data": {"n":12345678901234567890,"x":1.0} }`);
    expect(answer).toEqual({ id: "7", eventId: stored[0]?.id });
    expect(stored).toMatchObject([
      {
        ...{ channel: "orders/created", partitionKey: "k", dataOwnerId: OWNER, hops: 0, requestId: client.requestId },
        ...{ contentType: "application/json", idempotency: { key: expect.any(String) } },
      },
    ]);
    expect(textOf(stored[0]?.body ?? new Uint8Array())).toBe('{"n":12345678901234567890,"x":1.0}');
  });

  it("goes to the channel that it names, else to that of the path, else to the only one", async () => {
    const { client, stored } = await connectNew();
    await client.answer({ data: 1 });
    await client.answer({ channel: "orders/7/changed", data: 2 });
    const one = await connectNew({ channels: ["orders/created"], channel: null });
    await one.client.answer({ data: 3 });
    expect([...stored, ...one.stored].map(({ channel }) => channel)).toEqual([
      "orders/created",
      "orders/7/changed",
      "orders/created",
    ]);
  });

  it.each([null, "orders/{id}/changed", "nowhere", ""])(
    "has to name its channel where the path names %j",
    async (channel) => {
      const { client, stored } = await connectNew({ channel });
      expect(await client.answer({ data: 1 })).toMatchObject({ error: { status: 404 } });
      expect(await client.answer({ channel: "orders/7/changed", data: 1 })).toMatchObject({ eventId: stored[0]?.id });
    },
  );

  it("of an API that only warns is told what is wrong with it", async () => {
    const publisher = new LivePublisher();
    const document = asyncApi(`API ${crypto.randomUUID()}`, ["orders/created"]);
    const { api } = await publisher.registerDocument(document, { validation: "warn" });
    const client = await connect(publisher, { clientId: api.credentials.clientId, apiId: api.id });
    expect(await client.answer({ data: { id: 1 } })).toEqual({
      eventId: expect.any(String),
      validation: 'invalid; message="Changed"; path="/id"',
    });
  });

  it("is told from a ping, which is answered at once", async () => {
    const { client, stored } = await connectNew();
    client.send("ping");
    await client.until(() => client.texts.length === 1);
    expect(client.texts).toEqual(["pong"]);
    expect(stored).toEqual([]);
  });
});

describe("a thousand frames at once", () => {
  it("are answered in their order, and their log has them in it", async () => {
    const logs: TopicLogs = topicLogs(env.TOPIC_LOG);
    const { client, api, publisher } = await connectNew({ logs });
    const ids = Array.from({ length: 1000 }, (_, i) => String(i));
    for (const id of ids) client.send({ id, data: Number(id), partitionKey: `k${Number(id) % 7}` });
    const answers = await client.answers(ids.length);
    expect(answers.map(({ id }) => id)).toEqual(ids);
    const topic = await publisher.relay.env.REGISTRY.prepare("SELECT id FROM topic WHERE api_id = ? AND address = ?")
      .bind(api.id, "orders/created")
      .first<{ id: string }>();
    expect(await listAll(logs, `${topic?.id}/0`)).toEqual(answers.map(({ eventId }) => eventId));
  });

  async function listAll(logs: TopicLogs, log: string): Promise<string[]> {
    const ids: string[] = [];
    const all = { channel: null, partitionKey: null, dataOwnerId: null, requestId: null, fromMs: null, toMs: null };
    for (let beforeSeq: number | null = null; ; ) {
      const page = await logs.listEvents(log, { ...all, beforeSeq, limit: PAGE });
      if (!page.ok) throw new Error(page.error.reason);
      ids.push(...page.value.events.map(({ id }) => id));
      if (!page.value.more) return ids.reverse();
      beforeSeq = page.value.more.seq;
    }
  }
});

describe("a frame that is refused", () => {
  it("is told why, in its turn, and the next one is taken", async () => {
    const { client, stored } = await connectNew();
    const large = "x".repeat(EVENT_BODY_BYTES_MAX);
    const frames = ["nope", "", new Uint8Array([123, 125]), { id: "4", data: 1, more: 2 }, { id: "5", data: large }];
    for (const frame of [...frames, { data: large + large }, { id: "7", data: 7 }]) client.send(frame);
    const answers = await client.answers(7);
    expect(answers.map(({ id, error }) => [id, error?.status])).toEqual([
      [undefined, 400],
      [undefined, 400],
      [undefined, 415],
      ["4", 422],
      ["5", 413],
      [undefined, 413],
      ["7", undefined],
    ]);
    expect(stored.map(({ body }) => textOf(body))).toEqual(["7"]);
  });

  it.each<[string, Record<string, unknown>, string, Record<string, string>, string]>([
    ["an unknown channel", { channel: "nowhere", data: 1 }, "/nowhere", {}, "1"],
    ["a body that breaks its schema", { data: { id: 1 } }, "/orders/created", {}, '{"id":1}'],
    [
      "a long key",
      { partitionKey: "k".repeat(300), data: 1 },
      "/orders/created",
      { partitionKey: "k".repeat(300) },
      "1",
    ],
  ])("has the problem that HTTP would tell: %s", async (_, frame, path, headers, body) => {
    const publisher = new LivePublisher();
    const document = asyncApi(`API ${crypto.randomUUID()}`, ["orders/created"]);
    const { api, token } = await publisher.registerDocument(document, { validation: "enforce" });
    const client = await connect(publisher, { clientId: api.credentials.clientId, apiId: api.id });
    const { error } = await client.answer(frame);
    expect(error).toEqual(await (await publisher.publish(path, token, headers, body)).json());
    expect(publisher.logs.appended).toEqual([]);
  });

  it("because a log does not answer is told when to come again", async () => {
    const { client, publisher } = await connectNew();
    publisher.logs.isDown = () => true;
    expect(await client.answer({ id: "1", data: 1 })).toMatchObject({ error: { status: 503 }, retryAfterSeconds: 1 });
    publisher.logs.isDown = () => false;
    expect(await client.answer({ id: "2", data: 1 })).toMatchObject({ id: "2", eventId: expect.any(String) });
  });

  it("because the path names another API goes nowhere", async () => {
    const { publisher, credentials, stored } = await connectNew();
    const other = await publisher.register();
    const client = await connect(publisher, { ...credentials, apiId: other.api.id });
    expect(await client.answer({ data: 1 })).toMatchObject({ error: { status: 404 } });
    expect(stored).toEqual([]);
  });
});

describe("a publisher's connection", () => {
  it("goes on publishing what it has got when its client hangs up", async () => {
    const { client, stored } = await connectNew();
    for (let i = 0; i < 50; i++) client.send({ data: i });
    client.close();
    await expect.poll(() => stored.length).toBe(50);
  });

  it("ends when more frames wait than may, after those that were taken have been answered", async () => {
    const { client, publisher, stored } = await connectNew();
    const { promise, resolve } = Promise.withResolvers<void>();
    const append = publisher.logs.append.bind(publisher.logs);
    publisher.logs.append = async (...call) => {
      await promise;
      return append(...call);
    };
    for (let i = 0; i < FRAMES_WAITING_MAX + 10; i++) client.send({ data: i });
    setTimeout(resolve, 100);
    expect(await client.closing()).toEqual({ code: 4429, reason: "TooMany: wait for answers" });
    expect(client.texts).toHaveLength(FRAMES_WAITING_MAX + 1);
    expect(stored.map(({ body }) => Number(textOf(body)))).toEqual(client.texts.map((_, i) => i));
  });

  it("ends when those that wait are too large together", async () => {
    const { client, publisher } = await connectNew();
    const { promise, resolve } = Promise.withResolvers<void>();
    const append = publisher.logs.append.bind(publisher.logs);
    publisher.logs.append = async (...call) => {
      await promise;
      return append(...call);
    };
    const data = "x".repeat(EVENT_BODY_BYTES_MAX - 2);
    const fitting = Math.floor(FRAMES_WAITING_CHARS_MAX / EVENT_BODY_BYTES_MAX);
    for (let i = 0; i < fitting + 3; i++) client.send({ data });
    setTimeout(resolve, 100);
    expect(await client.closing()).toMatchObject({ code: 4429 });
    expect(client.texts.length).toBeGreaterThan(1);
    expect(client.texts.length).toBeLessThanOrEqual(fitting + 1);
  });

  it("has lasted long enough after so many frames, and pings among them", async () => {
    const { client, stored } = await connectNew();
    for (let i = 0; i < FRAMES_PER_CONNECTION_MAX - 1; i++) client.send("ping");
    client.send({ data: 1 });
    client.send({ data: 2 });
    expect(await client.closing()).toEqual({ code: 1012, reason: "ServiceRestart" });
    expect(stored).toHaveLength(1);
  });

  it("ends with its token, whether or not anything is sent", async () => {
    const { publisher, credentials } = await connectNew();
    const idle = await connect(publisher, credentials, { lifeMs: 50 });
    expect(await idle.closing()).toEqual({ code: 4401, reason: "TokenExpired" });
  });

  it("publishes nothing after its token has expired, however busy it is", async () => {
    const { client, publisher, stored } = await connectNew({ lifeMs: 60_000 });
    await client.answer({ data: 1 });
    publisher.relay.clock.nowMs += 60_000;
    client.send({ data: 2 });
    expect(await client.closing()).toMatchObject({ code: 4401 });
    expect(stored).toHaveLength(1);
  });

  it("ends when its credentials are withdrawn, with the next frame", async () => {
    const publisher = new LivePublisher();
    const organization = await publisher.relay.organization();
    const api = await organization.api();
    const made = await organization.call("POST", `/v1/apis/${api.id}/credentials`, { body: { name: "second" } });
    const client = await connect(publisher, { clientId: made.body.clientId, apiId: api.id });
    await client.answer({ data: 1 });
    await organization.call("DELETE", `/v1/apis/${api.id}/credentials/${made.body.clientId}`);
    client.send({ id: "2", data: 2 });
    client.send({ id: "3", data: 3 });
    expect(await client.closing()).toEqual({ code: 4401, reason: "TokenExpired: the credentials were withdrawn" });
    expect((await client.answers(2))[1]).toMatchObject({ id: "2", error: { status: 401 } });
    expect(client.texts).toHaveLength(2);
    expect(publisher.logs.appended).toHaveLength(1);
  });

  it("ends where the relay meets a bug, and tells nothing of its insides", async () => {
    const { client, publisher } = await connectNew();
    publisher.logs.append = () => {
      throw new Error("the insides");
    };
    client.send({ data: 1 });
    expect(await client.closing()).toEqual({ code: 1011, reason: "InternalError" });
    expect(client.texts).toEqual([]);
  });
});
