import { WebSocket } from "ws";
import type { CreatedApp } from "../../src/dev/relay-client.ts";

/** An event as streams give it. */
export type Frame = { cursor: string; id: string; channel: string; partitionKey: string | null; data: unknown };

/** An access token of an app, by its key and secret. */
export async function loginApp(
  origin: string,
  { apiKey, apiSecret }: Pick<CreatedApp, "apiKey" | "apiSecret">,
): Promise<string> {
  const answer = await fetch(`${origin}/oauth2/default/v1/token`, {
    method: "POST",
    headers: { Authorization: `Basic ${btoa(`${apiKey}:${apiSecret}`)}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  if (!answer.ok) throw new Error(`no token: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { access_token: string }).access_token;
}

/** A WebSocket client of the package `ws`, with all that it was sent. */
export class SocketClient {
  readonly socket: WebSocket;
  readonly frames: Frame[] = [];
  readonly opened: Promise<void>;
  readonly closed: Promise<{ code: number; reason: string }>;

  /** `read`: how a frame that is no JSON is taken. */
  constructor(url: string, token: string, read: (text: string) => unknown = JSON.parse) {
    this.socket = new WebSocket(url.replace(/^http/, "ws"), { headers: { Authorization: `Bearer ${token}` } });
    this.opened = new Promise((resolve, reject) => {
      this.socket.once("open", resolve);
      this.socket.once("error", reject);
    });
    this.closed = new Promise((resolve) =>
      this.socket.once("close", (code, reason) => resolve({ code, reason: String(reason) })),
    );
    this.socket.on("message", (data) => void this.frames.push(read(String(data)) as Frame));
  }

  get lastCursor(): string {
    return this.frames.at(-1)?.cursor ?? "";
  }

  acknowledge(): void {
    this.socket.send(JSON.stringify({ ack: this.lastCursor }));
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}
