import type { StoredEvent } from "../../src/domain/event.ts";
import type { Seek } from "../../src/domain/subscription.ts";
import type { Wish } from "./wishes.ts";

/** What the oracle knows of one published event. `isLarge`: to look through all of it costs more than one check may. */
export type Published = {
  id: string;
  /** The log that took it, and where: the first event of a log is 1. */
  log: string;
  seq: number;
  /** Where it stands among the events of all logs. */
  place: number;
  key: string | null;
  owner: string | null;
  target: string | null;
  n: number;
  isLarge: boolean;
  acceptedMs: number;
};

/** A consent as the oracle knows it: since which place in the log, and until when. */
export type Granted = { sinceSeq: number; expiresMs: number };

/** What the oracle knows of one subscription in one log, apart from the log under test. Events are named by their place in that log. */
export type Watched = {
  id: string;
  log: string;
  epoch: number;
  /** Place in the log at which each epoch begins. */
  epochFrom: Map<number, number>;
  /** The last replay that this log has heard of. */
  seek: Pick<Seek, "n" | "toMs"> | null;
  /** Events the relay saw a 2xx for, in each epoch. */
  delivered: Map<number, Set<number>>;
  /** Events that may be missing in each epoch: skipped by a control, dead, or refused by a filter of before. */
  excused: Map<number, Set<number>>;
  /** Events that were closed and brought back in each epoch: no order is promised for them. */
  replayed: Map<number, Set<number>>;
  /** False while it is paused, disabled or gone from the log. */
  isActive: boolean;
  /** Somebody has come to fetch its events here. Where nobody has, and it has no endpoint, nothing is kept for it. */
  isFetched: boolean;
  /** Whether its filter lets an event through. */
  wants: Wish["wants"];
  /** Data owners that consent; absent: they don't. */
  consents: Map<string, Granted>;
  /** Data owners whose withdrawal was answered. */
  revoked: Set<string>;
  /** The receiver asked for silence until then. */
  silentUntilMs: number;
  /** How many attempts may be under way at once; and those that are. */
  maxInFlight: number;
  inFlight: number;
  /** Its rate limit, and what of it was free at a time. */
  rate: { perSecond: number; burst: number; free: number; atMs: number } | null;
  /** When the failed head of a lane (of this epoch) may be attempted again. */
  notBefore: Map<string, { seq: number; atMs: number }>;
};

/** A subscription as a log begins with it. */
export const newWatched = (id: string, log: string, fromSeq: number, { wants }: Wish): Watched => ({
  id,
  log,
  epoch: 1,
  epochFrom: new Map([[1, fromSeq]]),
  seek: null,
  delivered: new Map(),
  excused: new Map(),
  replayed: new Map(),
  isActive: true,
  isFetched: false,
  wants,
  consents: new Map(),
  revoked: new Set(),
  silentUntilMs: 0,
  maxInFlight: Number.POSITIVE_INFINITY,
  inFlight: 0,
  rate: null,
  notBefore: new Map(),
});

/** The sequence numbers kept for an epoch. */
export function seqsOf(byEpoch: Map<number, Set<number>>, epoch: number): Set<number> {
  const known = byEpoch.get(epoch) ?? new Set<number>();
  byEpoch.set(epoch, known);
  return known;
}

/** Events of one lane, as a lease has them. */
export type Leased = { key: string; events: StoredEvent[] };
