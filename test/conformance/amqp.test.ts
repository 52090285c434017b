import { once } from "node:events";
import type { Connection, Delivery, EventContext, Message, ReceiverOptions } from "rhea";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import WebSocket from "ws";
import { type AmqpCredentials, connectAmqp, until } from "../support/amqp-client.ts";
import { addWitness, readProgress, type Scene, setScene, startTestRelay, type TestRelay } from "../support/relay.ts";
import { ARRIVE } from "../support/stage.ts";

/** CONTRACT §8, `GET /amqp`: AMQP 1.0 over a WebSocket, by a client that is not ours. */

const HEADER = Buffer.from("AMQP\x03\x01\x00\x00", "latin1");
// SASL: an init whose one field is array32, 5 bytes of it, of 2³²−1 nulls.
const FOUR_BILLION_NULLS = Buffer.from("00000018020100000053 41c00b01f000000005ffffffff40".replaceAll(" ", ""), "hex");

let relay: TestRelay;
const open: Connection[] = [];

beforeAll(async () => {
  relay = await startTestRelay();
});
afterAll(() => relay?.close());
afterEach(() => {
  for (const connection of open.splice(0)) connection.close();
});

function connect(credentials: AmqpCredentials, options = {}): Connection {
  const connection = connectAmqp(relay.origin, credentials, options);
  open.push(connection);
  return connection;
}

type Stage = { scene: Scene; id: string; source: string; asApp: AmqpCredentials; asPublisher: AmqpCredentials };

/** A scene of its own with a subscription that nobody delivers. */
async function setStage(settings: Record<string, unknown> = {}): Promise<Stage> {
  const scene = await setScene(relay, { channels: ["orders", "shops/{shopId}/sales"] });
  const { api, app, subscribing } = scene;
  const { id } = await subscribing.client.subscribe(app.id, { apiId: api.id, ...settings } as never);
  return {
    scene,
    id,
    source: `${api.id}/orders`,
    asApp: { username: app.apiKey, password: app.apiSecret },
    asPublisher: { username: api.credentials.clientId, password: api.credentials.clientSecret },
  };
}

/** A receiver that settles nothing by itself, and what has come over it. */
function receive(connection: Connection, source: string, options: Partial<ReceiverOptions> = {}) {
  const receiver = connection.open_receiver({ source, credit_window: 0, autoaccept: false, ...options });
  const got: { message: Message; delivery: Delivery }[] = [];
  receiver.on("message", ({ message, delivery }: EventContext) =>
    got.push({ message: message as Message, delivery: delivery as Delivery }),
  );
  const ids = () => got.map(({ message }) => message.message_id);
  const count = (n: number) => vi.waitFor(() => expect(got).toHaveLength(n), ARRIVE);
  return { receiver, got, ids, count };
}

const backlogOf = async ({ scene, id }: Stage) => (await readProgress(scene, id)).backlog;

describe("a connection", () => {
  it.each([
    ["a wrong secret", { password: "wrong" }],
    ["an unknown key", { username: "nobody" }],
    ["no credentials", { username: "anonymous", password: undefined }],
  ])("is refused with %s", async (_, credentials) => {
    const { asApp } = await setStage();
    const { error } = await until(connect({ ...asApp, ...credentials } as AmqpCredentials), "connection_error");
    expect(error).toMatchObject({ condition: "amqp:unauthorized-access" });
  });

  it.each([undefined, "mqtt"])("needs the subprotocol, and not %s", async (subprotocol) => {
    const socket = new WebSocket(`${relay.origin.replace(/^http/, "ws")}/amqp`, subprotocol);
    socket.on("error", () => {});
    const [, response] = await once(socket, "unexpected-response");
    expect(response.statusCode).toBe(400);
  });

  it.each([
    ["garbage", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
    ["an older AMQP", Buffer.from("AMQP\x00\x00\x09\x01")],
    ["a frame of four gibibytes", Buffer.concat([HEADER, Buffer.from([255, 255, 255, 255, 2, 1, 0, 0])])],
    ["an array of four billion nulls", Buffer.concat([HEADER, FOUR_BILLION_NULLS])],
    ["text", "AMQP"],
  ])("that sends %s is ended, and harms nobody", async (_, bytes) => {
    const socket = new WebSocket(`${relay.origin.replace(/^http/, "ws")}/amqp`, "amqp");
    await once(socket, "open");
    socket.send(bytes);
    await once(socket, "close");
    expect((await fetch(`${relay.origin}/healthz`)).status).toBe(200);
  });
});

describe("a receiver", () => {
  it("gets what it has credit for, and settles it by accepting", async () => {
    const stage = await setStage();
    const { publisher } = stage.scene;
    const { receiver, got, ids, count } = receive(connect(stage.asApp), stage.source);
    await until(receiver, "receiver_open");
    const published: string[] = [];
    for (let n = 0; n < 12; n++)
      published.push(await publisher.publish("orders", { n }, { partitionKey: `RO-${n % 3}` }));
    expect(got).toEqual([]);
    receiver.add_credit(1);
    await count(1);
    got[0]?.delivery.accept();
    await vi.waitFor(async () => expect(await backlogOf(stage)).toBe(11), ARRIVE);
    receiver.add_credit(10);
    await count(11);
    expect(await backlogOf(stage)).toBe(11);
    for (const { delivery } of got.slice(1)) delivery.accept();
    receiver.add_credit(10);
    await count(12);
    expect(new Set(ids())).toEqual(new Set(published));
    expect(got[0]?.message).toMatchObject({ to: "orders", group_id: "RO-0", content_type: "application/json" });
    expect(JSON.parse(got[0]?.message.body.content.toString())).toEqual({ n: 0 });
    got[11]?.delivery.accept();
    await vi.waitFor(async () => expect(await backlogOf(stage)).toBe(0), ARRIVE);
  });

  it("gets an event that is published later without asking", async () => {
    const stage = await setStage();
    const { receiver, count } = receive(connect(stage.asApp), stage.source);
    receiver.add_credit(10);
    await until(receiver, "receiver_open");
    for (let n = 1; n <= 3; n++) {
      await stage.scene.publisher.publish("orders", { n });
      await count(n);
    }
  });

  it("gets what it has released at once, and what it has rejected by the subscription's retries", async () => {
    const stage = await setStage();
    const { receiver, got, ids, count } = receive(connect(stage.asApp), stage.source);
    receiver.add_credit(3);
    const id = await stage.scene.publisher.publish("orders", {}, { partitionKey: "RO-1" });
    await count(1);
    got[0]?.delivery.release();
    await count(2);
    got[1]?.delivery.reject();
    await count(3);
    expect(ids()).toEqual([id, id, id]);
    expect(got.map(({ message }) => message.delivery_count)).toEqual([0, 0, 1]);
    got[2]?.delivery.accept();
    await vi.waitFor(async () => expect(await backlogOf(stage)).toBe(0), ARRIVE);
  });

  it("shares a subscription with others, in order of each key, though connections are cut", async () => {
    const stage = await setStage();
    const { publisher } = stage.scene;
    const published: string[] = [];
    for (let n = 0; n < 60; n++)
      published.push(await publisher.publish("orders", { n }, { partitionKey: `RO-${n % 5}` }));
    const seen: { id: string; key: string }[] = [];
    const consume = (cutAfter: number) => {
      const { receiver } = receive(connect(stage.asApp), stage.source);
      let taken = 0;
      receiver.add_credit(5);
      receiver.on("message", ({ message, delivery, connection }: EventContext) => {
        seen.push({ id: String(message?.message_id), key: String(message?.group_id) });
        if (++taken === cutAfter) {
          // As if the machine had lost its power.
          (connection as unknown as { socket: { end(): void } }).socket.end();
          consume(cutAfter + 3);
        } else if (taken < cutAfter) {
          delivery?.accept();
          receiver.add_credit(1);
        }
      });
    };
    consume(2);
    consume(3);
    await vi.waitFor(async () => expect(await backlogOf(stage)).toBe(0), ARRIVE);
    for (const key of ["RO-0", "RO-1", "RO-2", "RO-3", "RO-4"]) {
      const inOrder = published.filter((_, n) => `RO-${n % 5}` === key);
      const first = [...new Set(seen.filter((event) => event.key === key).map(({ id }) => id))];
      expect(first).toEqual(inOrder);
    }
  });

  it("reads all events itself, whoever has taken them, from an offset or a time on", async () => {
    const stage = await setStage();
    const published: string[] = [];
    for (let n = 0; n < 4; n++)
      published.push(await stage.scene.publisher.publish("orders", { n }, { partitionKey: "k" }));
    const shared = receive(connect(stage.asApp), stage.source, { autoaccept: true });
    shared.receiver.add_credit(4);
    await shared.count(4);
    const from = (selector: string) => {
      const filter = { "apache.org:selector-filter:string": selector };
      const own = receive(connect(stage.asApp), "", { source: { address: stage.source, filter } });
      own.receiver.add_credit(10);
      return own;
    };
    const all = from("amqp.annotation.x-opt-enqueued-time > '0'");
    await all.count(4);
    expect(all.ids()).toEqual(published);
    const rest = from(`amqp.annotation.x-opt-offset > '${all.got[1]?.message.message_annotations?.["x-opt-offset"]}'`);
    await rest.count(2);
    expect(rest.ids()).toEqual(published.slice(2));
    published.push(await stage.scene.publisher.publish("orders", {}));
    await rest.count(3);
    await all.count(5);
    expect(rest.ids()).toEqual(published.slice(2));
  });

  it.each([
    ["a channel that is none", { source: "nothing" }, "amqp:not-found"],
    ["a subscription with an endpoint", { endpoint: "http://127.0.0.1:9/" }, "amqp:not-allowed"],
  ])("is told why it cannot attach to %s", async (_, { source, ...settings }: Record<string, string>, condition) => {
    const stage = await setStage(settings);
    const address = source ? `${stage.scene.api.id}/${source}` : stage.source;
    const { receiver } = receive(connect(stage.asApp), address);
    await until(receiver, "receiver_error");
    expect(receiver.error).toMatchObject({ condition });
  });

  it("of another app, or a publisher, gets nothing", async () => {
    const [stage, other] = [await setStage(), await setStage()];
    for (const [credentials, condition] of [
      [other.asApp, "amqp:not-found"],
      [stage.asPublisher, "amqp:unauthorized-access"],
    ] as const) {
      const { receiver } = receive(connect(credentials), stage.source);
      await until(receiver, "receiver_error");
      expect(receiver.error).toMatchObject({ condition });
    }
  });

  it("is detached when its subscription is paused", async () => {
    const stage = await setStage();
    const { receiver } = receive(connect(stage.asApp), stage.source);
    receiver.add_credit(1);
    await until(receiver, "receiver_open");
    await stage.scene.subscribing.client.call("POST", `/v1/subscriptions/${stage.id}/pause`, {});
    await until(receiver, "receiver_error");
    expect(receiver.error).toMatchObject({ condition: "amqp:not-allowed" });
  });
});

describe("a sender", () => {
  it("publishes, and hears when the event is durable", async () => {
    const stage = await setStage();
    const witness = await addWitness(stage.scene);
    const sender = connect(stage.asPublisher).open_sender(stage.source);
    await until(sender, "sendable");
    sender.send({ body: '{"n":1}', group_id: "RO-1" });
    await until(sender, "accepted");
    expect(await witness.countStored()).toBe(1);
    const { receiver, got, count } = receive(connect(stage.asApp), stage.source);
    receiver.add_credit(1);
    await count(1);
    expect(got[0]?.message.group_id).toBe("RO-1");
    expect(got[0]?.message.body.content.toString()).toBe('{"n":1}');
  });

  it("hears why an event was not taken", async () => {
    const stage = await setStage();
    const sender = connect(stage.asPublisher).open_sender(stage.source);
    await until(sender, "sendable");
    sender.send({ body: "not JSON" });
    const { delivery } = await until(sender, "rejected");
    expect(delivery?.remote_state?.error).toMatchObject({ condition: "event-relay:body-not-json" });
  });

  it("of an app may not publish", async () => {
    const stage = await setStage();
    const sender = connect(stage.asApp).open_sender(stage.source);
    await until(sender, "sender_error");
    expect(sender.error).toMatchObject({ condition: "amqp:unauthorized-access" });
  });
});
