import { z } from "zod";
import type { StoredEvent } from "./event.ts";
import type { DeliveryTarget } from "./subscription.ts";

/** A queue message: "this subscription of this log has work". No payload, no order, no truth in it: losing, doubling or delaying one is harmless. */
export const Wake = z.strictObject({
  v: z.literal(1),
  log: z.string().max(200),
  subscription: z.string().max(100),
  slot: z.number().int().min(0).max(64),
  token: z.string().max(100),
});
export type Wake = z.infer<typeof Wake>;

/** A queue message: "this log has something to tell". As disposable as a wake. */
export const NoticeCall = z.strictObject({ v: z.literal(1), notices: z.string().max(200) });
export type NoticeCall = z.infer<typeof NoticeCall>;

/** Why an attempt did not deliver. Kept in the delivery log; never carries a payload or a secret. */
export type AttemptError =
  | "timeout"
  | "connection"
  | "redirect"
  | "status"
  | "endpoint_refused"
  /** A consumer that fetches its events itself has said that it failed with this one. */
  | "rejected"
  /** The relay could not prepare the request (its key store did not answer): not the receiver's fault. */
  | "internal";

/** What one attempt brought. */
export type AttemptResult = {
  delivered: boolean;
  /** HTTP status, 0 where there was no answer. */
  status: number;
  ms: number;
  error: AttemptError | null;
  /** First bytes of the answer as text, for the delivery log. */
  excerpt: string;
  /** The receiver asked for silence (429 or 503 with Retry-After). */
  retryAfterSeconds: number | null;
  /** 410: the endpoint is gone for good. */
  gone: boolean;
};

/** One attempted event of a lease. */
export type AttemptReport = AttemptResult & { seq: number; atMs: number };

/** The attempts of one key, in the order they were made. */
export type KeyReport = { key: string; attempts: AttemptReport[] };

/** Events of one key to attempt in turn. `key` is the lane's: `=` + partition key, or `#` + seq for an event without one. */
export type LeaseItem = { key: string; events: StoredEvent[] };

/** A lease: these keys are this consumer's until it settles or `remainingMs` have passed. Durations only: no shared clock. */
export type Lease = {
  id: number;
  /** Counts the seeks of the subscription: what was delivered before a seek says nothing of after it. */
  epoch: number;
  remainingMs: number;
  target: DeliveryTarget;
  sourceOrganizationId: string;
  items: LeaseItem[];
};

/** One settle-and-lease call of a consumer. Repeating one with the same nonce and ordinal gives the same lease again. */
export type LeaseCall = {
  subscription: string;
  slot: number;
  /** The wake that brought the consumer here; the log stops counting on it. */
  token: string;
  /** Made per invocation, not per message: queues deliver twice. */
  nonce: string;
  /** 1, 2, … within the invocation. */
  ordinal: number;
  settles: { leaseId: number; epoch: number; reports: KeyReport[] } | null;
  wantsMore: boolean;
  /** Whether this consumer can bring its wake back (`message.retry`). Where it can't, the log sends a new one itself. */
  canReturn: boolean;
};

export type LeaseAnswer =
  | { kind: "lease"; lease: Lease }
  /** Nothing for this consumer: the wake is used up. */
  | { kind: "done" }
  /** Nothing for now: ask again after so many milliseconds. */
  | { kind: "wait"; waitMs: number }
  /** Bring the wake back after so many seconds; 0: at once. */
  | { kind: "return"; delaySeconds: number };
