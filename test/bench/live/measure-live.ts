import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measureWorkerdBytes } from "../../support/process-memory.ts";
import { Histogram } from "../histogram.ts";
import { Listeners } from "./listeners.ts";
import type { ListenersReport, Spread } from "./listeners-protocol.ts";
import { type LiveCase, liveCases } from "./live-cases.ts";
import type { LiveCounts } from "./live-counts.ts";
import { buildLiveWorker, LiveRuntime } from "./live-runtime.ts";
import { createLiveTopic } from "./live-topic.ts";
import { publishAtRate, publishOneByOne } from "./publish-paced.ts";

const KEYS = 16; // of as many publishers, where there is a rate
const WARM_UP_EVENTS = 5;

export type Quantiles = { p50: number; p99: number };

export type LiveMeasured = {
  case: LiveCase;
  /** From sending an event to its answer, and to the first and the last listener; null: they came faster than one by one. */
  stepsMs: { accept: Quantiles; first: Quantiles; last: Quantiles } | null;
  /** From sending an event to each of its arrivals. */
  endToEndMs: Quantiles;
  acceptedPerSecond: number | null;
  counts: LiveCounts;
  /** Of workerd, when nobody listens, when all do, and after all events. */
  bytes: { before: number; connected: number; published: number };
  faults: { missing: number; repeats: number; outOfOrder: number; closed: number };
};

/** What listeners wait, and what they cost the log that they listen to. */
export async function measureLive(quick: boolean): Promise<LiveMeasured[]> {
  const cases = liveCases(quick);
  const dir = mkdtempSync(join(tmpdir(), "event-relay-bench-"));
  try {
    const script = await buildLiveWorker(dir);
    if (quick) return await measureCases(script, cases);
    // Each in a workerd of its own: what one has left in memory is not the next one's.
    const measured: LiveMeasured[] = [];
    for (const liveCase of cases) measured.push(...(await measureCases(script, [liveCase])));
    return measured;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function measureCases(script: string, cases: LiveCase[]): Promise<LiveMeasured[]> {
  const runtime = await LiveRuntime.start(script);
  const measured: LiveMeasured[] = [];
  try {
    for (const liveCase of cases) {
      console.error(`live, ${liveCase.label}`);
      measured.push(await measureCase(runtime, liveCase));
    }
  } finally {
    await runtime.stop();
  }
  return measured;
}

async function measureCase(runtime: LiveRuntime, liveCase: LiveCase): Promise<LiveMeasured> {
  const listeners = new Listeners();
  try {
    return await measureIn(runtime, listeners, liveCase);
  } finally {
    await listeners.stop();
  }
}

async function measureIn(runtime: LiveRuntime, listeners: Listeners, liveCase: LiveCase): Promise<LiveMeasured> {
  const { form, listeners: count, events, perSecond } = liveCase;
  const topic = await createLiveTopic(runtime.origin);
  await runtime.limitHubs(liveCase.hubListenersMax);
  const before = measureWorkerdBytes();
  await listeners.open({ form, url: topic.streamUrl, token: topic.token, count });
  const connected = measureWorkerdBytes();
  const publishing = { topic: topic.publishing, listeners: count };
  const warmUp = await listeners.expect({ subscriptions: count, events: WARM_UP_EVENTS, keys: 1 });
  await publishOneByOne({ ...publishing, progress: warmUp.progress, events: WARM_UP_EVENTS });
  const { progress, spread } = await listeners.expect({ subscriptions: count, events, keys: KEYS });
  await runtime.takeCounts();
  const paced = { ...publishing, progress, events };
  const acceptMs = perSecond === null ? await publishOneByOne(paced) : null;
  const seconds = perSecond === null ? null : (await publishAtRate(paced, { perSecond, publishers: KEYS })).seconds;
  const report = await listeners.report();
  return {
    case: liveCase,
    stepsMs: acceptMs && { accept: quantilesIn(acceptMs), ...stepsOf(spread, progress.sentMs) },
    endToEndMs: quantilesOf(new Histogram(report.latencies)),
    acceptedPerSecond: seconds && events / seconds,
    counts: await runtime.takeCounts(),
    bytes: { before, connected, published: measureWorkerdBytes() },
    faults: faultsOf(report, count * events - progress.arrived),
  };
}

const faultsOf = ({ repeats, outOfOrder, closed }: ListenersReport, missing: number): LiveMeasured["faults"] => ({
  ...{ missing, repeats, outOfOrder, closed },
});

function stepsOf({ first, last }: Spread, sentMs: Float64Array) {
  const since = (arrivedMs: Float64Array): Quantiles =>
    quantilesIn([...arrivedMs].map((ms, n) => ms - (sentMs[n] ?? Number.NaN)));
  return { first: since(first), last: since(last) };
}

function quantilesIn(waitsMs: number[]): Quantiles {
  const sorted = waitsMs.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

const quantilesOf = (histogram: Histogram): Quantiles => ({
  p50: histogram.quantile(0.5),
  p99: histogram.quantile(0.99),
});
