import type { Expectation } from "../receiver-protocol.ts";

/** How events come: over a WebSocket, or as server-sent events. */
export type ListenerForm = "socket" | "stream";

export type OpenListeners = { form: ListenerForm; url: string; token: string; count: number };

/** When each event came to the first and to the last listener, by `nowMs`; NaN: it did not. */
export class Spread {
  readonly buffer: SharedArrayBuffer;
  readonly first: Float64Array;
  readonly last: Float64Array;
  readonly arrived: Int32Array;

  constructor(events: number, buffer = new SharedArrayBuffer(events * 20)) {
    this.buffer = buffer;
    this.first = new Float64Array(buffer, 0, events);
    this.last = new Float64Array(buffer, events * 8, events);
    this.arrived = new Int32Array(buffer, events * 16, events);
  }
}

export type ListenersRequest =
  | ({ kind: "open" } & OpenListeners)
  | { kind: "expect"; expectation: Expectation; progress: SharedArrayBuffer; spread: SharedArrayBuffer }
  | { kind: "report" };

export type ListenersReport = { latencies: Float64Array; repeats: number; outOfOrder: number; closed: number };

export type ListenersAnswer =
  | { kind: "opened"; refused: string[] }
  | { kind: "expecting" }
  | { kind: "report"; report: ListenersReport };
