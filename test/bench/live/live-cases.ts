import { HUB_SOCKETS_MAX } from "../../../src/kernel/limits.ts";
import type { ListenerForm } from "./listeners-protocol.ts";

export type LiveCase = {
  label: string;
  form: ListenerForm;
  listeners: number;
  /** A hub takes so many of them. */
  hubListenersMax: number;
  events: number;
  /** null: one event at a time, each when the one before has come to everybody. */
  perSecond: number | null;
};

const FILES_PER_LISTENER = 2; // workerd holds each connection twice
const OTHER_FILES = 1_000; // sockets, files and pipes that a runtime needs beside its listeners

const socketCase = (listeners: number, events: number, hubListenersMax: number = HUB_SOCKETS_MAX): LiveCase => {
  const label = `${listeners.toLocaleString("en")} WebSockets`;
  return { label, form: "socket", listeners, hubListenersMax, events, perSecond: null };
};

/** One event at a time to ever more listeners, then to as many at ever more hubs, then many events. */
export function liveCases(quick: boolean): LiveCase[] {
  const sized = quick
    ? [socketCase(50, 10), socketCase(200, 10), socketCase(200, 10, 20)]
    : [
        ...[socketCase(100, 40), socketCase(2_000, 40), socketCase(Math.min(20_000, listenersMax()), 20)],
        ...[1_000, 200, 50].map((hubListenersMax) => socketCase(1_000, 40, hubListenersMax)),
      ];
  return [
    ...sized,
    { ...socketCase(quick ? 50 : 200, quick ? 10 : 40), form: "stream", label: `${quick ? 50 : 200} event streams` },
    { ...socketCase(50, quick ? 200 : 1_000), perSecond: quick ? 50 : 100 },
    // More than a machine like a laptop sends: what comes then is late, and complete.
    ...(quick ? [] : [{ ...socketCase(200, 1_000), perSecond: 500 }]),
  ];
}

/** A system allows a process only so many open files. */
function listenersMax(): number {
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files: { soft: number | "unlimited" } } };
  const files = userLimits?.open_files.soft;
  return typeof files === "number" ? Math.floor((files - OTHER_FILES) / FILES_PER_LISTENER) : Number.POSITIVE_INFINITY;
}
