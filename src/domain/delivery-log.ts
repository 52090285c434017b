import { z } from "zod";
import type { AttemptError } from "./delivery.ts";
import type { LogPlace } from "./event.ts";

/**
 * How far an event is on its way to one subscription. `waiting`: its turn has not come, or it is being attempted for the first
 * time; `failing`: it has failed and is tried again; `blocked`: one before it, of the same key, is failing; `dead`: given up.
 */
export const DeliveryStatus = z.enum(["waiting", "failing", "blocked", "delivered", "dead", "skipped"]);
export type DeliveryStatus = z.infer<typeof DeliveryStatus>;

/** One attempt of a delivery, as the delivery log tells it. */
export type LoggedAttempt = {
  atMs: number;
  delivered: boolean;
  /** 0: there was no answer. */
  status: number;
  ms: number;
  error: AttemptError | null;
  /** The first KiB of a failure's answer, as text. */
  excerpt: string;
};

/** One event on its way to one subscription. */
export type LoggedDelivery = {
  seq: number;
  eventId: string;
  channel: string;
  partitionKey: string | null;
  acceptedMs: number;
  status: DeliveryStatus;
  /** When it is attempted again at the earliest; null: it is not failing. */
  nextAttemptMs: number | null;
  /** Oldest first; of many, the newest. */
  attempts: LoggedAttempt[];
};

/** A question for the deliveries of one subscription in one log, newest event first. */
export type DeliveryQuery = {
  subscriptionId: string;
  status: DeliveryStatus | null;
  partitionKey: string | null;
  /** Accepted at or after this, and before that. */
  fromMs: number | null;
  toMs: number | null;
  /** Only events before this one; null: from the newest on. */
  beforeSeq: number | null;
  limit: number;
};

/** `more`: only events before it are left; null: that was all. A page may be short, as the look through a log is bounded. */
export type DeliveryPage = { deliveries: LoggedDelivery[]; more: LogPlace | null };

/** A question for the deliveries of one event. */
export type EventDeliveriesQuery = {
  /** null: of all subscriptions. */
  subscriptionIds: string[] | null;
  /** Only subscriptions whose ids come after this one. */
  after: string | null;
  limit: number;
};

/** `after`: what to ask with for more; null: that was all. */
export type EventDeliveryPage = { deliveries: (LoggedDelivery & { subscriptionId: string })[]; after: string | null };

/** What became of a control. `conflict`: the delivery does not stand so that it could be; `attempting`: it is under way just now. */
export type ControlOutcome = "done" | "not_found" | "conflict" | "attempting";

/** Which dead deliveries to bring back: accepted within these times, published to this path. */
export type DeadFilter = { fromMs: number | null; toMs: number | null; channel: string | null };

/** How many dead deliveries were brought back, and how many that match are left: at least so many. */
export type DeadRetried = { retried: number; remaining: number };

/** How the attempts of a subscription went lately, as far as a bounded look at the delivery log tells. */
export type RecentAttempts = {
  hour: { attempts: number; failures: number };
  day: { attempts: number; failures: number };
  lastError: { atMs: number; status: number; error: string } | null;
  /** Of the last hour's attempts that delivered: of the newest. */
  latenciesMs: number[];
};

/** A key whose first event has failed: the event, how often, and when it is tried again. */
export type BlockedKey = { partitionKey: string | null; eventId: string; attempts: number; nextAttemptMs: number };
