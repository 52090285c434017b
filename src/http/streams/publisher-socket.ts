import type { Context } from "hono";
import { isTemplate } from "../../domain/channel-address.ts";
import { type CloseName, closeOf } from "../../domain/close-codes.ts";
import {
  ANSWERS_PER_CONNECTION_CHARS_MAX,
  FRAMES_PER_CONNECTION_MAX,
  FRAMES_WAITING_CHARS_MAX,
  FRAMES_WAITING_MAX,
  PUBLISH_FRAME_BYTES_MAX,
} from "../../kernel/limits.ts";
import { logLine } from "../../kernel/log.ts";
import { err } from "../../kernel/result.ts";
import { FrameQueue } from "../../stream/frame-queue.ts";
import { FRAME_TOO_LARGE, readPublishFrame } from "../../stream/websocket/publish-frame.ts";
import type { AppEnv } from "../app-env.ts";
import { type Problem, problemBody, retryAfterSecondsOf } from "../problem.ts";
import { publishLive } from "../publish/publish-live.ts";

/** A publisher that may connect; `channel` is where its frames go that name none; null: to the API's only channel. */
export type ConnectedPublisher = { clientId: string; expiresMs: number; apiId: string; channel: string | null };

/**
 * Answers the upgrade of a publisher with a WebSocket that takes `{channel?, partitionKey?, data, dataOwnerId?, idempotencyKey?, id?}`
 * and answers each with `{eventId}` or `{error}`, in their order; what its frames refer to by `id` comes back. All of them have the
 * request id of the upgrade.
 */
export function acceptPublisher(c: Context<AppEnv>, publisher: ConnectedPublisher): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  new PublisherSocket(c, server, publisher).listen();
  return new Response(null, { status: 101, webSocket: client, headers: { "X-Request-Id": c.var.requestId } });
}

const PING = "ping";
const PONG = "pong";
const NO_CHANNEL = "";
const NOT_TEXT: Problem = { reason: "media_type_unsupported", detail: "Events come in text frames." };

/** The text of a frame, or what is wrong with one that is not worth keeping. */
type Frame = string | Problem;

class PublisherSocket {
  readonly #c: Context<AppEnv>;
  readonly #socket: WebSocket;
  readonly #publisher: ConnectedPublisher;
  readonly #queue = new FrameQueue({ framesMax: FRAMES_WAITING_MAX, charsMax: FRAMES_WAITING_CHARS_MAX });
  #expiry: ReturnType<typeof setTimeout> | undefined;
  #isTaking = true;
  #isOpen = true;
  #frames = 0;
  #sentChars = 0;

  constructor(c: Context<AppEnv>, socket: WebSocket, publisher: ConnectedPublisher) {
    this.#c = c;
    this.#socket = socket;
    this.#publisher = publisher;
  }

  listen(): void {
    const leftMs = this.#publisher.expiresMs - this.#c.var.clock.now();
    this.#expiry = setTimeout(() => this.#closeInTurn("TokenExpired"), leftMs);
    this.#socket.addEventListener("message", ({ data }) => this.#take(data));
    // What has arrived is published all the same: who says goodbye need not wait for its answers.
    this.#socket.addEventListener("close", () => this.#end());
    this.#socket.addEventListener("error", () => this.#end());
  }

  #take(data: unknown): void {
    if (!this.#isTaking) return;
    if (data === PING) {
      this.#frames++;
      this.#send(PONG);
      return;
    }
    const frame = frameOf(data);
    const chars = typeof frame === "string" ? frame.length : 0;
    if (this.#queue.hasRoom(chars)) this.#do(() => this.#work(frame), chars);
    else this.#closeInTurn("TooMany", "wait for answers");
  }

  /** The platform keeps a connection whose client has gone for half a minute, to finish what is begun. */
  #do(work: () => Promise<void> | void, chars = 0): void {
    this.#c.executionCtx.waitUntil(this.#queue.push(work, chars));
  }

  async #work(frame: Frame): Promise<void> {
    try {
      if (this.#mayGoOn()) await this.#answer(frame);
    } catch (error) {
      const { requestId } = this.#c.var;
      logLine("error", { requestId, path: this.#c.req.path, error: (error as Error).stack ?? String(error) });
      this.#close("InternalError");
    }
  }

  /** The relay ends a connection between two frames: what it has not answered it has not published. */
  #mayGoOn(): boolean {
    const hasExpired = this.#publisher.expiresMs <= this.#c.var.clock.now();
    const isLongEnough =
      ++this.#frames > FRAMES_PER_CONNECTION_MAX || this.#sentChars > ANSWERS_PER_CONNECTION_CHARS_MAX;
    if (hasExpired) this.#close("TokenExpired");
    else if (isLongEnough) this.#close("ServiceRestart");
    return !hasExpired && !isLongEnough;
  }

  async #answer(frame: Frame): Promise<void> {
    const read = typeof frame === "string" ? readPublishFrame(frame) : err({ id: null, fault: frame });
    if (!read.ok) {
      this.#refuse(read.error.fault, read.error.id);
      return;
    }
    const { id, data, ...said } = read.value;
    const { clientId, apiId } = this.#publisher;
    const channel = said.channel ?? this.#channel();
    const done = await publishLive(this.#c, clientId, {
      ...said,
      ...{ apiId, channel, body: data },
      ...{ contentType: "application/json", requestId: this.#c.var.requestId },
    });
    if (!done.ok) {
      this.#refuse(done.error, id);
      return;
    }
    const { eventId, validation } = done.value;
    this.#send(JSON.stringify({ ...(id !== null && { id }), eventId, ...(validation !== null && { validation }) }));
  }

  /** Where a frame goes that names no channel. An address with parameters is the name of none: HTTP would take it for a path. */
  #channel(): string | null {
    const { channel } = this.#publisher;
    return channel !== null && isTemplate(channel) ? NO_CHANNEL : channel;
  }

  #refuse(failure: Problem, id: string | null): void {
    const error = problemBody(this.#c.env.RELAY_ORIGIN, failure);
    const retryAfterSeconds = retryAfterSecondsOf(failure);
    const when = retryAfterSeconds === null ? {} : { retryAfterSeconds };
    this.#send(JSON.stringify({ ...(id !== null && { id }), error, ...when }));
    // Nothing that this connection could still send would be taken.
    if (failure.reason === "token_invalid") this.#close("TokenExpired", "the credentials were withdrawn");
  }

  #send(text: string): void {
    if (!this.#isOpen) return;
    this.#sentChars += text.length;
    this.#socket.send(text);
  }

  /** As `#close`, when all that has come before is answered. */
  #closeInTurn(name: CloseName, detail?: string): void {
    this.#isTaking = false;
    this.#do(() => this.#close(name, detail));
  }

  #close(name: CloseName, detail?: string): void {
    this.#queue.clear();
    if (!this.#isOpen) return;
    this.#end();
    const { code, reason } = closeOf(name, detail);
    this.#socket.close(code, reason);
  }

  #end(): void {
    this.#isTaking = false;
    this.#isOpen = false;
    clearTimeout(this.#expiry);
  }
}

function frameOf(data: unknown): Frame {
  if (typeof data !== "string") return NOT_TEXT;
  return data.length > PUBLISH_FRAME_BYTES_MAX ? FRAME_TOO_LARGE : data;
}
