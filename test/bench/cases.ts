/** One thing that is measured. */
export type BenchCase = {
  name: string;
  subscriptions: number;
  /** 0: events without a key. */
  keys: number;
  publishers: number;
  events: number;
  /** Sent and delivered before anything is measured: caches fill, code is compiled, the lease window grows. */
  warmUpEvents: number;
  /** How long the bare Worker is measured just before, for the ratios. */
  bareEvents: number;
  /** null: as fast as the publishers can; else one event a second each with a key of its own. */
  pace: "full" | "sparse";
};

const KEYS = 1_000;

type Size = { deliveries: number; eventsMax: number; bareEvents: number; warmUpDeliveries: number };

const SIZE_32: Size = { deliveries: 30_000, eventsMax: 12_000, bareEvents: 10_000, warmUpDeliveries: 4_000 };
const SIZE_1: Size = { deliveries: 8_000, eventsMax: 2_000, bareEvents: 3_000, warmUpDeliveries: 1_500 };
const SPARSE_EVENTS = 40;
const MANY_SUBSCRIPTIONS = { full: 2_000, quick: 200 };
const QUICK_SCALE = 0.1;

/** `--quick` is for seeing that everything works: its numbers are noisier still. */
export function benchCases(quick: boolean): BenchCase[] {
  const cases = [32, 1].flatMap((publishers) =>
    [1, 10, 100].flatMap((subscriptions) => [KEYS, 0].map((keys) => fullCase(subscriptions, keys, publishers, quick))),
  );
  return [...cases, fullCase(MANY_SUBSCRIPTIONS[quick ? "quick" : "full"], KEYS, 1, quick), sparseCase(quick)];
}

function fullCase(subscriptions: number, keys: number, publishers: number, quick: boolean): BenchCase {
  const size = publishers === 1 ? SIZE_1 : SIZE_32;
  const scale = quick ? QUICK_SCALE : 1;
  const events = (deliveries: number): number =>
    Math.ceil(Math.min(size.eventsMax, deliveries / subscriptions) * scale);
  return {
    name: `${subscriptions}-${keys > 0 ? "keyed" : "unkeyed"}-${publishers}`,
    subscriptions,
    keys,
    publishers,
    events: events(size.deliveries),
    warmUpEvents: Math.max(publishers, events(size.warmUpDeliveries)),
    bareEvents: Math.ceil(size.bareEvents * scale),
    pace: "full",
  };
}

function sparseCase(quick: boolean): BenchCase {
  const events = quick ? SPARSE_EVENTS / 5 : SPARSE_EVENTS;
  return {
    name: "sparse",
    subscriptions: 1,
    keys: 2 * events,
    publishers: 1,
    events,
    warmUpEvents: 2,
    bareEvents: 0,
    pace: "sparse",
  };
}
