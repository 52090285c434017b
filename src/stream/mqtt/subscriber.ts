import type { LiveEvent } from "../../domain/live.ts";
import {
  LISTENED_TOPICS_MAX,
  MQTT_FILTER_CHARS_MAX,
  MQTT_FILTERS_MAX,
  MQTT_SESSION_STATE_BYTES_MAX,
  MQTT_TOPICS_READ_MAX,
} from "../../kernel/limits.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { SubscribePacket, UnsubscribePacket } from "./client-packets.ts";
import type { ConnectRequest } from "./connect.ts";
import { type KeptSession, writeSession } from "./kept-session.ts";
import { Outgoing } from "./outgoing.ts";
import type { AppTopic, EventLink, MqttClient, MqttPorts, Wire } from "./ports.ts";
import { REASON, type Reason, SUBSCRIBE_FAILED } from "./reason-codes.ts";
import { type GrantedFilter, Subscriptions } from "./subscriptions.ts";
import { apiIdOf, mayMatch, readTopicFilter, type TopicFilter } from "./topic-filter.ts";

type Wanted = SubscribePacket["subscriptions"][number];
type SubscriberDeps = {
  wire: Wire;
  link: EventLink;
  ports: Pick<MqttPorts, "now" | "findTopics" | "lastEvents">;
  client: MqttClient;
  request: ConnectRequest;
  /** What is gone on with; null: nothing. */
  kept: KeptSession | null;
};

const RETAIN_IF_NEW = 1;
const RETAIN_NEVER = 2;

/** An app's session: its filters, and the events that it gets for them. */
export class Subscriber {
  readonly #deps: SubscriberDeps;
  readonly #subscriptions = new Subscriptions();
  readonly #outgoing: Outgoing;

  constructor(deps: SubscriberDeps) {
    this.#deps = deps;
    const { wire, link, ports, request, kept } = deps;
    this.#outgoing = new Outgoing({
      write: (packet) => wire.write(packet),
      send: (bytes) => wire.send(bytes),
      now: () => ports.now(),
      staled: () => wire.end("serverShuttingDown"),
      processed: (cursor) => link.ack(cursor),
      inFlightMax: request.inFlightMax,
      packetBytesMax: request.packetBytesMax,
      redelivered: kept?.inFlight ?? [],
    });
  }

  /** Goes on with the filters that were kept, as far as the app may still have what they name. False: that cannot be told now. */
  async resume(): Promise<boolean> {
    const filters = this.#deps.kept?.filters ?? [];
    if (filters.length === 0) return true;
    const topics = await this.#findTopics(filters.map(({ filter }) => filter));
    if (!topics) return false;
    for (const granted of filters) this.#subscriptions.set(granted);
    this.#subscriptions.learn(topics);
    return true;
  }

  /** Begins to get events: nothing may be sent before the CONNACK. From now on there is a session, also without a filter. */
  async start(): Promise<void> {
    this.keep();
    await this.#listen();
  }

  onEvent(event: LiveEvent): void {
    this.#outgoing.add(event, this.#subscriptions.grantFor(event));
  }

  acknowledge(packetId: number): void {
    this.#outgoing.acknowledge(packetId);
  }

  /** The connection ends: what comes now is for the next one. */
  stop(): void {
    this.#outgoing.stop();
  }

  async subscribe({ messageId, subscriptions, properties }: SubscribePacket): Promise<void> {
    const read = subscriptions.map(({ topic }) => readTopicFilter(topic, MQTT_FILTER_CHARS_MAX));
    const filters = read.flatMap((filter) => (filter.ok ? filter.value : []));
    const topics = filters.length === 0 ? [] : await this.#findTopics(filters);
    const isNew = subscriptions.map(({ topic }) => !this.#subscriptions.has(topic));
    const identifier = properties.subscriptionIdentifier ?? null;
    const granted = read.map((filter, i) => {
      if (!filter.ok) return filter;
      const qos = subscriptions[i]?.qos === 0 ? 0 : 1;
      return this.#grant({ filter: filter.value, qos, identifier }, topics);
    });
    await this.#listen();
    this.keep();
    this.#answer(
      messageId,
      granted.map((one) => (one.ok ? one.value.qos : one.error)),
    );
    const wanted = granted.flatMap((one, i) => {
      const isWanted = one.ok && wantsRetained(subscriptions[i], isNew[i] ?? true);
      return isWanted ? one.value : [];
    });
    await this.#outgoing.addRetained(() => this.#readRetained(wanted));
  }

  async unsubscribe({ messageId, unsubscriptions }: UnsubscribePacket): Promise<void> {
    const granted = unsubscriptions.map((text) =>
      this.#subscriptions.remove(text) ? REASON.success : REASON.noSubscription,
    );
    await this.#listen();
    this.keep();
    this.#deps.wire.answer({ cmd: "unsuback", messageId, granted });
  }

  /** Keeps the session as it is, for as long as it was asked for. */
  keep(expirySeconds = this.#deps.request.expirySeconds): void {
    if (expirySeconds > 0) this.#deps.link.keep(this.#write(), expirySeconds);
  }

  #write(): string {
    return writeSession({ filters: this.#subscriptions.filters, inFlight: this.#outgoing.inFlight });
  }

  #findTopics(filters: TopicFilter[]): Promise<AppTopic[] | null> {
    const apiIds = filters.map(apiIdOf);
    const named = apiIds.filter((apiId) => apiId !== null);
    const { ports, client } = this.#deps;
    return ports.findTopics(client, named.length < apiIds.length ? null : named, MQTT_TOPICS_READ_MAX);
  }

  /** Takes a filter on where the app may have something that it names, and it is not one too many. */
  #grant(granted: GrantedFilter, topics: AppTopic[] | null): Result<GrantedFilter, Reason> {
    if (!topics) return err("unspecified");
    const matched = topics.filter((topic) => mayMatch(granted.filter, topic));
    if (matched.length === 0) return err(topics.length < MQTT_TOPICS_READ_MAX ? "notAuthorized" : "quotaExceeded");
    const { filters } = this.#subscriptions;
    const isReplaced = this.#subscriptions.has(granted.filter.text);
    const stateBytes = this.#write().length + granted.filter.text.length;
    const isTooMany =
      this.#subscriptions.countWith(matched) > LISTENED_TOPICS_MAX ||
      (!isReplaced && (filters.length === MQTT_FILTERS_MAX || stateBytes > MQTT_SESSION_STATE_BYTES_MAX));
    if (isTooMany) return err("quotaExceeded");
    this.#subscriptions.learn(matched);
    this.#subscriptions.set(granted);
    return ok(granted);
  }

  /** Tells the stream what the filters want now. */
  async #listen(): Promise<void> {
    const { listen, leave } = this.#subscriptions.update();
    if (leave.length > 0) this.#deps.link.leave(leave);
    if (listen.length > 0) await this.#deps.link.listen(listen, { after: null, from: "latest" });
  }

  #answer(messageId: number, codes: (0 | 1 | Reason)[]): void {
    const isOld = this.#deps.wire.version === 4;
    const granted = codes.map((code) => {
      if (typeof code === "number") return code;
      return isOld ? SUBSCRIBE_FAILED : REASON[code];
    });
    this.#deps.wire.answer({ cmd: "suback", messageId, granted });
  }

  async #readRetained(wanted: GrantedFilter[]): Promise<Awaited<ReturnType<Parameters<Outgoing["addRetained"]>[0]>>> {
    const topics = wanted.flatMap(({ filter }) => this.#subscriptions.topicsOf(filter));
    if (topics.length === 0) return [];
    const events = await this.#deps.ports.lastEvents(topics);
    return events.flatMap((event) => {
      const grant = this.#subscriptions.grantFor(event);
      return grant ? { event, identifiers: grant.identifiers } : [];
    });
  }
}

/** 3.1.1 sends retained messages for each SUBSCRIBE; MQTT 5 as `Retain Handling` says [MQTT-3.8.3.1]. */
function wantsRetained(wanted: Wanted | undefined, isNew: boolean): boolean {
  const handling = wanted?.rh ?? 0;
  return handling !== RETAIN_NEVER && (handling !== RETAIN_IF_NEW || isNew);
}
