import { createExecutionContext } from "cloudflare:test";
import { acceptPublisher } from "../../../../src/http/streams/publisher-socket.ts";
import type { LogControls } from "../../../../src/topic/client.ts";
import { LivePublisher, liveApp } from "../live-publisher.ts";
import type { Json } from "../relay.ts";

type Options = { channel?: string | null; lifeMs?: number; logs?: LogControls };

const LIFE_MS = 3600_000;

/** A publisher's end of a WebSocket, and what has come out of it. */
export class PublisherClient {
  readonly publisher: LivePublisher;
  readonly clientId: string;
  readonly requestId: string;
  readonly texts: string[] = [];
  closed: { code: number; reason: string } | null = null;
  readonly #socket: WebSocket;
  #look = () => {};

  constructor(publisher: LivePublisher, clientId: string, answer: Response) {
    if (!answer.webSocket) throw new Error(`not upgraded: ${answer.status}`);
    this.publisher = publisher;
    this.clientId = clientId;
    this.requestId = answer.headers.get("X-Request-Id") ?? "";
    this.#socket = answer.webSocket;
    this.#socket.accept();
    this.#socket.addEventListener("message", ({ data }) => {
      this.texts.push(String(data));
      this.#look();
    });
    this.#socket.addEventListener("close", ({ code, reason }) => {
      this.closed = { code, reason };
      this.#look();
    });
  }

  send(frame: unknown): void {
    this.#socket.send(typeof frame === "string" || frame instanceof Uint8Array ? frame : JSON.stringify(frame));
  }

  close(): void {
    if (!this.closed) this.#socket.close(1000, "done");
  }

  /** So many answers from the start, parsed. */
  async answers(count: number): Promise<Json[]> {
    await this.until(() => this.texts.length >= count);
    return this.texts.map((text) => JSON.parse(text));
  }

  async answer(frame: unknown): Promise<Json> {
    const before = this.texts.length;
    this.send(frame);
    return (await this.answers(before + 1))[before];
  }

  async closing(): Promise<{ code: number; reason: string } | null> {
    await this.until(() => this.closed !== null);
    return this.closed;
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.closed && !holds()) throw new Error(`closed: ${JSON.stringify(this.closed)}`);
      await new Promise<void>((resolve) => {
        this.#look = resolve;
      });
    }
  }
}

const open: PublisherClient[] = [];

/** All that a test has connected hangs up. */
export const hangUp = (): void => {
  for (const client of open.splice(0)) client.close();
};

/** Connects with credentials of an API, as the relay does when it has checked their token. */
export async function connect(
  publisher: LivePublisher,
  { clientId, apiId }: { clientId: string; apiId: string },
  { channel = "orders/created", lifeMs = LIFE_MS, logs = publisher.logs }: Options = {},
): Promise<PublisherClient> {
  const expiresMs = publisher.relay.clock.nowMs + lifeMs;
  const app = liveApp(publisher, logs, async (c) => acceptPublisher(c, { clientId, expiresMs, apiId, channel }));
  const request = new Request("https://relay.test/live", { headers: { Upgrade: "websocket" } });
  const client = new PublisherClient(
    publisher,
    clientId,
    await app.fetch(request, publisher.relay.env, createExecutionContext()),
  );
  open.push(client);
  return client;
}

/** A new API whose publisher has connected. */
export async function connectNew(options: Options & { channels?: string[] } = {}) {
  const publisher = new LivePublisher();
  const { api, token } = await publisher.register(options.channels);
  const credentials = { clientId: api.credentials.clientId, apiId: api.id };
  const client = await connect(publisher, credentials, options);
  return { publisher, api, token, client, credentials, stored: publisher.logs.appended };
}
