import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

/** A connection on the way to a server that a test can cut. */
export type CutProxy = {
  origin: string;
  /** How many connections there are now. */
  open(): number;
  cut(): void;
  close(): Promise<void>;
};

export async function startCutProxy(target: string): Promise<CutProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(client);
        other.destroy();
      });
      socket.pipe(other);
    }
    sockets.add(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: () => sockets.size,
    cut,
    close: () => {
      cut();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
}
