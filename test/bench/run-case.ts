import { type Operations, operationsEach } from "./billing.ts";
import type { BenchCase } from "./cases.ts";
import { Histogram } from "./histogram.ts";
import { type Published, type Publishing, publishEvents } from "./load.ts";
import type { Receiver } from "./receiver.ts";
import { nowMs, type ReceiverReport, type SharedProgress } from "./receiver-protocol.ts";
import { createTopic } from "./relay-topic.ts";
import type { Runtime } from "./runtime.ts";

const BARE_NAME = "bare";
const BARE_WARM_UP_EVENTS = 500;
const DELIVERED_POLL_MS = 20;
const STALLED_MS_MAX = 45_000; // longer than the log's alarm takes to replace a lost wake
const LOAD = { full: { paceMs: 0, eventsInARow: 3 }, sparse: { paceMs: 1_000, eventsInARow: 1 } };
const SETTLE_MS = 300;

type Quantiles = { p50: number; p99: number };

/** What a run came to. Times in milliseconds, rates a second. */
export type Measured = {
  accepted: number;
  acceptedPerSecond: number;
  deliveredPerSecond: number;
  acceptMs: Quantiles;
  endToEndMs: Quantiles;
  receiverBusy: number;
};

/** What went wrong: all of it must be zero. Repeats are allowed (at least once), and counted. */
export type Faults = { refused: number; missing: number; outOfOrder: number; databaseQueries: number };

export type CaseResult = {
  name: string;
  case: BenchCase;
  bare: Measured | null;
  relay: Measured;
  /** Delivered by the relay for each forward of the bare Worker. */
  ratio: number | null;
  perEvent: Operations;
  perDelivery: Operations;
  repeats: number;
  faults: Faults;
};

export const bareTarget = (receiver: Receiver): string => `${receiver.url}/${BARE_NAME}/0`;

/** Measures the bare Worker, then the relay, with the same requests and the same publishers. */
export async function runCase(benchCase: BenchCase, runtime: Runtime, receiver: Receiver): Promise<CaseResult> {
  const bare = benchCase.bareEvents > 0 ? await measureBare(benchCase, runtime, receiver) : null;
  const relay = await measureRelay(benchCase, runtime, receiver);
  const ratio = bare && relay.measured.deliveredPerSecond / bare.deliveredPerSecond;
  const { measured, ...rest } = relay;
  return { name: benchCase.name, case: benchCase, bare, relay: measured, ratio, ...rest };
}

async function measureBare(benchCase: BenchCase, runtime: Runtime, receiver: Receiver): Promise<Measured> {
  const { publishers, keys, bareEvents } = benchCase;
  const events = BARE_WARM_UP_EVENTS + bareEvents;
  // The relay's requests carry a token of about this size.
  const headers = { ...runtime.bareHeaders, Authorization: `Bearer ${"x".repeat(700)}` };
  const publishing: Publishing = { url: new URL("/", runtime.bareOrigin), headers, publishers, keys, ...LOAD.full };
  const progress = await receiver.expect(BARE_NAME, { subscriptions: 1, events, keys: Math.max(1, keys) });
  await publishEvents(publishing, progress, 0, BARE_WARM_UP_EVENTS);
  await receiver.measure();
  const published = await publishEvents(publishing, progress, BARE_WARM_UP_EVENTS, events);
  const report = await receiver.report();
  if (progress.arrived !== events) throw new Error(`the bare Worker forwarded ${progress.arrived} of ${events}`);
  return summarize(published, bareEvents, progress, report);
}

async function measureRelay(benchCase: BenchCase, runtime: Runtime, receiver: Receiver) {
  const { name, subscriptions, publishers, keys, warmUpEvents } = benchCase;
  const events = warmUpEvents + benchCase.events;
  const progress = await receiver.expect(name, { subscriptions, events, keys: Math.max(1, keys) });
  const endpoints = Array.from({ length: subscriptions }, (_, i) => `${receiver.url}/${name}/${i}`);
  const topic = await createTopic(runtime.relayOrigin, name, endpoints);
  const publishing: Publishing = {
    ...topic,
    publishers,
    keys,
    ...LOAD[benchCase.pace],
  };
  const warmUp = await publishEvents(publishing, progress, 0, warmUpEvents);
  await untilArrived(progress, subscriptions * warmUpEvents);
  await receiver.measure();
  const before = await runtime.counts();
  const published = await publishEvents(publishing, progress, warmUpEvents, events);
  await untilArrived(progress, subscriptions * events);
  // The last lease is settled after its last delivery has arrived: it belongs to the bill.
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const after = await runtime.counts();
  const report = await receiver.report();
  const deliveries = subscriptions * benchCase.events;
  const faults: Faults = {
    refused: warmUp.refused + published.refused,
    missing: subscriptions * events - progress.arrived,
    outOfOrder: report.outOfOrder,
    databaseQueries: after.databaseQueries - before.databaseQueries,
  };
  return {
    measured: summarize(published, deliveries, progress, report),
    perEvent: operationsEach(before.event, after.event, benchCase.events),
    perDelivery: operationsEach(before.delivery, after.delivery, deliveries),
    repeats: report.repeats,
    faults,
  };
}

/** Waits until everything has arrived, or until nothing has for so long that nothing will. */
async function untilArrived(progress: SharedProgress, deliveries: number): Promise<void> {
  let arrived = -1;
  let stalledSinceMs = nowMs();
  while (progress.arrived < deliveries) {
    if (progress.arrived > arrived) stalledSinceMs = nowMs();
    else if (nowMs() - stalledSinceMs > STALLED_MS_MAX) return;
    arrived = progress.arrived;
    await new Promise((resolve) => setTimeout(resolve, DELIVERED_POLL_MS));
  }
}

function summarize(
  published: Published,
  deliveries: number,
  progress: SharedProgress,
  { latencies, busy }: ReceiverReport,
): Measured {
  return {
    accepted: published.events,
    acceptedPerSecond: published.events / published.seconds,
    deliveredPerSecond: (deliveries * 1000) / (progress.lastMs - published.startMs),
    acceptMs: quantilesOf(published.latencies),
    endToEndMs: quantilesOf(new Histogram(latencies)),
    receiverBusy: busy,
  };
}

const quantilesOf = (histogram: Histogram): Quantiles => ({
  p50: histogram.quantile(0.5),
  p99: histogram.quantile(0.99),
});
