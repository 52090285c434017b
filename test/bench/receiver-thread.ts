import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { performance } from "node:perf_hooks";
import { parentPort } from "node:worker_threads";
import { Arrivals } from "./arrivals.ts";
import { Histogram } from "./histogram.ts";
import type { ReceiverAnswer, ReceiverRequest } from "./receiver-protocol.ts";

/** The case that is running. */
let running: { name: string; arrivals: Arrivals } | null = null;
let busySince = performance.eventLoopUtilization();

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    response.writeHead(200, { "Content-Length": 0 }).end();
    // A path is `/{case}/{subscription}`.
    const [, name, subscription] = (request.url ?? "").split("/");
    const { n, key } = JSON.parse(Buffer.concat(chunks).toString()) as { n: number; key: number };
    if (running && running.name === name) running.arrivals.note(Number(subscription), n, key);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => say({ kind: "listening", port: (server.address() as AddressInfo).port }));

parentPort?.on("message", (request: ReceiverRequest) => {
  switch (request.kind) {
    case "expect":
      running = { name: request.name, arrivals: new Arrivals(request.expectation, request.shared) };
      return say({ kind: "expecting" });
    case "measure":
      if (running) running.arrivals.latencies = new Histogram();
      busySince = performance.eventLoopUtilization();
      return say({ kind: "measuring" });
    case "report": {
      const busy = performance.eventLoopUtilization(busySince).utilization;
      const { latencies, repeats, outOfOrder } = running?.arrivals ?? {
        latencies: new Histogram(),
        repeats: 0,
        outOfOrder: 0,
      };
      return say({ kind: "report", report: { latencies: latencies.counts, repeats, outOfOrder, busy } });
    }
  }
});

function say(answer: ReceiverAnswer): void {
  parentPort?.postMessage(answer);
}
