import type { LogConsent } from "../domain/consent.ts";
import { LogSubscription } from "../domain/subscription.ts";
import { TopicConfig } from "../domain/topic.ts";
import { type Health, healthy } from "./circuit.ts";
import type { EventRow } from "./event-rows.ts";
import type { Sql } from "./platform.ts";
import { type Consent, emptySlots, type Slot, type Subscription } from "./subscription.ts";
import type { TokenBucket } from "./token-bucket.ts";

type SubscriptionRow = {
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
type SlotRow = {
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
};
type ConsentRow = {
  subscription_id: string;
  data_owner_id: string;
  version: number;
  granted: number;
  since_seq: number;
  expires_ms: number | null;
};

/** The topic's subscriptions and consents. */
export class SubscriptionStore {
  readonly #sql: Sql;
  readonly #slots: number;
  readonly #isSuccessor: boolean;
  readonly #byId = new Map<string, Subscription>();
  #topic: TopicConfig | null = null;

  /** `slots`: seats of a subscription, the retry seat included; `isSuccessor`: the log has taken its keys over from another one. */
  constructor(sql: Sql, { slots, isSuccessor }: { slots: number; isSuccessor: boolean }) {
    this.#sql = sql;
    this.#slots = slots;
    this.#isSuccessor = isSuccessor;
  }

  get topic(): TopicConfig | null {
    return this.#topic;
  }

  all(): Iterable<Subscription> {
    return this.#byId.values();
  }

  get(id: string): Subscription | undefined {
    return this.#byId.get(id);
  }

  load(lastSeq: number): void {
    this.#byId.clear();
    const topic = this.#sql.all<{ config: string }>("SELECT config FROM topic WHERE one = 1")[0];
    this.#topic = topic ? TopicConfig.parse(JSON.parse(topic.config)) : null;
    const rows = this.#sql.all<SubscriptionRow>(
      `SELECT id, removed, config, epoch, from_seq, hold_until_ms, failing_since_ms, circuit_opens, circuit_until_ms, gated,
         EXISTS (SELECT 1 FROM closed WHERE closed.subscription_id = subscription.id) AS has_closed FROM subscription`,
    );
    for (const row of rows) this.#byId.set(row.id, toSubscription(row, this.#slots, lastSeq));
    for (const row of this.#sql.all<SlotRow>("SELECT * FROM slot")) {
      const subscription = this.#byId.get(row.subscription_id);
      if (!subscription || row.n >= this.#slots) continue;
      subscription.slots[row.n] = toSlot(row);
      subscription.bucket = lastOf(subscription.bucket, toBucket(row));
    }
    for (const row of this.#sql.all<ConsentRow>("SELECT * FROM consent")) {
      this.#byId.get(row.subscription_id)?.consents.set(row.data_owner_id, {
        version: row.version,
        granted: row.granted === 1,
        sinceSeq: row.since_seq,
        expiresMs: row.expires_ms,
      });
    }
  }

  /** Takes a newer topic configuration; true where it changed something. */
  putTopic(topic: TopicConfig): boolean {
    if (this.#topic && !saysMore(topic, this.#topic)) return false;
    this.#topic = topic;
    this.#sql.run(
      "INSERT OR REPLACE INTO topic (one, version, config) VALUES (1, ?, ?)",
      topic.version,
      JSON.stringify(topic),
    );
    return true;
  }

  /** Takes a new subscription into memory; `save` writes it. */
  add(config: LogSubscription, fromSeq: number, lastSeq: number): Subscription {
    const subscription: Subscription = {
      config,
      removed: false,
      epoch: 1,
      fromSeq,
      holdUntilMs: 0,
      health: healthy(),
      bucket: null,
      slots: emptySlots(this.#slots),
      gated: this.#isSuccessor,
      consents: new Map(),
      lastMatchSeq: lastSeq,
      firstFreshSeq: 0,
      hasNews: false,
      hasStaleLanes: false,
      hasClosed: false,
    };
    this.#byId.set(config.id, subscription);
    return subscription;
  }

  /** Any event up to the end may match from now on. */
  expectMatches(s: Subscription, lastSeq: number): void {
    s.lastMatchSeq = lastSeq;
    s.firstFreshSeq = 0;
  }

  /** What comes after `fromSeq` is delivered, again where it was; in a successor once its predecessor has come as far. */
  startFrom(s: Subscription, fromSeq: number, lastSeq: number): void {
    s.fromSeq = fromSeq;
    s.gated = this.#isSuccessor;
    this.expectMatches(s, lastSeq);
  }

  /** A removed subscription begins anew behind `lastSeq`, in the epoch that its removal began. */
  revive(s: Subscription, lastSeq: number): void {
    s.removed = false;
    s.holdUntilMs = 0;
    s.health = healthy();
    this.startFrom(s, lastSeq, lastSeq);
    this.dropConsents(s);
  }

  dropConsents(s: Subscription): void {
    s.consents.clear();
    this.#sql.run("DELETE FROM consent WHERE subscription_id = ?", s.config.id);
  }

  /** Writes the subscription's own row; slots have their own. */
  save(s: Subscription): void {
    this.#sql.run(
      `INSERT OR REPLACE INTO subscription (id, version, removed, config, epoch, from_seq, hold_until_ms, failing_since_ms,
         circuit_opens, circuit_until_ms, gated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      s.config.id,
      s.config.version,
      s.removed ? 1 : 0,
      JSON.stringify(s.config),
      s.epoch,
      s.fromSeq,
      s.holdUntilMs,
      s.health.failingSinceMs,
      s.health.circuit?.opens ?? 0,
      s.health.circuit?.untilMs ?? 0,
      s.gated ? 1 : 0,
    );
  }

  saveSlot(s: Subscription, slot: Slot): void {
    const { lease } = slot;
    this.#sql.run(
      `INSERT OR REPLACE INTO slot (subscription_id, n, epoch, high_seq, window, lease_id, nonce, ordinal, expires_ms, items,
         tokens, tokens_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      s.config.id,
      slot.n,
      slot.epoch,
      slot.highSeq,
      slot.window,
      slot.leaseId,
      lease?.nonce ?? null,
      lease?.ordinal ?? null,
      lease?.expiresMs ?? null,
      lease ? JSON.stringify(lease.items) : null,
      s.bucket?.tokens ?? null,
      s.bucket?.atMs ?? null,
    );
  }

  /** A consent counts from the place in the log where it was heard of; one that still holds keeps its place. */
  putConsent(s: Subscription, consent: LogConsent, lastSeq: number, nowMs: number): void {
    const known = s.consents.get(consent.dataOwnerId);
    if (known && known.version >= consent.version) return;
    const stillHolds = known?.granted && (known.expiresMs === null || known.expiresMs > nowMs);
    const kept: Consent = {
      version: consent.version,
      granted: consent.granted,
      sinceSeq: stillHolds ? known.sinceSeq : lastSeq,
      expiresMs: consent.expiresMs,
    };
    s.consents.set(consent.dataOwnerId, kept);
    this.#sql.run(
      `INSERT OR REPLACE INTO consent (subscription_id, data_owner_id, version, granted, since_seq, expires_ms)
         VALUES (?, ?, ?, ?, ?, ?)`,
      s.config.id,
      consent.dataOwnerId,
      kept.version,
      kept.granted ? 1 : 0,
      kept.sinceSeq,
      kept.expiresMs,
    );
  }

  /** Whether this subscription may have this event now. Once false for an event, it stays false. */
  matches(s: Subscription, event: EventRow, nowMs: number): boolean {
    if (event.subscriptionId !== null && event.subscriptionId !== s.config.id) return false;
    if (this.#topic?.access !== "consent") return true;
    if (event.dataOwnerId === null) return false;
    if (this.#topic.isAddressed) return event.dataOwnerId === s.config.organizationId;
    const consent = s.consents.get(event.dataOwnerId);
    if (!consent?.granted || consent.sinceSeq >= event.seq) return false;
    return consent.expiresMs === null || consent.expiresMs > nowMs;
  }
}

function toSubscription(row: SubscriptionRow, slots: number, lastSeq: number): Subscription {
  return {
    config: LogSubscription.parse(JSON.parse(row.config)),
    removed: row.removed === 1,
    epoch: row.epoch,
    fromSeq: row.from_seq,
    holdUntilMs: row.hold_until_ms,
    health: toHealth(row),
    bucket: null,
    slots: emptySlots(slots),
    gated: row.gated === 1,
    consents: new Map(),
    lastMatchSeq: lastSeq,
    firstFreshSeq: 0,
    hasNews: false,
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

const toBucket = ({ tokens, tokens_ms: atMs }: SlotRow): TokenBucket | null =>
  tokens === null || atMs === null ? null : { tokens, atMs };

/** Each slot's row has the bucket as it was when the row was written. */
const lastOf = (a: TokenBucket | null, b: TokenBucket | null): TokenBucket | null =>
  a && b ? (b.atMs > a.atMs || (b.atMs === a.atMs && b.tokens < a.tokens) ? b : a) : (a ?? b);

function toSlot(row: SlotRow): Slot {
  const { nonce, ordinal, expires_ms: expiresMs, items } = row;
  const isLeased = nonce !== null && ordinal !== null && expiresMs !== null && items !== null;
  return {
    n: row.n,
    epoch: row.epoch,
    highSeq: row.high_seq,
    window: row.window,
    leaseId: row.lease_id,
    settledId: 0,
    lease: isLeased ? { id: row.lease_id, nonce, ordinal, expiresMs, items: JSON.parse(items) } : null,
  };
}

/** Of two that know the same version of the API, the one of a newer version of this code knows more of it. */
const saysMore = (topic: TopicConfig, known: TopicConfig): boolean =>
  topic.version > known.version ||
  (topic.version === known.version && known.retentionDays === null && topic.retentionDays !== null);
