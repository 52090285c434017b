import { DurableObject } from "cloudflare:workers";
import type { PokeAnswer } from "../domain/feed.ts";
import { readCursor } from "../domain/stream-cursor.ts";
import {
  ACK_PATIENCE_MS,
  HUB_FRAME_BYTES_MAX,
  HUB_ROUND_MS,
  HUB_SOCKETS_MAX,
  LISTENED_TOPICS_MAX,
  POKE_RETRY_MS_MIN,
} from "../kernel/limits.ts";
import { logLine } from "../kernel/log.ts";
import { listRevokedClients } from "../registry/clients.ts";
import { type TopicLogs, topicLogs } from "../topic/client.ts";
import { CONNECT_HEADER, type HubConnect, type HubRefusal } from "./connect.ts";
import { Consumers } from "./consumers.ts";
import { ClientCommand, LinkCommand, type LinkNote } from "./link-frames.ts";
import { Listener } from "./listener.ts";
import type { LogReader } from "./log-reader.ts";
import { LogReaders } from "./log-readers.ts";
import { findPlaces } from "./places.ts";

/**
 * Holds live connections, and feeds them from the logs. A log tells each hub that there is something to read, and reads out one page
 * for all of the hub's listeners: so a log's work grows with hubs, not with listeners. Sockets hibernate: each carries its places.
 */
export class StreamHub extends DurableObject<Env> {
  readonly #logs: TopicLogs;
  readonly #readers: LogReaders;
  readonly #consumers: Consumers;
  readonly #listeners = new Map<WebSocket, Listener>();
  #alarmMs: number | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    if (!ctx.id.name) throw new Error("a hub is reached by its name");
    this.#logs = topicLogs(env.TOPIC_LOG);
    this.#readers = new LogReaders({
      ...{ hub: ctx.id.name, logs: this.#logs, nowMs: () => Date.now() },
      run: (readers) => this.#run(readers),
    });
    this.#consumers = new Consumers(ctx.storage.sql, () => Date.now());
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    for (const socket of ctx.getWebSockets()) this.#restore(socket);
    ctx.blockConcurrencyWhile(async () => {
      this.#alarmMs = await ctx.storage.getAlarm();
    });
  }

  /** Takes a connection, as the Worker describes it. */
  override async fetch(request: Request): Promise<Response> {
    const connect = JSON.parse(decodeURIComponent(request.headers.get(CONNECT_HEADER) ?? "")) as HubConnect;
    // What it began with need not survive hibernation.
    const { topics, start, ...about } = connect;
    const { consumer } = about;
    if (this.#listeners.size >= HUB_SOCKETS_MAX) return refuse("hub_full");
    if (topics.length > LISTENED_TOPICS_MAX) return refuse("too_many_topics");
    if (consumer !== null) this.#takeOver(consumer);
    if (consumer !== null) this.#consumers.dropExpired(this.#listeners.values());
    const kept = consumer === null ? null : this.#consumers.find(consumer);
    if (consumer !== null && kept === null && this.#consumers.isFull) return refuse("too_many_consumers");
    const places = await findPlaces({ ...about, topics, start, logs: this.#logs, kept: kept?.cursor ?? null });
    if (!places.ok) return refuse(places.error.reason);
    if (consumer !== null) {
      // Another one may have come by the same name while the logs were asked: this one goes on behind that one.
      this.#takeOver(consumer);
      if (this.#consumers.find(consumer)?.cursor !== kept?.cursor) return this.fetch(request);
    }
    const { 0: client, 1: socket } = new WebSocketPair();
    const listener = new Listener(socket, about);
    for (const { topic, shard, seq } of places.value) listener.sit(topic, shard, seq);
    if (!listener.save()) return refuse("too_many_topics");
    this.ctx.acceptWebSocket(socket);
    this.#seat(listener);
    if (connect.form === "link") {
      listener.tell(JSON.stringify({ kept: kept && { state: kept.state }, cursor: listener.cursor }));
    }
    this.#armAlarm();
    this.#run(this.#readers.of(listener));
    return new Response(null, { status: 101, webSocket: client, headers: { "Event-Cursor": listener.cursor } });
  }

  /** A log has something to read. Answers when all who can be sent it have it. */
  async poke(log: string): Promise<PokeAnswer> {
    const reader = this.#readers.get(log);
    if (!reader) return "nobody";
    await reader.run();
    this.#armAlarm();
    return reader.sent;
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const listener = this.#listeners.get(socket);
    if (!listener) return socket.close(1011, "InternalError");
    if (typeof message !== "string" || message.length > HUB_FRAME_BYTES_MAX) {
      return listener.close("BadFrame", "frames are JSON text");
    }
    if (listener.about.form === "link") return this.#obey(listener, LinkCommand.parse(JSON.parse(message)));
    const command = ClientCommand.safeParse(parseJson(message));
    if (!command.success || !this.#acknowledge(listener, command.data.ack)) {
      listener.tell(
        JSON.stringify({ error: { detail: 'Send {"ack": cursor}, with a cursor of an event that came.' } }),
      );
    }
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#remove(socket);
    try {
      // 1005 and 1006 say that there was no code: they can't be sent.
      socket.close(code === 1005 || code === 1006 ? 1000 : code);
    } catch {
      // It is closed already.
    }
  }

  override webSocketError(socket: WebSocket): void {
    this.#remove(socket);
  }

  /** The net below pokes and acknowledgements. */
  override async alarm(): Promise<void> {
    this.#alarmMs = null;
    const now = Date.now();
    for (const listener of this.#listeners.values()) {
      const { blockedSinceMs } = listener;
      if (blockedSinceMs !== null && now - blockedSinceMs >= ACK_PATIENCE_MS) listener.close("ConsumerTooSlow");
    }
    this.#armAlarm();
    this.#consumers.dropExpired(this.#listeners.values());
    this.#run(this.#readers.all());
    await this.#endRevoked();
  }

  #restore(socket: WebSocket): void {
    const listener = Listener.restore(socket);
    if (!listener) socket.close(1011, "InternalError");
    else this.#seat(listener);
  }

  #seat(listener: Listener): void {
    this.#listeners.set(listener.socket, listener);
    for (const seat of listener.seats.values()) this.#readers.take(seat);
  }

  async #obey(listener: Listener, command: LinkCommand): Promise<void> {
    const { consumer } = listener.about;
    if ("ack" in command) this.#acknowledge(listener, command.ack);
    else if ("listen" in command) await this.#listen(listener, command);
    else if ("leave" in command) this.#leave(listener, command.leave);
    else if (consumer === null) return;
    else if ("keep" in command) this.#consumers.keep(listener, command.keep, command.expirySeconds);
    else this.#consumers.forget(consumer);
  }

  #acknowledge(listener: Listener, cursor: string): boolean {
    const places = readCursor(cursor);
    const wasBlocked = listener.isBlocked;
    if (places === null || !listener.acknowledge(cursor, places, Date.now())) return false;
    listener.save();
    this.#consumers.note(listener);
    if (wasBlocked && !listener.isBlocked) this.#run(this.#readers.of(listener));
    return true;
  }

  async #listen(listener: Listener, { listen, start }: Extract<LinkCommand, { listen: unknown }>): Promise<void> {
    const { consumer, onGap } = listener.about;
    const seated = new Set([...listener.seats.values()].map(({ topic }) => topic.topicId));
    for (const topic of listen) listener.change(topic);
    const fresh = listen.filter(({ topicId }) => !seated.has(topicId));
    const kept = consumer === null ? null : (this.#consumers.find(consumer)?.cursor ?? null);
    const places = await findPlaces({ logs: this.#logs, onGap, topics: fresh, start, kept });
    if (!this.#listeners.has(listener.socket)) return;
    if (!places.ok) return listener.close(places.error.reason === "log_unavailable" ? "ServiceRestart" : "BadFrame");
    const readers = this.#readers.seat(listener, places.value);
    listener.save();
    this.#consumers.note(listener);
    listener.tell(JSON.stringify({ listens: true } satisfies LinkNote));
    this.#run(readers);
  }

  #leave(listener: Listener, topicIds: string[]): void {
    const left = [...listener.seats.values()].filter(({ topic }) => topicIds.includes(topic.topicId));
    for (const seat of left) {
      this.#readers.leave(seat);
      listener.leave(seat);
    }
    listener.save();
    this.#consumers.note(listener, new Set(left.map(({ topic }) => topic.topicNumber)));
  }

  #takeOver(consumer: string): void {
    for (const [socket, listener] of this.#listeners) {
      if (listener.about.consumer !== consumer) continue;
      this.#remove(socket);
      listener.close("SessionTakenOver");
    }
  }

  #remove(socket: WebSocket): void {
    const listener = this.#listeners.get(socket);
    if (!listener) return;
    this.#listeners.delete(socket);
    this.#consumers.end(listener);
    for (const seat of listener.seats.values()) this.#readers.leave(seat);
  }

  /** Where a log does not answer, the alarm asks again. */
  #run(readers: LogReader[]): void {
    const runs = readers.map((reader) =>
      reader.run().catch((error) => {
        logLine("hub_read_failed", { hub: this.ctx.id.name ?? "", error: String(error) });
        this.#armAlarm(POKE_RETRY_MS_MIN);
      }),
    );
    this.ctx.waitUntil(Promise.all(runs).then(() => this.#armAlarm()));
  }

  /** An alarm is set for as long as there are connections: for whoever must acknowledge soon, or for the next round. */
  #armAlarm(withinMs: number = HUB_ROUND_MS): void {
    if (this.#listeners.size === 0) return;
    const now = Date.now();
    let atMs = now + withinMs;
    for (const { blockedSinceMs } of this.#listeners.values()) {
      if (blockedSinceMs !== null) atMs = Math.min(atMs, blockedSinceMs + ACK_PATIENCE_MS);
    }
    // Still to come: an alarm that a run sets for the very millisecond it was itself set for is lost.
    atMs = Math.max(atMs, now + 1);
    if (this.#alarmMs !== null && this.#alarmMs <= atMs) return;
    this.#alarmMs = atMs;
    void this.ctx.storage.setAlarm(atMs);
  }

  /** Connections whose credentials were withdrawn end with the next round. */
  async #endRevoked(): Promise<void> {
    const clientIds = new Set([...this.#listeners.values()].flatMap(({ about }) => about.clientId ?? []));
    if (clientIds.size === 0) return;
    try {
      const revoked = new Set(await listRevokedClients(this.env.REGISTRY, [...clientIds]));
      for (const listener of this.#listeners.values()) {
        if (revoked.has(listener.about.clientId ?? ""))
          listener.close("TokenExpired", "the credentials were withdrawn");
      }
    } catch (error) {
      logLine("hub_clients_not_read", { hub: this.ctx.id.name ?? "", error: String(error) });
    }
  }
}

const refuse = (reason: HubRefusal["reason"]): Response => Response.json({ reason }, { status: 409 });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
