import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Workshop } from "./workshop.ts";

const FILES: Record<string, { name: string; type: string }> = {
  "/": { name: "index.html", type: "text/html; charset=utf-8" },
  "/board.css": { name: "board.css", type: "text/css" },
  "/board.js": { name: "board.js", type: "text/javascript" },
};

export type BoardServer = { url: string; close(): Promise<void> };

/**
 * Serves the board of a workshop on loopback: the page, and where it finds its events. The relay's tokens stay here; the page gets one that
 * is good for a few minutes, and comes for the next.
 */
export async function serveBoard(workshop: Workshop, relayOrigin: string, port: number): Promise<BoardServer> {
  const policy = `default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; connect-src 'self' ${relayOrigin}`;
  const server = createServer(async ({ url = "/" }, response) => {
    const file = FILES[url];
    if (file) {
      response.writeHead(200, { "Content-Type": file.type, "Content-Security-Policy": policy });
      response.end(readFileSync(join(import.meta.dirname, "board", file.name)));
    } else if (url === "/session") {
      const session = await openSession(workshop, relayOrigin).catch(() => null);
      response.writeHead(session ? 200 : 503, { "Content-Type": "application/json", "Cache-Control": "no-store" });
      response.end(JSON.stringify(session));
    } else {
      // A browser asks for an icon by itself: nothing is an answer, too.
      response.writeHead(url === "/favicon.ico" ? 204 : 404).end();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function openSession({ apiId, channel, makeToken }: Workshop, origin: string) {
  const token = await makeToken();
  return {
    channel,
    snapshot: `${origin}/v1/apis/${apiId}/snapshot?channel=${channel}&access_token=${token}`,
    stream: `${origin}/v1/stream/${apiId}/${channel}?access_token=${token}`,
  };
}
