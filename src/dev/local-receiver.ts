import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/** One attempt as the receiver saw it. `body` is the text as it came. */
export type Received = { path: string; headers: IncomingHttpHeaders; body: string; status: number; atMs: number };

/** How a receiver answers: a status now, or later. */
export type Answer = { status: number; headers?: Record<string, string>; afterMs?: number };

export type LocalReceiver = {
  url: string;
  received: Received[];
  close(): Promise<void>;
};

/** A webhook on loopback that answers as it is told and keeps what it got, each attempt in the order it was answered. */
export async function startLocalReceiver(
  answer: (request: Omit<Received, "status" | "atMs">) => Answer,
  onReceived: (received: Received) => void = () => {},
): Promise<LocalReceiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    request.setEncoding("utf8");
    for await (const chunk of request) body += chunk;
    const seen = { path: request.url ?? "/", headers: request.headers, body };
    const { status, headers, afterMs } = answer(seen);
    if (afterMs) await new Promise((resolve) => setTimeout(resolve, afterMs));
    const entry = { ...seen, status, atMs: Date.now() };
    received.push(entry);
    onReceived(entry);
    response.writeHead(status, headers).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** A port that is free now. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
