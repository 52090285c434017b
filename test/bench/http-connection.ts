import { connect, type Socket } from "node:net";

const HEAD_END = "\r\n\r\n";

export type PostAnswer = { status: number };

type Pending = { resolve: (answer: PostAnswer) => void; reject: (error: Error) => void };

/**
 * One kept-alive HTTP/1.1 connection with one POST at a time. A general client would spend more of the machine than the relay it
 * measures; this one reads no more of an answer than its status and its length.
 */
export class HttpConnection {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #pending: Pending | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#read(chunk));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("the connection was closed")));
  }

  static open(url: URL): Promise<HttpConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: url.hostname, port: Number(url.port) });
      socket.once("error", reject);
      socket.once("connect", () => resolve(new HttpConnection(socket)));
    });
  }

  /** `head`: the request line and headers without `Content-Length`, each line ended. */
  post(head: string, body: string): Promise<PostAnswer> {
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      this.#socket.write(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = this.#received.toString("latin1", 0, headEnd);
    const bodyStart = headEnd + HEAD_END.length;
    if (!this.#isComplete(head, bodyStart)) return;
    const pending = this.#pending;
    this.#received = Buffer.alloc(0);
    this.#pending = null;
    pending?.resolve({ status: Number(head.slice(9, 12)) });
  }

  /** Answers come one at a time, so an unframed (chunked) one ends with the buffer. */
  #isComplete(head: string, bodyStart: number): boolean {
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length !== undefined) return this.#received.length >= bodyStart + Number(length);
    if (/\r\ntransfer-encoding: *chunked/i.test(head)) return this.#received.subarray(-5).toString() === "0\r\n\r\n";
    return true;
  }

  #fail(error: Error): void {
    this.#pending?.reject(error);
    this.#pending = null;
  }
}
