import type { Context } from "hono";
import type { ListenedTopic, LiveEvent } from "../../domain/live.ts";
import type { HubConnect, ListenStart } from "../../hub/connect.ts";
import type { HubLink } from "../../hub/link.ts";
import type { HubScope } from "../../hub/open-hub.ts";
import { openHubLink } from "../../hub/open-link.ts";
import { HEARTBEAT_MS, STREAM_ACK_BYTES, STREAM_ACK_EVENTS, STREAM_STALE_MS } from "../../kernel/limits.ts";
import type { Result } from "../../kernel/result.ts";
import { eventBlock, heartbeat, openingBlock } from "../../stream/sse/event-stream.ts";
import type { AppEnv } from "../app-env.ts";
import { problem } from "../problem.ts";
import { describeHubRefusal } from "./hub-problem.ts";

/** What a stream listens to, and as whom. */
export type Listening = { scope: HubScope; clientId: string | null; topics: ListenedTopic[]; start: ListenStart };

/** Who begins with whatever is kept misses nothing that is not; who brings a cursor is told. */
export const onGapOf = ({ after, from }: ListenStart): HubConnect["onGap"] =>
  after === null && from === "earliest" ? "skip" : "refuse";

/**
 * Answers with an event stream. What the client has not read waits in the hub's window, and behind that in the log: a client that is
 * too slow is cut, and resumes with its last id.
 */
export async function answerEventStream(
  c: Context<AppEnv>,
  { scope, clientId, topics, start }: Listening,
): Promise<Response> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const connect = { clientId, consumer: null, hintsOnly: false, onGap: onGapOf(start), topics } as const;
  const open = (from: ListenStart): ReturnType<typeof openHubLink> =>
    openHubLink(
      c.env.STREAM_HUB,
      scope,
      { ...connect, start: from },
      { onEvent: (event) => stream.send(event), onHint: () => undefined, onEnd: () => stream.end() },
    );
  const stream = new EventStream(writable.getWriter(), {
    nowMs: () => c.var.clock.now(),
    openAfter: (cursor) => open({ ...start, after: cursor }),
  });
  const link = await open(start);
  if (!link.ok) return problem(c, describeHubRefusal(link.error));
  stream.begin(link.value);
  return c.body(readable, 200, {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
  });
}

type StreamDeps = {
  nowMs(): number;
  /** Another link, which begins behind that cursor. */
  openAfter(cursor: string): Promise<Result<HubLink, unknown>>;
};

/** Writes blocks one after the other, as fast as the client reads, and acknowledges what it has taken. */
export class EventStream {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #deps: StreamDeps;
  #link: HubLink | null = null;
  /** Of the last event that was written. */
  #cursor = "";
  #waiting: { event: LiveEvent; sinceMs: number }[] = [];
  #isWriting = false;
  #isOver = false;
  #unacked = { events: 0, bytes: 0 };
  #heart: ReturnType<typeof setInterval> | undefined;

  constructor(writer: WritableStreamDefaultWriter<Uint8Array>, deps: StreamDeps) {
    this.#writer = writer;
    this.#deps = deps;
  }

  begin(link: HubLink): void {
    this.#link = link;
    this.#cursor = link.cursor;
    this.#heart = setInterval(() => void this.#write(heartbeat), HEARTBEAT_MS);
    this.#writer.closed.catch(() => this.#leave());
    void this.#write(() => openingBlock(link.cursor));
  }

  send(event: LiveEvent): void {
    this.#waiting.push({ event, sinceMs: this.#deps.nowMs() });
    if (!this.#isWriting && this.#link) void this.#writeOn();
  }

  /** The hub has closed the link: the client resumes with its last id, or is told why it can't. */
  end(): void {
    this.#leave();
    this.#writer.close().catch(() => undefined);
  }

  /** Between events, where there is nothing to write: a client that does not read gets no heartbeat either. */
  async #write(block: () => Uint8Array): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    try {
      await this.#writer.write(block());
    } catch {
      return this.#leave();
    }
    this.#isWriting = false;
    if (this.#waiting.length > 0) await this.#writeOn();
  }

  async #writeOn(): Promise<void> {
    this.#isWriting = true;
    try {
      for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
        if (this.#deps.nowMs() - next.sinceMs > STREAM_STALE_MS) await this.#readAgain();
        else await this.#writeEvent(next.event);
      }
    } catch {
      return this.#leave();
    }
    this.#isWriting = false;
  }

  async #writeEvent(event: LiveEvent): Promise<void> {
    await this.#writer.write(eventBlock(event));
    this.#cursor = event.cursor;
    this.#acknowledge(event);
  }

  /** Not each event by itself: every acknowledgement is a message to the hub, and all that it decides is whether more may be sent ahead. */
  #acknowledge({ cursor, body }: LiveEvent): void {
    const { events, bytes } = this.#unacked;
    this.#unacked = { events: events + 1, bytes: bytes + body.length };
    if (this.#unacked.events < STREAM_ACK_EVENTS && this.#unacked.bytes < STREAM_ACK_BYTES) return;
    this.#unacked = { events: 0, bytes: 0 };
    this.#link?.ack(cursor);
  }

  /** Consents may have been withdrawn while these events waited, and the withdrawal answered: the log decides anew. */
  async #readAgain(): Promise<void> {
    this.#waiting = [];
    this.#unacked = { events: 0, bytes: 0 };
    this.#link?.close();
    const link = await this.#deps.openAfter(this.#cursor);
    if (!link.ok) this.end();
    else if (this.#isOver) link.value.close();
    else this.#link = link.value;
  }

  #leave(): void {
    this.#isOver = true;
    clearInterval(this.#heart);
    this.#waiting = [];
    this.#link?.close();
  }
}
