import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import WebSocket from "ws";
import { CLOSE_CODES } from "../../src/domain/close-codes.ts";
import { type Receiver, startReceiver } from "../support/receivers.ts";
import {
  addWitness,
  fetchToken,
  type Scene,
  setScene,
  startTestRelay,
  type TestRelay,
  type Witness,
} from "../support/relay.ts";
import { ARRIVE, accept } from "../support/stage.ts";

/** CONTRACT §8: a publisher's frames over a WebSocket, sent by `ws`. */

const BURST = 300;
const KEYS = 5;

let relay: TestRelay;
let scene: Scene;
let token: string;
let receiver: Receiver;
let witness: Witness;

beforeAll(async () => {
  relay = await startTestRelay();
  receiver = await startReceiver(accept);
  scene = await setScene(relay, { channels: ["orders", "shops/{shopId}/sales"] });
  token = await fetchToken(relay.origin, scene.api.credentials);
  const { subscribing, app, api } = scene;
  await subscribing.client.subscribe(app.id, { apiId: api.id, endpoint: receiver.url });
  witness = await addWitness(scene);
});
afterAll(async () => {
  await relay?.close();
  await receiver?.close();
});

type Answered = { id?: string; eventId?: string; error?: { status: number; detail: string; type: string } };

/** A client of `ws`, and what it has been answered. */
class Client {
  readonly socket: WebSocket;
  readonly answers: Answered[] = [];

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data) => this.answers.push(JSON.parse(String(data))));
    socket.on("error", () => {});
  }

  answered = (count: number): Promise<Answered[]> =>
    vi.waitFor(() => {
      if (this.answers.length < count) throw new Error(`${this.answers.length} of ${count} have been answered`);
      return this.answers;
    }, ARRIVE);

  async closed(): Promise<{ code: number; reason: string }> {
    const [code, reason] = await once(this.socket, "close");
    return { code, reason: String(reason) };
  }
}

const addressOf = (path: string): string => `${relay.origin.replace("http", "ws")}/v1/stream/${scene.api.id}${path}`;

async function connect({ path = "/orders" } = {}): Promise<Client> {
  const socket = new WebSocket(addressOf(path), { headers: { Authorization: `Bearer ${token}` } });
  const client = new Client(socket);
  await once(socket, "open");
  return client;
}

const bodiesOf = (eventIds: (string | undefined)[]): string[] =>
  receiver.requests
    .filter(({ headers }) => eventIds.includes(String(headers["webhook-id"])))
    .map(({ body }) => String(body));

describe("a publisher with a WebSocket", () => {
  it("gets an event's id for each frame, and its webhooks the bytes that it wrote", async () => {
    const client = await connect();
    const data = '{"n":12345678901234567890, "x":1.0,"s":"\\u00fc"}';
    client.socket.send(`{"id":"a","data":${data}}`);
    client.socket.send('{"id":"b","channel":"shops/7/sales","partitionKey":"k","data":2}');
    const [a, b] = await client.answered(2);
    expect([a?.id, b?.id]).toEqual(["a", "b"]);
    await vi.waitFor(() => expect(bodiesOf([a?.eventId])).toEqual([data]), ARRIVE);
    await vi.waitFor(() => expect(bodiesOf([b?.eventId])).toEqual(["2"]), ARRIVE);
    const sale = receiver.requests.find(({ headers }) => headers["webhook-id"] === b?.eventId);
    expect(sale?.headers).toMatchObject({ "event-channel": "shops/7/sales", "partition-key": "k" });
    client.socket.close(1000);
    expect((await client.closed()).code).toBe(1000);
  });

  it("that sends many at once is answered in order, and each key arrives in order", async () => {
    const client = await connect();
    for (let n = 0; n < BURST; n++) {
      client.socket.send(JSON.stringify({ id: String(n), partitionKey: `burst-${n % KEYS}`, data: n }));
    }
    const answers = await client.answered(BURST);
    expect(answers.map(({ id }) => Number(id))).toEqual(Array.from({ length: BURST }, (_, n) => n));
    const ids = answers.map(({ eventId }) => eventId);
    await vi.waitFor(() => expect(bodiesOf(ids)).toHaveLength(BURST), ARRIVE);
    for (let key = 0; key < KEYS; key++) {
      const arrived = bodiesOf(ids.filter((_, n) => n % KEYS === key)).map(Number);
      expect(arrived).toEqual(arrived.toSorted((a, b) => a - b));
    }
    client.socket.terminate();
  });

  it("may say a thing again with its idempotency key, on another connection, and gets the first answer", async () => {
    const [first, second] = [await connect(), await connect()];
    const frame = JSON.stringify({ idempotencyKey: "sale-1", data: 1 });
    first.socket.send(frame);
    const [{ eventId } = {}] = await first.answered(1);
    second.socket.send(frame);
    second.socket.send(JSON.stringify({ idempotencyKey: "sale-1", data: 2 }));
    expect(await second.answered(2)).toMatchObject([{ eventId }, { error: { status: 422 } }]);
    for (const { socket } of [first, second]) socket.terminate();
  });
});

describe("frames that are none", () => {
  it("are refused in their turn, and the connection goes on", async () => {
    const client = await connect();
    const before = await witness.countStored();
    const { socket } = client;
    for (const frame of ["", "{}", "null", '{"data":1}{"data":2}', '{"data":1,"channel":"nowhere"}'])
      socket.send(frame);
    socket.send(Buffer.from('{"data":1}'), { binary: true });
    socket.send(JSON.stringify({ data: "x".repeat(1_100_000) }));
    socket.send('{"id":"good","data":1}');
    const answers = await client.answered(8);
    expect(answers.map(({ id, error }) => id ?? error?.status)).toEqual([400, 422, 422, 400, 404, 415, 413, "good"]);
    expect(await witness.countStored()).toBe(before + 1);
    socket.terminate();
  });

  it("are not published in part: a connection that breaks within a frame has sent those before it", async () => {
    const client = await connect();
    const before = await witness.countStored();
    client.socket.send('{"data":"whole"}');
    await client.answered(1);
    const stream = (client.socket as unknown as { _socket: import("node:net").Socket })._socket;
    // A masked text frame that announces 100 bytes and brings 10 (RFC 6455 §5.2).
    stream.write(Buffer.from([0x81, 0x80 | 100, 0, 0, 0, 0, ...Buffer.from('{"data":12')]));
    stream.end();
    await client.closed();
    expect(await witness.countStored()).toBe(before + 1);
  });

  it("because they are no UTF-8 come as the platform reads them: what receivers get always is", async () => {
    const client = await connect();
    client.socket.send(Buffer.from([...Buffer.from('{"data":"a'), 0xff, ...Buffer.from('"}')]), { binary: false });
    const [answer] = await client.answered(1);
    await vi.waitFor(() => expect(bodiesOf([answer?.eventId])).toEqual(['"a\ufffd"']), ARRIVE);
    client.socket.terminate();
  });
});

describe("who may not publish", () => {
  it.each<[string, () => Promise<string | null>, number]>([
    ["nobody", async () => null, 401],
    ["somebody with a token of nobody's", async () => "no.token.ofours", 401],
  ])("is refused before there is a WebSocket: %s", async (_, tokenOf, status) => {
    const bearer = await tokenOf();
    const headers = bearer === null ? {} : { Authorization: `Bearer ${bearer}` };
    const socket = new WebSocket(addressOf("/orders"), { headers });
    const [, response] = await once(socket, "unexpected-response");
    expect(response.statusCode).toBe(status);
    response.destroy();
  });

  it("is told so when its credentials are withdrawn, and is let go", async () => {
    const { publishing, api } = scene;
    const path = `/v1/apis/${api.id}/credentials`;
    const made = await publishing.client.call<{ clientId: string; clientSecret: string }>("POST", path, { name: "b" });
    const other = await fetchToken(relay.origin, made);
    const client = new Client(new WebSocket(addressOf("/orders"), { headers: { Authorization: `Bearer ${other}` } }));
    await once(client.socket, "open");
    client.socket.send('{"data":1}');
    await client.answered(1);
    await publishing.client.call("DELETE", `${path}/${made.clientId}`);
    client.socket.send('{"data":2}');
    expect((await client.closed()).code).toBe(CLOSE_CODES.TokenExpired.code);
    expect(client.answers[1]).toMatchObject({ error: { status: 401 } });
  });
});
