import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { createApp } from "../../../../src/http/app.ts";
import type { TokenLimits } from "../../../../src/http/app-env.ts";
import { listClientTopics } from "../../../../src/registry/listened-topics.ts";
import { type Json, type Organization, Relay } from "../relay.ts";

const LIMIT = 1_000;
// The counters begin anew with each minute of the clock, and that may fall into a test.
const OVER_THE_MINUTE = { retry: 2 };

/** An organization that publishes, one that subscribes, and what an app's key may listen to. */
async function setStage() {
  const relay = new Relay();
  const publishing = await relay.organization("Publishing");
  const subscribing = await relay.organization("Subscribing");
  const api = await publishing.api(["orders", "vehicles/{vin}", "returns"], { visibility: "public" });
  const app = await subscribing.app();
  const listen = async (clientId: string = app.apiKey, apiIds: string[] | null = null) => {
    const topics = await listClientTopics(relay.env.REGISTRY, clientId, { apiIds, limit: LIMIT });
    return topics.map(({ address }) => address).sort();
  };
  const subscribe = (body: Record<string, unknown> = {}) =>
    call(subscribing, "POST", `/v1/apps/${app.id}/subscriptions`, { apiId: api.id, ...body });
  return { relay, publishing, subscribing, api, app, listen, subscribe };
}

async function call(organization: Organization, method: string, path: string, body: unknown = {}): Promise<Json> {
  const answer = await organization.call(method, path, method === "DELETE" ? {} : { body });
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.text}`);
  return answer.body;
}

const ALL = ["orders", "returns", "vehicles/{vin}"];

describe("what an app's credentials may listen to", () => {
  it("is nothing without a subscription", async () => {
    const { listen } = await setStage();
    expect(await listen()).toEqual([]);
  });

  it("is what its app subscribes to", async () => {
    const { listen, subscribe, api } = await setStage();
    await subscribe();
    expect(await listen()).toEqual(ALL);
    expect(await listen(undefined, [api.id])).toEqual(ALL);
    expect(await listen(undefined, [crypto.randomUUID()])).toEqual([]);
  });

  it("is the subscription's channels", async () => {
    const { listen, subscribe } = await setStage();
    await subscribe({ channels: ["orders"] });
    expect(await listen()).toEqual(["orders"]);
  });

  it("is no more than the credentials are limited to", async () => {
    const { listen, subscribe, subscribing, app } = await setStage();
    await subscribe();
    const path = `/v1/apps/${app.id}/credentials`;
    const limited = await call(subscribing, "POST", path, { name: "a", channels: ["returns", "unknown"] });
    expect(await listen(limited.apiKey)).toEqual(["returns"]);
    await call(subscribing, "DELETE", `${path}/${limited.apiKey}`);
    expect(await listen(limited.apiKey)).toEqual([]);
  });

  it("ends with a pause, and comes back", async () => {
    const { listen, subscribe, subscribing } = await setStage();
    const { id } = await subscribe();
    await call(subscribing, "POST", `/v1/subscriptions/${id}/pause`);
    expect(await listen()).toEqual([]);
    await call(subscribing, "POST", `/v1/subscriptions/${id}/resume`);
    expect(await listen()).toEqual(ALL);
  });

  it("ends when the API is hidden from the app's organization", async () => {
    const { listen, subscribe, publishing, api } = await setStage();
    await subscribe();
    await call(publishing, "PATCH", `/v1/apis/${api.id}`, { visibility: "private" });
    expect(await listen()).toEqual([]);
  });

  it("waits for the publisher's approval", async () => {
    const { listen, subscribe, publishing, api } = await setStage();
    await call(publishing, "PATCH", `/v1/apis/${api.id}`, { approval: "manual" });
    const { id } = await subscribe();
    expect(await listen()).toEqual([]);
    await call(publishing, "POST", `/v1/subscriptions/${id}/approve`);
    expect(await listen()).toEqual(ALL);
  });

  it("names each topic once, by the oldest subscription that has it", async () => {
    const { relay, subscribe, app } = await setStage();
    const first = await subscribe({ channels: ["orders"] });
    const second = await subscribe();
    const topics = await listClientTopics(relay.env.REGISTRY, app.apiKey, { apiIds: null, limit: LIMIT });
    expect(new Map(topics.map(({ address, subscriptionId }) => [address, subscriptionId]))).toEqual(
      new Map([
        ["orders", first.id],
        ["returns", second.id],
        ["vehicles/{vin}", second.id],
      ]),
    );
    expect(topics).toHaveLength(3);
  });

  it("is not more than was asked for, and nothing for a publisher", async () => {
    const { relay, subscribe, app, api, listen } = await setStage();
    await subscribe();
    expect(await listClientTopics(relay.env.REGISTRY, app.apiKey, { apiIds: null, limit: 2 })).toHaveLength(2);
    expect(await listen(api.credentials.clientId)).toEqual([]);
  });
});

describe("GET /mqtt", OVER_THE_MINUTE, () => {
  const get = (headers: Record<string, string>) => new Relay().call("GET", "/mqtt", { headers, token: null });

  it.each([
    ["without an upgrade", {}],
    ["without a subprotocol", { Upgrade: "websocket" }],
    ["with the subprotocol of MQTT 3.1", { Upgrade: "websocket", "Sec-WebSocket-Protocol": "mqttv3.1" }],
  ])("%s is refused", async (_, headers) => {
    expect(await get(headers)).toMatchObject({ status: 400, body: { detail: expect.stringContaining("mqtt") } });
  });

  it("is taken where the subprotocol is among those that the client speaks", async () => {
    const { answer } = await connect({ protocols: "mqttv3.1, mqtt" });
    expect(answer.status).toBe(101);
    expect(answer.headers.get("Sec-WebSocket-Protocol")).toBe("mqtt");
  });

  it("counts a CONNECT as the token endpoint counts a request", async () => {
    const { login } = await connect({ limits: { TOKEN_LIMIT_PER_CLIENT: env.TEST_LIMIT_PER_CLIENT } });
    const user = crypto.randomUUID();
    for (let i = 0; i < 3; i++) expect(await login(user)).toBe(0x86);
    expect(await login(user)).toBe(0x9f);
  });

  it("counts connections of an address", async () => {
    const limits = { TOKEN_LIMIT_PER_ADDRESS: env.TEST_LIMIT_PER_ADDRESS };
    const address = `10.1.2.${crypto.getRandomValues(new Uint8Array(1))[0]}`;
    for (let i = 0; i < 5; i++) expect((await connect({ limits, address })).answer.status).toBe(101);
    expect((await connect({ limits, address })).answer.status).toBe(429);
  });

  it("closes on a text message", async () => {
    const { open } = await connect();
    const socket = open();
    const closed = new Promise<number>((resolve) => socket.addEventListener("close", ({ code }) => resolve(code)));
    socket.send("text");
    expect(await closed).toBe(4400);
  });
});

type Connecting = { protocols?: string; limits?: TokenLimits; address?: string };

/** A connection to the app itself, without a network. */
async function connect({ protocols = "mqtt", limits = {}, address }: Connecting = {}) {
  const relay = new Relay();
  const app = createApp({ clock: relay.clock, logsOf: () => relay.logs });
  const ask = () => {
    const headers = new Headers({ Upgrade: "websocket", "Sec-WebSocket-Protocol": protocols });
    if (address) headers.set("CF-Connecting-IP", address);
    const request = new Request("https://relay.test/mqtt", { headers });
    return app.fetch(request, { ...relay.env, ...limits }, createExecutionContext());
  };
  const answer = await ask();
  const openOf = (response: Response): WebSocket => {
    const socket = response.webSocket;
    if (!socket) throw new Error(`no socket: ${response.status}`);
    socket.binaryType = "arraybuffer";
    socket.accept();
    return socket;
  };
  /** Sends a CONNECT, and gives the reason code of the CONNACK. */
  const login = async (user: string): Promise<number | undefined> => {
    const socket = openOf(await ask());
    const answered = new Promise<ArrayBuffer>((resolve) =>
      socket.addEventListener("message", ({ data }) => resolve(data as ArrayBuffer)),
    );
    socket.send(connectBytes(user));
    return new Uint8Array(await answered)[3];
  };
  return { answer, login, open: () => openOf(answer) };
}

/** A CONNECT of MQTT 5 with a clean start, a user and a password, without properties. */
function connectBytes(user: string): Uint8Array {
  const text = (value: string) => [0, value.length, ...new TextEncoder().encode(value)];
  const body = [...text("MQTT"), 5, 0xc2, 0, 60, 0, ...text("a-client"), ...text(user), ...text("wrong")];
  return Uint8Array.of(0x10, body.length, ...body);
}
