import { LogSubscription } from "../../domain/subscription.ts";
import { type Health, healthy } from "./health.ts";
import {
  type AttemptSums,
  emptySlots,
  NO_ATTEMPTS,
  type Slot,
  type SlotRole,
  type Subscription,
} from "./subscription.ts";
import type { TokenBucket } from "./token-bucket.ts";

export type SubscriptionRow = {
  id: string;
  removed: number;
  config: string;
  epoch: number;
  from_seq: number;
  hold_until_ms: number;
  failing_since_ms: number | null;
  circuit_opens: number;
  circuit_until_ms: number;
  gated: number;
  has_closed: number;
};
export type SlotRow = {
  subscription_id: string;
  n: number;
  epoch: number;
  high_seq: number;
  window: number;
  lease_id: number;
  nonce: string | null;
  ordinal: number | null;
  expires_ms: number | null;
  items: string | null;
  tokens: number | null;
  tokens_ms: number | null;
  delivered: number;
  failed: number;
  attempts_ms: number;
};
export type ConsentRow = {
  subscription_id: string;
  data_owner_id: string;
  version: number;
  granted: number;
  since_seq: number;
  expires_ms: number | null;
};

export function toSubscription(row: SubscriptionRow, slots: number, lastSeq: number): Subscription {
  let config: LogSubscription | null = null;
  return {
    id: row.id,
    // Parsed when it is asked for first: most subscriptions of a large topic have nothing to do while a log lives.
    get config() {
      config ??= LogSubscription.parse(JSON.parse(row.config));
      return config;
    },
    set config(changed) {
      config = changed;
    },
    removed: row.removed === 1,
    epoch: row.epoch,
    fromSeq: row.from_seq,
    holdUntilMs: row.hold_until_ms,
    health: toHealth(row),
    bucket: null,
    made: NO_ATTEMPTS,
    slots: emptySlots(slots),
    gated: row.gated === 1,
    consents: new Map(),
    lastMatchSeq: lastSeq,
    firstFreshSeq: 0,
    hasStaleLanes: true,
    hasClosed: row.has_closed === 1,
  };
}

const toHealth = ({
  failing_since_ms: failingSinceMs,
  circuit_opens: opens,
  circuit_until_ms: untilMs,
}: SubscriptionRow): Health => ({
  ...healthy(),
  failingSinceMs,
  circuit: opens > 0 ? { opens, untilMs } : null,
});

export const toBucket = ({ tokens, tokens_ms: atMs }: SlotRow): TokenBucket | null =>
  tokens === null || atMs === null ? null : { tokens, atMs };

/** Each slot's row has the bucket as it was when the row was written. */
export const lastOf = (a: TokenBucket | null, b: TokenBucket | null): TokenBucket | null =>
  a && b ? (b.atMs > a.atMs || (b.atMs === a.atMs && b.tokens < a.tokens) ? b : a) : (a ?? b);

/** Each slot's row has them as they were when the row was written. */
export const mostOf = (a: AttemptSums, { delivered, failed, attempts_ms: ms }: SlotRow): AttemptSums =>
  delivered + failed > a.delivered + a.failed ? { delivered, failed, ms } : a;

export function toSlot(row: SlotRow, role: SlotRole): Slot {
  const { nonce, ordinal, expires_ms: expiresMs, items } = row;
  const isLeased = nonce !== null && ordinal !== null && expiresMs !== null && items !== null;
  return {
    n: row.n,
    role,
    epoch: row.epoch,
    highSeq: row.high_seq,
    window: row.window,
    leaseId: row.lease_id,
    settledId: 0,
    lease: isLeased ? { id: row.lease_id, nonce, ordinal, expiresMs, items: JSON.parse(items) } : null,
  };
}
