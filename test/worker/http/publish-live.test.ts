import { describe, expect, it } from "vitest";
import type { LivePublish } from "../../../src/http/publish/publish-live.ts";
import { EVENT_BODY_BYTES_MAX } from "../../../src/kernel/limits.ts";
import { bytesOf, LivePublisher } from "./live-publisher.ts";
import { asyncApi } from "./relay.ts";

const OWNER = "8a4f5b0e-9b5c-4d62-8b6e-3a0c2b1d4e5f";

async function open(channels?: string[]) {
  const publisher = new LivePublisher();
  const { api, token } = await publisher.register(channels);
  const clientId: string = api.credentials.clientId;
  return {
    publisher,
    api,
    clientId,
    token,
    send: (message: Partial<LivePublish>) => publisher.publishLive(clientId, message),
  };
}

describe("an event of a live connection", () => {
  it("is stored as it came, with what was said of it", async () => {
    const { publisher, send } = await open();
    const requestId = crypto.randomUUID();
    const body = bytesOf('{"n":12345678901234567890, "x":1.0}');
    const said = { partitionKey: "k", dataOwnerId: OWNER.toUpperCase(), idempotencyKey: "once" };
    const answer = await send({ channel: "/orders/7/changed", body, requestId, ...said });
    expect(answer).toMatchObject({ status: 200, body: { validation: null } });
    expect(publisher.logs.appended).toEqual([
      {
        ...{
          id: answer.body.eventId,
          channel: "orders/7/changed",
          partitionKey: "k",
          dataOwnerId: OWNER,
          body,
          requestId,
        },
        ...{ subscriptionId: null, originRequestId: null, traceparent: null, tracestate: null, cloudEvent: null },
        ...{ contentType: "application/json", hops: 0 },
        idempotency: { key: expect.any(String), bodyDigest: expect.any(String) },
      },
    ]);
  });

  it("needs no channel where the API has only one, and may leave the rest away", async () => {
    const { publisher, send } = await open(["orders/created"]);
    expect(await send({ channel: null, partitionKey: "", dataOwnerId: "", idempotencyKey: "" })).toMatchObject({
      status: 200,
    });
    expect(publisher.logs.appended).toMatchObject([
      { channel: "orders/created", partitionKey: null, dataOwnerId: null, idempotency: null },
    ]);
    const several = await open();
    expect(await several.send({ channel: null })).toMatchObject({ status: 404 });
  });

  it("has the idempotency key of the same publish over HTTP", async () => {
    const { publisher, token, send } = await open();
    await send({ idempotencyKey: "once" });
    await publisher.publish("/orders/created", token, { "Idempotency-Key": "once" });
    const [live, overHttp] = publisher.logs.appended.map(({ idempotency }) => idempotency);
    expect(live).not.toBeNull();
    expect(live).toEqual(overHttp);
  });

  it("costs no query when warm", async () => {
    const { publisher, token, send } = await open();
    await publisher.publish("/orders/created", token);
    publisher.queries = 0;
    for (let i = 0; i < 3; i++) expect((await send({})).status).toBe(200);
    expect(publisher.queries).toBe(0);
  });

  it("has a new request id where it has none that is a UUID", async () => {
    const { publisher, send } = await open();
    await send({ requestId: "1\r\nX-Injected: 1" });
    expect(publisher.logs.appended[0]?.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("is judged by the schemas of its channel", async () => {
    const publisher = new LivePublisher();
    const document = asyncApi(`API ${crypto.randomUUID()}`, ["orders/created"]);
    const { api, patch } = await publisher.registerDocument(document, { validation: "warn" });
    const publish = () => publisher.publishLive(api.credentials.clientId, { body: bytesOf('{"id":1}') });
    expect(await publish()).toMatchObject({
      status: 200,
      body: { validation: 'invalid; message="Changed"; path="/id"' },
    });
    await patch({ validation: "enforce" });
    expect(await publish()).toMatchObject({ status: 422, body: { errors: [{ path: "/id" }] } });
    expect(publisher.logs.appended.map(({ invalid }) => invalid)).toEqual(["marked"]);
  });
});

describe("what is wrong with an event of a live connection", () => {
  const http = (publisher: LivePublisher, token: string, path: string, headers = {}, body?: BodyInit) =>
    publisher.publish(path, token, headers, body);

  it.each<[string, Partial<LivePublish>, [path: string, headers: Record<string, string>, body?: BodyInit]]>([
    ["an unknown channel", { channel: "nowhere" }, ["/nowhere", {}]],
    ["a body that is no JSON", { body: bytesOf('{"n":') }, ["/orders/created", {}, '{"n":']],
    ["an empty body", { body: bytesOf("") }, ["/orders/created", {}, ""]],
    [
      "a body that is no UTF-8",
      { body: new Uint8Array([34, 255, 34]) },
      ["/orders/created", {}, new Uint8Array([34, 255, 34])],
    ],
    ["a deep body", { body: bytesOf("[".repeat(300)) }, ["/orders/created", {}, "[".repeat(300)]],
    [
      "a large body",
      { body: bytesOf(`"${"x".repeat(EVENT_BODY_BYTES_MAX)}"`) },
      ["/orders/created", {}, `"${"x".repeat(EVENT_BODY_BYTES_MAX)}"`],
    ],
    ["another media type", { contentType: "text/plain" }, ["/orders/created", { "Content-Type": "text/plain" }]],
    ["a long partition key", { partitionKey: "k".repeat(257) }, ["/orders/created", { partitionKey: "k".repeat(257) }]],
  ])("is refused as over HTTP: %s", async (_, message, [path, headers, body]) => {
    const { publisher, token, send } = await open();
    const live = await send(message);
    expect(publisher.logs.appended).toEqual([]);
    const answer = await http(publisher, token, path, headers, body);
    expect(live.status).toBe(answer.status);
    expect(live.body).toEqual(await answer.json());
  });

  it.each<[string, Partial<LivePublish>, string]>([
    ["an owner that is no UUID", { dataOwnerId: "me" }, "dataOwnerId must be a UUID."],
    ["a line break in a key", { partitionKey: "a\r\nX: 1" }, "partitionKey must not hold control characters."],
    ["half a character in a key", { partitionKey: "\ud83d" }, "partitionKey must be well-formed Unicode."],
    ["a long idempotency key", { idempotencyKey: "k".repeat(257) }, "idempotencyKey must be at most 256 bytes."],
    [
      "a media type of CloudEvents",
      { contentType: "application/cloudevents+json" },
      "Events are application/json in UTF-8, or CloudEvents of that.",
    ],
    ["half a character in a channel", { channel: "orders/\udc00/changed" }, "The API has no such channel."],
    ["a control character in a channel", { channel: "orders/\n/changed" }, "The API has no such channel."],
    ["a channel without a name", { channel: "" }, "The API has no such channel."],
  ])("is refused: %s", async (_, message, detail) => {
    const { publisher, send } = await open();
    expect((await send(message)).body.detail).toBe(detail);
    expect(publisher.logs.appended).toEqual([]);
  });

  it("is refused where it names another API, whosever that is", async () => {
    const { publisher, api, send } = await open();
    const other = await publisher.register();
    expect(await send({ apiId: other.api.id })).toMatchObject({
      status: 404,
      body: { detail: "The API has no such channel." },
    });
    expect(await send({ apiId: api.id })).toMatchObject({ status: 200 });
    expect(publisher.logs.appended).toHaveLength(1);
  });
});

describe("credentials that were withdrawn", () => {
  it("publish nothing more over a live connection once that is answered, whatever the isolate remembers", async () => {
    const publisher = new LivePublisher();
    const organization = await publisher.relay.organization();
    const api = await organization.api();
    const made = await organization.call("POST", `/v1/apis/${api.id}/credentials`, { body: { name: "second" } });
    const { clientId } = made.body;
    expect((await publisher.publishLive(clientId, {})).status).toBe(200);
    expect((await organization.call("DELETE", `/v1/apis/${api.id}/credentials/${clientId}`)).status).toBe(204);
    const refused = await publisher.publishLive(clientId, {});
    expect(refused).toMatchObject({ status: 401, body: { detail: "These credentials were withdrawn." } });
    expect(publisher.logs.appended).toHaveLength(1);
  });

  it("limited to channels publish to no other over a live connection", async () => {
    const publisher = new LivePublisher();
    const organization = await publisher.relay.organization();
    const api = await organization.api();
    const body = { name: "limited", channels: ["orders/{id}/changed"] };
    const { clientId } = (await organization.call("POST", `/v1/apis/${api.id}/credentials`, { body })).body;
    expect((await publisher.publishLive(clientId, { channel: "orders/7/changed" })).status).toBe(200);
    expect((await publisher.publishLive(clientId, { channel: "orders/created" })).status).toBe(403);
  });
});
