import type { IPublishPacket } from "mqtt-packet";
import type { LiveEvent } from "../../domain/live.ts";
import { MQTT_IN_FLIGHT_BYTES_MAX, MQTT_STALE_MS } from "../../kernel/limits.ts";
import { topicName } from "./topic-filter.ts";

/** How the client wants an event: by the filters that match it. */
export type Grant = { qos: 0 | 1; identifiers: number[] };

/** An event that is in flight, by the packet identifier that the client knows it by. */
export type InFlight = { packetId: number; eventId: string };

export type OutgoingDeps = {
  write(packet: IPublishPacket): Uint8Array;
  send(bytes: Uint8Array): void;
  now(): number;
  /** An event has waited for too long: whether the client may still have it, only its log knows. */
  staled(): void;
  /** Everything up to this cursor has reached the client, or is nothing for it. */
  processed(cursor: string): void;
  inFlightMax: number;
  /** Of the client: it does not take larger packets. */
  packetBytesMax: number;
  /** What was in flight when the session was here last: sent again as what it was [MQTT-4.4.0-1]. */
  redelivered: InFlight[];
};

/** `cursor` is null where the event is not the stream's next one but a retained message. */
type Item = { event: LiveEvent; cursor: string | null; grant: Grant | null; sinceMs: number };
/** `packetId` is null once nothing is awaited. */
type Sent = { cursor: string | null; eventId: string; packetId: number | null; bytes: number };

const PACKET_ID_MAX = 0xffff;

/**
 * Events on their way to the client, strictly in the order in which they came. Those of QoS 1 stop where the client has not acknowledged
 * as many as it may have; what stands behind them waits. The stream's cursor follows what is acknowledged without a gap.
 */
export class Outgoing {
  readonly #deps: OutgoingDeps;
  readonly #waiting: Item[] = [];
  readonly #sent: Sent[] = [];
  readonly #awaited = new Map<number, Sent>();
  /** Event → the packet identifier that is its own from before. */
  readonly #earlier: Map<string, number>;
  #awaitedBytes = 0;
  #lastId = 0;
  /** The names of what has come since retained messages are looked for; null: none are. */
  #fresh: Set<string> | null = null;
  #isStopped = false;

  constructor(deps: OutgoingDeps) {
    this.#deps = deps;
    this.#earlier = new Map(deps.redelivered.map(({ eventId, packetId }) => [eventId, packetId]));
  }

  /** What the client has not acknowledged, in order. */
  get inFlight(): InFlight[] {
    return this.#sent.flatMap(({ packetId, eventId }) => (packetId === null ? [] : { packetId, eventId }));
  }

  /** The stream's next event; `grant` is null where no filter wants it any more. */
  add(event: LiveEvent, grant: Grant | null): void {
    this.#fresh?.add(topicName(event.apiId, event.channel));
    this.#waiting.push({ event, cursor: event.cursor, grant, sinceMs: this.#deps.now() });
    this.#flush();
  }

  /** Sends the retained messages that `find` gives, in QoS 0: none waits. One whose channel has had an event meanwhile is old by then. */
  async addRetained(find: () => Promise<{ event: LiveEvent; identifiers: number[] }[]>): Promise<void> {
    const fresh = new Set<string>();
    this.#fresh = fresh;
    const retained = await find();
    this.#fresh = null;
    for (const { event, identifiers } of retained) {
      if (fresh.has(topicName(event.apiId, event.channel))) continue;
      this.#publish({ event, grant: { qos: 0, identifiers }, cursor: null, sinceMs: this.#deps.now() });
    }
    this.#settle();
  }

  /** Sends nothing any more, and counts nothing as processed. */
  stop(): void {
    this.#isStopped = true;
  }

  /** An identifier that nothing is awaited for means nothing: the answer to a packet of an earlier connection. */
  acknowledge(packetId: number): void {
    const sent = this.#awaited.get(packetId);
    if (!sent) return;
    this.#awaited.delete(packetId);
    this.#awaitedBytes -= sent.bytes;
    sent.packetId = null;
    this.#settle();
    this.#flush();
  }

  #flush(): void {
    while (!this.#isStopped) {
      const [item] = this.#waiting;
      if (!item || (item.grant?.qos === 1 && !this.#hasRoom(item.event))) break;
      if (item.grant && this.#deps.now() - item.sinceMs > MQTT_STALE_MS) {
        this.#deps.staled();
        break;
      }
      this.#waiting.shift();
      this.#publish(item);
    }
    this.#settle();
  }

  /** One event always has room, however large it is. */
  #hasRoom({ body }: LiveEvent): boolean {
    const { size } = this.#awaited;
    const isWithinBytes = size === 0 || this.#awaitedBytes + body.length <= MQTT_IN_FLIGHT_BYTES_MAX;
    return size < this.#deps.inFlightMax && isWithinBytes;
  }

  #publish({ event, cursor, grant }: Item): void {
    const sent: Sent = { cursor, eventId: event.id, packetId: null, bytes: event.body.length };
    this.#sent.push(sent);
    if (!grant || this.#isStopped) return;
    const isRetained = cursor === null;
    const earlierId = isRetained ? undefined : this.#earlier.get(event.id);
    const packetId = grant.qos === 1 ? (earlierId ?? this.#newId()) : null;
    const bytes = this.#deps.write(
      toPacket(event, { ...grant, isRetained, packetId, isAgain: earlierId !== undefined }),
    );
    // [MQTT-3.1.2-25]: what is too large for the client is as if it had been sent.
    if (bytes.length > this.#deps.packetBytesMax) return;
    if (packetId !== null) {
      this.#earlier.delete(event.id);
      this.#awaited.set(packetId, sent);
      this.#awaitedBytes += sent.bytes;
      sent.packetId = packetId;
    }
    this.#deps.send(bytes);
  }

  /** The next one that is free: [MQTT-2.2.1-3]. */
  #newId(): number {
    const taken = new Set(this.#earlier.values());
    do this.#lastId = (this.#lastId % PACKET_ID_MAX) + 1;
    while (this.#awaited.has(this.#lastId) || taken.has(this.#lastId));
    return this.#lastId;
  }

  #settle(): void {
    if (this.#isStopped) return;
    const firstAwaited = this.#sent.findIndex(({ packetId }) => packetId !== null);
    const done = this.#sent.splice(0, firstAwaited < 0 ? this.#sent.length : firstAwaited);
    const cursor = done.findLast((sent) => sent.cursor !== null)?.cursor;
    if (typeof cursor === "string") this.#deps.processed(cursor);
  }
}

type Sending = Grant & { isRetained: boolean; packetId: number | null; isAgain: boolean };

/** Properties are written in MQTT 5 only: 3.1.1 has no place for them. */
function toPacket(event: LiveEvent, { qos, identifiers, isRetained, packetId, isAgain }: Sending): IPublishPacket {
  const { body } = event;
  return {
    cmd: "publish",
    topic: topicName(event.apiId, event.channel),
    payload: Buffer.from(body.buffer as ArrayBuffer, body.byteOffset, body.byteLength),
    qos,
    retain: isRetained,
    dup: isAgain && qos === 1,
    ...(packetId !== null && { messageId: packetId }),
    properties: {
      payloadFormatIndicator: true,
      contentType: "application/json",
      ...(identifiers.length > 0 && { subscriptionIdentifier: identifiers }),
      userProperties: {
        "event-id": event.id,
        ...(event.partitionKey !== null && { "partition-key": event.partitionKey }),
        ...(event.dataOwnerId !== null && { "data-owner-id": event.dataOwnerId }),
        "accepted-at": new Date(event.acceptedMs).toISOString(),
        ...(!isRetained && { cursor: event.cursor }),
      },
    },
  };
}
