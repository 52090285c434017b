import { CloudEvent, type CloudEventV1, HTTP, type Message } from "cloudevents";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Answered, expectAccepted, expectProblem, publishRaw } from "../support/publish.ts";
import { type ReceivedRequest, type Receiver, startReceiver } from "../support/receivers.ts";
import {
  addWitness,
  fetchToken,
  readProgress,
  type Scene,
  setScene,
  startTestRelay,
  type TestRelay,
  type Witness,
} from "../support/relay.ts";
import { ARRIVE, accept, arrivalAt } from "../support/stage.ts";

/** CONTRACT §4: CloudEvents as their own SDK sends them, and as hostile clients do. */

const OWNER = "8a4f5b0e-9b5c-4d62-8b6e-3a0c2b1d4e5f";
const BATCH = "application/cloudevents-batch+json; charset=utf-8";

let relay: TestRelay;
let scene: Scene;
let token: string;
let standard: Receiver;
let cloudevents: Receiver;
let witness: Witness;

beforeAll(async () => {
  relay = await startTestRelay();
  scene = await setScene(relay);
  token = await tokenOf(scene);
  standard = await startReceiver(accept);
  cloudevents = await startReceiver(accept);
  await subscribe(scene, { endpoint: standard.url });
  await subscribe(scene, { endpoint: cloudevents.url, format: "cloudevents" });
  witness = await addWitness(scene);
});
afterAll(async () => {
  await relay?.close();
  await standard?.close();
  await cloudevents?.close();
});

const tokenOf = ({ api }: Scene): Promise<string> => fetchToken(relay.origin, api.credentials);

const subscribe = async ({ subscribing, app, api }: Scene, settings: Record<string, unknown>): Promise<string> =>
  (await subscribing.client.subscribe(app.id, { apiId: api.id, ...settings })).id;

const countStored = (): Promise<number> => witness.countStored();

/** Sends what the SDK has made of an event. */
const send = ({ headers, body }: Message, more: Record<string, string> = {}): Promise<Answered> =>
  publishRaw(relay.origin, { token, headers: { ...(headers as Record<string, string>), ...more }, body: String(body) });

const sendBatch = (events: unknown[], more: Record<string, string> = {}): Promise<Answered> =>
  publishRaw(relay.origin, { token, headers: { "Content-Type": BATCH, ...more }, body: JSON.stringify(events) });

const newEvent = (fields: Partial<CloudEventV1<unknown>> = {}) =>
  new CloudEvent({
    source: "/secret-shop/7",
    type: "com.example.order.created",
    subject: "order-1",
    time: "2026-11-22T10:00:00.000Z",
    dataschema: "https://schemas.example/order",
    partitionkey: "RO-1",
    dataowner: OWNER,
    region: "eu",
    data: { n: 1, text: "ü\u0000\u{1F600}" },
    ...fields,
  });

describe("an event of the SDK", () => {
  it.each([
    ["binary", HTTP.binary],
    ["structured", HTTP.structured],
  ])("in %s mode arrives with its data, its key and its owner", async (_, write) => {
    const eventId = expectAccepted(await send(write(newEvent())));
    const { headers, body } = await arrivalAt(standard, eventId);
    expect(body.toString()).toBe('{"n":1,"text":"ü\\u0000\u{1F600}"}');
    expect(headers).toMatchObject({
      "content-type": expect.stringMatching(/^application\/json/),
      "partition-key": "RO-1",
      "data-owner-id": OWNER,
      "event-hops": "1",
    });
  });

  it.each([
    ["binary", HTTP.binary],
    ["structured", HTTP.structured],
  ])("in %s mode is read by the SDK at the other end, under another source", async (_, write) => {
    const eventId = expectAccepted(await send(write(newEvent())));
    const arrived = await arrivalAt(cloudevents, eventId);
    const read = HTTP.toEvent({ headers: arrived.headers, body: arrived.body.toString() }) as CloudEventV1<unknown>;
    expect(read).toMatchObject({
      id: eventId,
      type: "com.example.order.created",
      subject: "order-1",
      time: "2026-11-22T10:00:00.000Z",
      dataschema: "https://schemas.example/order",
      region: "eu",
      partitionkey: "RO-1",
      dataowner: OWNER,
      data: { n: 1, text: "ü\u0000\u{1F600}" },
    });
    expect(JSON.stringify([arrived.headers, arrived.body.toString()])).not.toContain("secret-shop");
  });

  it("is the same when it is sent again, in whichever mode, and refused with other data", async () => {
    const event = newEvent();
    const first = expectAccepted(await send(HTTP.binary(event)));
    const stored = await countStored();
    expect(expectAccepted(await send(HTTP.structured(event)))).toBe(first);
    expect((await sendBatch([event])).json).toEqual({ eventIds: [first] });
    expectProblem(await send(HTTP.binary(event.cloneWith({ data: { n: 2 } }))), 422, ["secret-shop"]);
    expect(await countStored()).toBe(stored);
  });
});

describe("data", () => {
  it.each(['{ "n" :1.10,"n": 12345678901234567890 }', '"\\ud800"', "[[],{}]", "0", '""'])(
    "of %s in an event in JSON arrives byte for byte",
    async (data) => {
      const body = `{"data": ${data} ,"specversion":"1.0","id":"${crypto.randomUUID()}","source":"/s","type":"t"}`;
      const headers = { "Content-Type": "application/cloudevents+json" };
      const eventId = expectAccepted(await publishRaw(relay.origin, { token, headers, body }));
      expect((await arrivalAt(standard, eventId)).body.toString()).toBe(data);
    },
  );
});

describe("a batch", () => {
  it("is answered in its order, arrives in the order of its keys, and is safe to repeat", async () => {
    const events = Array.from({ length: 100 }, (_, i) => newEvent({ data: i, partitionkey: `batch-${i % 3}` }));
    const answer = await sendBatch(events);
    expect(answer.status).toBe(200);
    const eventIds = answer.json.eventIds as string[];
    expect(new Set(eventIds).size).toBe(100);
    const stored = await countStored();
    expect((await sendBatch(events)).json).toEqual(answer.json);
    expect(await countStored()).toBe(stored);
    await arrivalAt(standard, eventIds.at(-1) ?? "");
    await vi.waitFor(() => {
      const arrived = standard.requests.filter(({ headers }) => eventIds.includes(String(headers["webhook-id"])));
      expect(arrived).toHaveLength(100);
    }, ARRIVE);
    for (const key of ["batch-0", "batch-1", "batch-2"]) {
      const data = standard.requests
        .filter(({ headers }) => headers["partition-key"] === key)
        .map(({ body }) => Number(body.toString()));
      expect(data).toEqual(data.toSorted((a, b) => a - b));
    }
  });

  it("with one event that conflicts with an earlier one stores nothing of the others", async () => {
    const earlier = newEvent();
    expectAccepted(await send(HTTP.structured(earlier)));
    const before = await countStored();
    const answer = await sendBatch([newEvent(), earlier.cloneWith({ data: "another" }), newEvent()]);
    expectProblem(answer, 422);
    expect(answer.json.errors).toMatchObject([{ path: "/1" }]);
    expect(await countStored()).toBe(before);
  });
});

describe("a hostile event", () => {
  const START = '"specversion":"1.0","id":"1","source":"/s","type":"t"';
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

  it.each<[string, string | Buffer, number]>([
    ["with its data twice", `{${START},"data":1,"data":2}`, 400],
    ["with its data twice, once in disguise", `{${START},"data":1,"\\u0064ata":2}`, 400],
    ["with another id behind the first", `{${START},"id":"2"}`, 400],
    ["with a prototype", `{"__proto__":{${START}}}`, 400],
    ["nested too deep", `{${START},"data":${nested(257)}}`, 400],
    ["that only opens", `{${START},"data":${"[".repeat(500_000)}`, 400],
    ["with a huge attribute", `{${START},"subject":"${"x".repeat(9_000)}"}`, 400],
    ["with many members", `{${START}${Array.from({ length: 50_000 }, (_, i) => `,"e${i}":null`).join("")}}`, 400],
    ["that is no UTF-8", Buffer.concat([Buffer.from(`{${START},"data":"`), Buffer.of(0xff), Buffer.from('"}')]), 400],
    ["with a NUL in an attribute", `{${START},"e":"\\u0000"}`, 400],
    ["with a line break in an attribute", `{${START},"e":"a\\r\\nX-Injected: 1"}`, 400],
    ["with half a character in an attribute", `{${START},"e":"\\ud800"}`, 400],
    ["of more than a megabyte", `{${START},"data":"${"x".repeat(1024 * 1024)}"}`, 413],
    ["of white space", "   ", 400],
  ])("%s is refused, alone and in a batch, and nothing is stored", async (_, body, status) => {
    const before = await countStored();
    const alone = { "Content-Type": "application/cloudevents+json" };
    expectProblem(await publishRaw(relay.origin, { token, headers: alone, body }), status);
    const batch = Buffer.concat([Buffer.from("["), Buffer.from(body), Buffer.from(`,{${START}}]`)]);
    expectProblem(await publishRaw(relay.origin, { token, headers: { "Content-Type": BATCH }, body: batch }), status);
    expect(await countStored()).toBe(before);
  });

  it.each(["application/cloudevents+json", "Application/CloudEvents-Batch+JSON; a=b"])(
    "whose data is called %s is refused: its receivers would read attributes out of the data",
    async (datacontenttype) => {
      const before = await countStored();
      const forged = { specversion: "1.0", id: "1", source: `${relay.origin}/channels/payments`, type: "t" };
      const event = { ...forged, datacontenttype, data: { ...forged, dataowner: OWNER } };
      const alone = { "Content-Type": "application/cloudevents+json" };
      expectProblem(await publishRaw(relay.origin, { token, headers: alone, body: JSON.stringify(event) }), 415);
      expectProblem(await sendBatch([event]), 415);
      expect(await countStored()).toBe(before);
    },
  );

  it("with headers of more than 32 KiB is refused", async () => {
    const headers = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`ce-e${i}`, "x".repeat(1_000)]));
    expectProblem(await send(HTTP.binary(newEvent()), headers), 431);
  });
});

describe("an event that its receiver publishes again", () => {
  /** What a bridge between relays does: all that came goes on, but for what belongs to the connection and to the relay. */
  const forward = async ({ headers, body }: ReceivedRequest, path: string, asToken: string): Promise<Answered> => {
    const own = /^(host|connection|content-length|authorization|webhook-|accept|user-agent|cf-)/;
    const carried = Object.entries(headers).filter(([name]) => !own.test(name)) as [string, string][];
    return publishRaw(relay.origin, { token: asToken, path, headers: Object.fromEntries(carried), body });
  };

  it.each([
    ["standard", {}],
    ["cloudevents", { format: "cloudevents" }],
    ["cloudevents in one body", { format: "cloudevents", structured: true }],
    ["fortellis", { format: "fortellis" }],
  ])("is stopped after five hops, in format %s", async (_, settings) => {
    const loop = await setScene(relay, { channels: ["loop"] });
    const loopToken = await tokenOf(loop);
    const answers: Answered[] = [];
    const receiver = await startReceiver(async (response, request) => {
      answers.push(await forward(request, "/v2/events/loop", loopToken));
      response.writeHead(204).end();
    });
    const id = await subscribe(loop, { endpoint: receiver.url, ...settings });
    expectAccepted(await publishRaw(relay.origin, { token: loopToken, path: "/v2/events/loop" }));
    await vi.waitFor(() => expect(answers).toHaveLength(6), ARRIVE);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 508]);
    expect(receiver.requests.map(({ headers }) => headers["event-hops"])).toEqual(["1", "2", "3", "4", "5", "6"]);
    expectProblem(answers[5] as Answered, 508);
    await vi.waitFor(async () => expect((await readProgress(loop, id)).backlog).toBe(0), ARRIVE);
    expect(answers).toHaveLength(6);
    await receiver.close();
  });
});
