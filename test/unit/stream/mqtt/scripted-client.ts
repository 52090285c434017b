import { generate, type Packet, parser } from "mqtt-packet";
import type { ListenedTopic, LiveEvent } from "../../../../src/domain/live.ts";
import { ok } from "../../../../src/kernel/result.ts";
import { MqttConnection } from "../../../../src/stream/mqtt/connection.ts";
import type { MqttMessage } from "../../../../src/stream/mqtt/message.ts";
import type { AppTopic, EventLink, LinkListener, MqttPorts } from "../../../../src/stream/mqtt/ports.ts";

export const API = "0b7e1c52-9d0e-4f2b-8f43-3c6a0f6f5a01";
export const APP = "5a4cbd0e-7a55-4d3a-8d51-6a3a1be0d002";

/** A hub's sessions as far as one test needs them: what is kept outlives the connections. */
export class FakeHub {
  readonly kept = new Map<string, string>();
  readonly open = new Map<string, FakeLink>();

  openLink(session: string, listener: LinkListener): FakeLink {
    this.open.get(session)?.end(4409);
    const link = new FakeLink(this, session, listener);
    this.open.set(session, link);
    return link;
  }
}

export class FakeLink implements EventLink {
  readonly #hub: FakeHub;
  readonly #session: string;
  readonly #listener: LinkListener;
  readonly kept: { state: string } | null;
  readonly topics = new Map<string, ListenedTopic>();
  readonly acked: string[] = [];
  expirySeconds: number | null = null;
  isClosed = false;

  constructor(hub: FakeHub, session: string, listener: LinkListener) {
    this.#hub = hub;
    this.#session = session;
    this.#listener = listener;
    const state = hub.kept.get(session);
    this.kept = state === undefined ? null : { state };
  }

  async listen(topics: ListenedTopic[]): Promise<void> {
    for (const topic of topics) this.topics.set(topic.topicId, topic);
  }

  leave(topicIds: string[]): void {
    for (const topicId of topicIds) this.topics.delete(topicId);
  }

  ack(cursor: string): void {
    if (this.isClosed) throw new Error("acknowledged on a closed link");
    this.acked.push(cursor);
  }

  keep(state: string, expirySeconds: number): void {
    this.#hub.kept.set(this.#session, state);
    this.expirySeconds = expirySeconds;
  }

  forget(): void {
    this.#hub.kept.delete(this.#session);
  }

  close(): void {
    this.isClosed = true;
    if (this.#hub.open.get(this.#session) === this) this.#hub.open.delete(this.#session);
  }

  push(event: LiveEvent): void {
    this.#listener.onEvent(event);
  }

  end(code: number): void {
    this.isClosed = true;
    this.#listener.onEnd({ code });
  }
}

/** What a test may change of the world around a connection. */
export type World = { hub: FakeHub; topics: AppTopic[]; published: MqttMessage[]; nowMs: number } & Pick<
  MqttPorts,
  "login" | "lastEvents" | "publish"
>;

export function aWorld(changes: Partial<World> = {}): World {
  const published: MqttMessage[] = [];
  return {
    hub: new FakeHub(),
    topics: [aTopic("orders"), aTopic("vehicles/{vin}/position")],
    published,
    nowMs: 1_000_000,
    login: async ({ user }) =>
      ok(
        user === "publisher"
          ? { kind: "publisher", ownerId: API, clientId: user }
          : { kind: "app", ownerId: APP, clientId: user },
      ),
    lastEvents: async () => [],
    publish: async (_client, message) => {
      published.push(message);
      return ok({ eventId: `event-${published.length}` });
    },
    ...changes,
  };
}

let topicNumbers = 0;

export const aTopic = (address: string, apiId = API): AppTopic => ({
  apiId,
  subscriptionId: "a-subscription",
  topicId: `${apiId}:${address}`,
  topicNumber: ++topicNumbers,
  address,
  shards: 1,
});

let events = 0;

export const anEvent = (changes: Partial<LiveEvent> = {}): LiveEvent => {
  const n = ++events;
  return {
    cursor: `cursor-${n}`,
    id: `event-${n}`,
    apiId: API,
    channel: "orders",
    partitionKey: null,
    dataOwnerId: null,
    acceptedMs: 0,
    body: new TextEncoder().encode(`{"n":${n}}`),
    ...changes,
  };
};

/** A client that says what a test tells it to, with a wire that is not the relay's own code but for the packets' library. */
export class ScriptedClient {
  readonly connection: MqttConnection;
  readonly received: Packet[] = [];
  closed: { code: number; reason: string } | null = null;
  dueMs: number | null = null;
  readonly failures: unknown[] = [];
  readonly #version: 4 | 5;
  readonly #work: Promise<unknown>[] = [];
  link: FakeLink | null = null;

  constructor(world: World, version: 4 | 5 = 5) {
    this.#version = version;
    const reading = parser({ protocolVersion: version });
    reading.on("packet", (packet) => this.received.push(packet));
    reading.on("error", (error) => {
      throw error;
    });
    this.connection = new MqttConnection({
      now: () => world.nowMs,
      newId: () => "an-id-of-the-server",
      tickAfter: (ms) => {
        this.dueMs = world.nowMs + ms;
      },
      send: (bytes) => void reading.parse(Buffer.from(bytes)),
      close: (code, reason) => {
        this.closed = { code, reason };
        this.connection.closed();
      },
      background: (work) => void this.#work.push(work),
      login: (credentials) => world.login(credentials),
      openLink: async ({ session }, listener) => {
        this.link = world.hub.openLink(session, listener);
        return ok(this.link);
      },
      findTopics: async (_client, apiIds) => world.topics.filter(({ apiId }) => apiIds?.includes(apiId) ?? true),
      lastEvents: (topics) => world.lastEvents(topics),
      publish: (client, message) => world.publish(client, message),
      failed: (error) => void this.failures.push(error),
    });
  }

  /** Sends packets and gives what came back for them. */
  async say(...packets: Packet[]): Promise<Packet[]> {
    return this.sayBytes(...packets.map((packet) => this.write(packet)));
  }

  async sayBytes(...messages: Uint8Array[]): Promise<Packet[]> {
    const before = this.received.length;
    for (const bytes of messages) this.connection.receive(bytes);
    await this.settle();
    return this.received.slice(before);
  }

  write(packet: Packet): Uint8Array {
    return generate(packet, { protocolVersion: this.#version });
  }

  /** Its socket closes without a word. */
  async gone(): Promise<void> {
    this.connection.closed();
    await this.settle();
  }

  async settle(): Promise<void> {
    for (let work = this.#work.shift(); work; work = this.#work.shift()) await work;
  }

  /** Connects with credentials that are right; `changes` are of the CONNECT. */
  async connect(changes: Partial<Packet & { cmd: "connect" }> = {}): Promise<Packet | undefined> {
    const [connack] = await this.say({
      cmd: "connect",
      protocolId: "MQTT",
      protocolVersion: this.#version,
      clientId: "a-client",
      clean: true,
      keepalive: 60,
      username: "app",
      password: Buffer.from("secret"),
      ...changes,
    });
    return connack;
  }

  async subscribe(topic: string, changes: { qos?: 0 | 1 | 2; rh?: number; identifier?: number } = {}): Promise<number> {
    const { qos = 1, rh = 0, identifier } = changes;
    const answers = await this.say({
      cmd: "subscribe",
      messageId: 10,
      subscriptions: [{ topic, qos, nl: false, rap: false, rh }],
      ...(identifier && { properties: { subscriptionIdentifier: identifier } }),
    });
    const [suback] = answers;
    if (suback?.cmd !== "suback") throw new Error(`no SUBACK: ${JSON.stringify(suback)}`);
    return Number(suback.granted[0]);
  }

  get publishes(): (Packet & { cmd: "publish" })[] {
    return this.received.filter((packet) => packet.cmd === "publish");
  }
}
