import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { performance } from "node:perf_hooks";
import { parentPort } from "node:worker_threads";
import { Histogram } from "./histogram.ts";
import {
  type Expectation,
  nowMs,
  type ReceiverAnswer,
  type ReceiverRequest,
  SharedProgress,
} from "./receiver-protocol.ts";

/** The case that is running: what has arrived, and the last event of each (subscription, key). */
class Arrivals {
  readonly #name: string;
  readonly #expectation: Expectation;
  readonly #progress: SharedProgress;
  readonly #seen: Uint8Array;
  readonly #lastOfKey: Int32Array;
  latencies = new Histogram();
  repeats = 0;
  outOfOrder = 0;

  constructor(name: string, expectation: Expectation, shared: SharedArrayBuffer) {
    const { subscriptions, events, keys } = expectation;
    this.#name = name;
    this.#expectation = expectation;
    this.#progress = new SharedProgress(events, shared);
    this.#seen = new Uint8Array(subscriptions * events);
    this.#lastOfKey = new Int32Array(subscriptions * keys).fill(-1);
  }

  /** A path is `/{case}/{subscription}`; `key` is -1 for an event without key, of which no order is promised. */
  note(path: string, { n, key }: { n: number; key: number }): void {
    const [, name, subscription] = path.split("/");
    if (name !== this.#name) return;
    const atMs = nowMs();
    const { events, keys } = this.#expectation;
    const place = Number(subscription) * events + n;
    if (this.#seen[place]) {
      this.repeats++;
      return;
    }
    this.#seen[place] = 1;
    if (key >= 0) {
      const lane = Number(subscription) * keys + key;
      if (n < (this.#lastOfKey[lane] ?? -1)) this.outOfOrder++;
      this.#lastOfKey[lane] = n;
    }
    this.latencies.add(atMs - (this.#progress.sentMs[n] ?? atMs));
    this.#progress.noteArrival(atMs);
  }
}

let arrivals: Arrivals | null = null;
let busySince = performance.eventLoopUtilization();

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    response.writeHead(200, { "Content-Length": 0 }).end();
    arrivals?.note(request.url ?? "", JSON.parse(Buffer.concat(chunks).toString()));
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => say({ kind: "listening", port: (server.address() as AddressInfo).port }));

parentPort?.on("message", (request: ReceiverRequest) => {
  switch (request.kind) {
    case "expect":
      arrivals = new Arrivals(request.name, request.expectation, request.shared);
      return say({ kind: "expecting" });
    case "measure":
      if (arrivals) arrivals.latencies = new Histogram();
      busySince = performance.eventLoopUtilization();
      return say({ kind: "measuring" });
    case "report": {
      const busy = performance.eventLoopUtilization(busySince).utilization;
      const { latencies, repeats, outOfOrder } = arrivals ?? { latencies: new Histogram(), repeats: 0, outOfOrder: 0 };
      return say({ kind: "report", report: { latencies: latencies.counts, repeats, outOfOrder, busy } });
    }
  }
});

function say(answer: ReceiverAnswer): void {
  parentPort?.postMessage(answer);
}
