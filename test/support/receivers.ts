import http from "node:http";
import net from "node:net";
import zlib from "node:zlib";

/** A webhook receiver on a real socket of this machine, kind or hostile. `requests` holds what came, in order, once a body was read whole. */
export type Receiver = {
  url: string;
  requests: ReceivedRequest[];
  connections: () => number;
  close: () => Promise<void>;
};

export type ReceivedRequest = {
  method: string;
  /** Path and query as they came over the wire. */
  path: string;
  headers: http.IncomingHttpHeaders;
  /** Names in the spelling of the wire. */
  rawHeaders: string[];
  body: Buffer;
};

/** Answers one request. Throwing here fails the connection, as a crashing receiver does. */
export type Answer = (response: http.ServerResponse, request: ReceivedRequest, count: number) => void;

const GIGABYTE = 1024 ** 3;
const CHUNK = Buffer.alloc(64 * 1024, "x");
const DRIP_MS = 20;

export async function startReceiver(answer: Answer): Promise<Receiver> {
  const requests: ReceivedRequest[] = [];
  const server = http.createServer((incoming, response) => {
    const parts: Buffer[] = [];
    incoming.on("error", () => {});
    incoming.on("data", (part: Buffer) => parts.push(part));
    incoming.on("end", () => {
      const { method = "", url = "", headers, rawHeaders } = incoming;
      const request = { method, path: url, headers, rawHeaders, body: Buffer.concat(parts) };
      requests.push(request);
      answer(response, request, requests.length);
    });
  });
  return { requests, ...(await listen(server)) };
}

/** A receiver that speaks (or does not speak) HTTP by hand: `talk` gets each connection after its first bytes. */
async function startRawReceiver(talk: (socket: net.Socket) => void): Promise<Receiver> {
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => talk(socket));
  });
  return { requests: [], ...(await listen(server)) };
}

async function listen(server: net.Server): Promise<Omit<Receiver, "requests">> {
  const open = new Set<net.Socket>();
  server.on("connection", (socket: net.Socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the receiver has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    connections: () => open.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

const answerStatus = (
  status: number,
  headers: http.OutgoingHttpHeaders = {},
  body: string | Uint8Array = "",
): Answer => {
  return (response) => response.writeHead(status, headers).end(body);
};

/** Writes again whenever the socket takes more, until `bytesMax` or until the other side goes. */
function pour(response: http.ServerResponse, bytesMax: number): void {
  let bytes = 0;
  const more = () => {
    while (bytes < bytesMax && !response.destroyed) {
      bytes += CHUNK.length;
      if (!response.write(CHUNK)) {
        response.once("drain", more);
        return;
      }
    }
    response.end();
  };
  more();
}

function drip(write: () => void, socket: net.Socket | null): void {
  const timer = setInterval(write, DRIP_MS);
  socket?.on("close", () => clearInterval(timer));
}

/** Every way of being a bad receiver that the relay must survive, by name. */
export const hostileReceivers = {
  neverAnswers: () => startReceiver(() => {}),

  /** Sends a status line and then one header after the other, without end. */
  slowHeaders: () =>
    startRawReceiver((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      drip(() => socket.write("x-slow: 1\r\n"), socket);
    }),

  /** 200 at once, then a body of one byte after the other, without end. */
  dripsBody: (status = 200) =>
    startReceiver((response) => {
      response.writeHead(status, { "content-type": "text/plain" });
      drip(() => response.write("."), response.socket);
    }),

  /** 200 and part of the promised body, then silence. */
  hangsInBody: (status = 200) =>
    startReceiver((response) => {
      response.writeHead(status, { "content-length": 1000 });
      response.write("so far so good");
    }),

  resets: () => startRawReceiver((socket) => socket.resetAndDestroy()),

  closesWithoutAnswer: () => startRawReceiver((socket) => socket.end()),

  /** Promises more than it sends, then resets. */
  resetsInBody: (status = 500) =>
    startRawReceiver((socket) => {
      socket.write(`HTTP/1.1 ${status} Whatever\r\ncontent-length: 1000\r\n\r\nhalf an answ`, () =>
        setTimeout(() => socket.resetAndDestroy(), DRIP_MS),
      );
    }),

  notHttp: () => startRawReceiver((socket) => socket.end("220 mail.example ESMTP\r\n")),

  redirectsToItself: (status = 302) =>
    startReceiver((response, request) => response.writeHead(status, { location: request.path }).end("over there")),

  sendsGigabyte: (status = 200) =>
    startReceiver((response) => {
      response.writeHead(status, { "content-length": GIGABYTE });
      pour(response, GIGABYTE);
    }),

  /** A few KiB that unpack to 64 MiB. */
  sendsZipBomb: (status = 200) =>
    startReceiver((response) => {
      const packed = zlib.gzipSync(Buffer.alloc(64 * 1024 * 1024, "x"));
      response.writeHead(status, { "content-encoding": "gzip", "content-length": packed.length }).end(packed);
    }),

  sendsWithoutEnd: (status = 200) =>
    startReceiver((response) => {
      response.writeHead(status);
      pour(response, Number.POSITIVE_INFINITY);
    }),

  gone: () => startReceiver(answerStatus(410, {}, "gone")),

  tooManyRequests: (retryAfter = "7") => startReceiver(answerStatus(429, { "retry-after": retryAfter }, "slow down")),

  unavailable: (retryAfter = "7") => startReceiver(answerStatus(503, { "retry-after": retryAfter })),

  bigError: () => startReceiver(answerStatus(500, {}, "e".repeat(5_000_000))),

  /** 500 with bytes that are no UTF-8, and NUL. */
  invalidUtf8: () => startReceiver(answerStatus(500, {}, Buffer.from([0x61, 0xff, 0xc3, 0x28, 0x00, 0xf0, 0x9f]))),
} satisfies Record<string, (...settings: never[]) => Promise<Receiver>>;
