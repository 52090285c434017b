import { parentPort } from "node:worker_threads";
import { Arrivals } from "../arrivals.ts";
import { ListenerSocket } from "./listener-socket.ts";
import { type ListenersAnswer, type ListenersRequest, type OpenListeners, Spread } from "./listeners-protocol.ts";

/** So many connect at once: more would be refused by the system's queue of those that wait to be accepted. */
const OPENED_AT_ONCE = 32;

let running: { arrivals: Arrivals; spread: Spread } | null = null;
const sockets: ListenerSocket[] = [];

parentPort?.on("message", async (request: ListenersRequest) => {
  switch (request.kind) {
    case "open":
      return say({ kind: "opened", refused: await open(request) });
    case "expect": {
      const { expectation, progress, spread } = request;
      running = {
        arrivals: new Arrivals(expectation, progress),
        spread: new Spread(expectation.events, spread),
      };
      return say({ kind: "expecting" });
    }
    case "report": {
      if (!running) throw new Error("there is nothing to report");
      const { latencies, repeats, outOfOrder } = running.arrivals;
      const closed = sockets.filter(({ isClosed }) => isClosed).length;
      return say({ kind: "report", report: { latencies: latencies.counts, repeats, outOfOrder, closed } });
    }
  }
});

/** Answers why some were refused. */
async function open(listeners: OpenListeners): Promise<string[]> {
  const refused: string[] = [];
  let next = 0;
  const openOneByOne = async (): Promise<void> => {
    while (next < listeners.count) {
      const number = next++;
      try {
        sockets.push(await ListenerSocket.open(listeners, (n, key) => note(number, n, key)));
      } catch (error) {
        refused.push(String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: OPENED_AT_ONCE }, openOneByOne));
  return refused;
}

function note(listener: number, n: number, key: number): void {
  const atMs = running?.arrivals.note(listener, n, key) ?? null;
  if (!running || atMs === null) return;
  const { first, last, arrived } = running.spread;
  const count = Atomics.add(arrived, n, 1) + 1;
  if (count === 1) first[n] = atMs;
  if (count === sockets.length) last[n] = atMs;
}

function say(answer: ListenersAnswer): void {
  parentPort?.postMessage(answer);
}
