import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

type Refusal = { status: number; headers: Record<string, string> };

/** Stands before a relay, and refuses what is published as often as it is told. */
export type UnsteadyFront = {
  origin: string;
  /** Of everything that somebody tried to publish. */
  idempotencyKeys: string[];
  refuseNext(refusal: Refusal): void;
  close(): Promise<void>;
};

export async function startUnsteadyFront(relayOrigin: string): Promise<UnsteadyFront> {
  const refusals: Refusal[] = [];
  const idempotencyKeys: string[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const path = request.url ?? "/";
    if (path.startsWith("/v2/events")) {
      idempotencyKeys.push(String(request.headers["idempotency-key"]));
      const refusal = refusals.shift();
      if (refusal) return response.writeHead(refusal.status, refusal.headers).end("{}");
    }
    const { host: _, connection: __, ...headers } = request.headers as Record<string, string>;
    const answer = await fetch(relayOrigin + path, { method: "POST", headers, body: Buffer.concat(parts) });
    return response
      .writeHead(answer.status, { "Content-Type": answer.headers.get("content-type") ?? "text/plain" })
      .end(await answer.text());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    idempotencyKeys,
    refuseNext: (refusal) => void refusals.push(refusal),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
