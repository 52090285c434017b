import { randomUUID } from "node:crypto";
import { CloudEvent, type CloudEventV1, HTTP } from "cloudevents";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReceivedRequest } from "../support/receivers.ts";
import { startTestRelay, type TestRelay } from "../support/relay.ts";
import { type Stage, setStage } from "../support/stage.ts";
import { fetchWebhookKeys, hasItsDigest, isSignedBy } from "../support/webhook-proof.ts";

/** CONTRACT §5, format `cloudevents`: what the CloudEvents SDK reads, and the bytes that it stands for. */

const OWNER = randomUUID();

let relay: TestRelay;
let binary: Stage;
let structured: Stage;

beforeAll(async () => {
  relay = await startTestRelay();
  binary = await setStage(relay, { format: "cloudevents" });
  structured = await setStage(relay, { format: "cloudevents", structured: true, signature: "rfc9421" });
});
afterAll(async () => {
  for (const stage of [binary, structured]) await stage?.receiver.close();
  await relay?.close();
});

const readEvent = ({ headers, body }: ReceivedRequest) =>
  HTTP.toEvent({ headers, body: body.toString() }) as CloudEventV1<unknown>;

const attributesOf = (id: unknown) => ({
  specversion: "1.0",
  id,
  source: `${relay.origin}/channels/orders`,
  type: "orders",
  time: expect.stringMatching(/Z$/),
  datacontenttype: "application/json",
});

async function expectSigned({ signingSecret }: Stage, request: ReceivedRequest): Promise<void> {
  new Webhook(signingSecret).verify(request.body, request.headers as Record<string, string>);
  const [key] = await fetchWebhookKeys(relay.origin);
  expect(key && isSignedBy(key, request)).toBe(true);
}

const BODIES = ['{"n":1}', '{ "a" :\t1.0,\r\n"b":1e2, "a":2 }\n', '"\\u0000 é 😀"', "[0]"];
/** The SDK drops the first ones and makes a text of the last: only the bytes say what came. */
const MISREAD = ["0", '""', "null", "false", "12345678901234567890.10"];

describe("in binary mode", () => {
  it.each(BODIES)("the body is what was published: %j", async (body) => {
    const request = await binary.deliver(body);
    expect(request.path).toBe("/in?team=1");
    expect(request.body.toString()).toBe(body);
    expect(request.headers["content-type"]).toBe("application/json");
    await expectSigned(binary, request);
    const event = readEvent(request);
    expect(event).toMatchObject({ ...attributesOf(request.headers["webhook-id"]), data: JSON.parse(body) });
    expect(Math.abs(Date.parse(event.time ?? "") - Date.now())).toBeLessThan(30_000);
  });

  it.each(MISREAD)("so is one that the SDK misreads: %s", async (body) => {
    const request = await binary.deliver(body);
    expect(request.body.toString()).toBe(body);
    await expectSigned(binary, request);
  });

  it("key and owner are extensions, percent-encoded, and stand nowhere else", async () => {
    const headers = { partitionKey: 'RO "1" 100%', "Data-Owner-Id": OWNER };
    const request = await binary.deliver("1", headers);
    expect(request.headers["ce-partitionkey"]).toBe("RO%20%221%22%20100%25");
    expect(request.headers["ce-dataowner"]).toBe(OWNER);
    expect(
      Object.keys(request.headers)
        .filter((name) => name.startsWith("ce-"))
        .sort(),
    ).toEqual(["ce-dataowner", "ce-id", "ce-partitionkey", "ce-source", "ce-specversion", "ce-time", "ce-type"]);
    for (const name of ["partition-key", "data-owner-id", "event-channel"])
      expect(request.headers).not.toHaveProperty(name);
  });

  it("neither the publisher nor its organization can be told", async () => {
    const request = await binary.deliver("1");
    const { publishing, api } = binary.scene;
    const all = `${request.rawHeaders.join("\n")}\n${request.body}`;
    for (const text of [publishing.id, api.id, api.title, api.credentials.clientId]) expect(all).not.toContain(text);
  });
});

describe("in structured mode", () => {
  it.each([...BODIES, ...MISREAD])("the data is the bytes that were published: %j", async (body) => {
    const request = await structured.deliver(body, { partitionKey: 'RO "1" 100%', "Data-Owner-Id": OWNER });
    expect(request.headers["content-type"]).toBe("application/cloudevents+json");
    expect(request.body.toString()).toContain(`,"data":${body}}`);
    expect(JSON.parse(request.body.toString())).toEqual({
      ...attributesOf(request.headers["webhook-id"]),
      partitionkey: 'RO "1" 100%',
      dataowner: OWNER,
      data: JSON.parse(body),
    });
    expect(Object.keys(request.headers).some((name) => name.startsWith("ce-"))).toBe(false);
    await expectSigned(structured, request);
    expect(hasItsDigest(request)).toBe(true);
  });

  it("the SDK reads attributes, extensions and data", async () => {
    const event = readEvent(await structured.deliver('{"n":1}', { partitionKey: "RO-1", "Data-Owner-Id": OWNER }));
    expect(event).toMatchObject({ type: "orders", partitionkey: "RO-1", dataowner: OWNER, data: { n: 1 } });
  });

  it("a body of a mebibyte arrives whole", async () => {
    const body = `"${"é".repeat(524_287)}"`;
    const request = await structured.deliver(body);
    expect(request.body.toString().endsWith(`,"data":${body}}`)).toBe(true);
    await expectSigned(structured, request);
  });
});

describe("an event that the SDK publishes", () => {
  const published = new CloudEvent({
    source: "https://publisher.example/workshop",
    type: "com.example.order.changed",
    time: "2026-01-01T00:00:00.000Z",
    subject: 'order "7" é',
    dataschema: "https://example.com/order.json",
    datacontenttype: "application/json",
    region: "eu",
    data: { n: 1 },
  });

  it.each([
    ["binary", () => binary],
    ["structured", () => structured],
  ])("is in %s mode delivered as it was, but for its id and its source", async (mode, stageOf) => {
    const { headers, body } = HTTP.structured(published);
    const request = await stageOf().deliver(String(body), headers as Record<string, string>);
    const event = readEvent(request);
    const { type, time, dataschema, datacontenttype, region } = published;
    expect(event).toMatchObject({ type, time, dataschema, datacontenttype, region, data: { n: 1 } });
    // The SDK leaves headers percent-encoded.
    expect(mode === "binary" ? decodeURIComponent(event.subject ?? "") : event.subject).toBe(published.subject);
    expect(event).toMatchObject({ id: request.headers["webhook-id"], source: `${relay.origin}/channels/orders` });
    expect(`${request.rawHeaders}${request.body}`).not.toContain("publisher.example");
    await expectSigned(stageOf(), request);
  });
});
