import { connect, type Socket } from "node:net";
import type { OpenListeners } from "./listeners-protocol.ts";

const HEAD_END = "\r\n\r\n";
/** What the body of a published event begins with, in a WebSocket's frame and in an event stream alike. */
const MARK = /\{"n":(\d+),"key":(-?\d+),/g;
const MARK_CHARS_MAX = 40;

/**
 * One listener over a bare socket. A client that takes frames apart would spend more of the machine than the hub that is measured;
 * this one asks, and then only looks for the events in what comes.
 */
export class ListenerSocket {
  isClosed = false;
  readonly #socket: Socket;
  readonly #onEvent: (n: number, key: number) => void;
  #rest = "";

  private constructor(socket: Socket, onEvent: (n: number, key: number) => void) {
    this.#socket = socket;
    this.#onEvent = onEvent;
    socket.on("close", () => {
      this.isClosed = true;
    });
    socket.on("error", () => socket.destroy());
  }

  /** Rejects with the answer's first line where the relay does not let it listen. */
  static open(listeners: OpenListeners, onEvent: (n: number, key: number) => void): Promise<ListenerSocket> {
    const url = new URL(listeners.url);
    const socket = connect({ host: url.hostname, port: Number(url.port) });
    const listener = new ListenerSocket(socket, onEvent);
    socket.setNoDelay(true);
    socket.setEncoding("latin1");
    socket.write(headOf(listeners, url));
    return new Promise((resolve, reject) => {
      let head = "";
      const read = (chunk: string): void => {
        head += chunk;
        const end = head.indexOf(HEAD_END);
        if (end < 0) return;
        socket.off("data", read);
        const [statusLine = ""] = head.split("\r\n");
        if (/^HTTP\/1\.1 (101|200) /.test(statusLine)) resolve(listener);
        else reject(new Error(statusLine));
        socket.on("data", (text: string) => listener.#read(text));
        listener.#read(head.slice(end + HEAD_END.length));
      };
      socket.on("data", read);
      socket.once("close", () => reject(new Error("the connection was closed")));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(text: string): void {
    const received = this.#rest + text;
    let end = 0;
    for (const match of received.matchAll(MARK)) {
      end = match.index + match[0].length;
      this.#onEvent(Number(match[1]), Number(match[2]));
    }
    this.#rest = received.slice(Math.max(end, received.length - MARK_CHARS_MAX));
  }
}

function headOf({ form, token }: OpenListeners, url: URL): string {
  const upgrade = [
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ];
  const lines = [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    `Authorization: Bearer ${token}`,
    ...(form === "socket" ? upgrade : ["Accept: text/event-stream"]),
  ];
  return `${lines.join("\r\n")}${HEAD_END}`;
}
