import type { LogConsent } from "../../domain/consent.ts";
import type { LogSubscription } from "../../domain/subscription.ts";
import { TopicConfig } from "../../domain/topic.ts";
import type { CaughtUpStore } from "./caught-up-store.ts";
import type { EventRow } from "./event-rows.ts";
import { healthy } from "./health.ts";
import type { Sql } from "./platform.ts";
import {
  type Consent,
  emptySlot,
  emptySlots,
  NO_ATTEMPTS,
  PULL_SLOT_FIRST,
  type Slot,
  type Subscription,
} from "./subscription.ts";
import {
  type ConsentRow,
  lastOf,
  mostOf,
  type SlotRow,
  type SubscriptionRow,
  toBucket,
  toSlot,
  toSubscription,
} from "./subscription-rows.ts";

/** The topic's subscriptions and consents. */
export class SubscriptionStore {
  readonly #sql: Sql;
  readonly #slots: number;
  readonly #caughtUp: CaughtUpStore;
  readonly #isSuccessor: boolean;
  readonly #byId = new Map<string, Subscription>();
  /** Those that each data owner has given a consent, or withdrawn it. */
  readonly #byOwner = new Map<string, Set<Subscription>>();
  #topic: TopicConfig | null = null;

  /** `slots`: seats of a subscription, the retry seat included; `isSuccessor`: the log has taken its keys over from another one. */
  constructor(
    sql: Sql,
    { slots, isSuccessor, caughtUp }: { slots: number; isSuccessor: boolean; caughtUp: CaughtUpStore },
  ) {
    this.#sql = sql;
    this.#slots = slots;
    this.#isSuccessor = isSuccessor;
    this.#caughtUp = caughtUp;
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
    this.#byOwner.clear();
    for (const row of this.#sql.all<SlotRow>("SELECT * FROM slot ORDER BY subscription_id, n")) {
      const subscription = this.#byId.get(row.subscription_id);
      if (!subscription) continue;
      subscription.made = mostOf(subscription.made, row);
      const seat = subscription.slots[row.n];
      if (row.n >= PULL_SLOT_FIRST) subscription.slots.push(toSlot(row, "pull"));
      else if (seat) subscription.slots[row.n] = toSlot(row, seat.role);
      else continue;
      subscription.bucket = lastOf(subscription.bucket, toBucket(row));
    }
    for (const row of this.#sql.all<ConsentRow>("SELECT * FROM consent")) {
      const { version, since_seq: sinceSeq, expires_ms: expiresMs } = row;
      const s = this.#byId.get(row.subscription_id);
      if (s) this.#noteConsent(s, row.data_owner_id, { version, granted: row.granted === 1, sinceSeq, expiresMs });
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
      id: config.id,
      config,
      removed: false,
      epoch: 1,
      fromSeq,
      holdUntilMs: 0,
      health: healthy(),
      bucket: null,
      made: NO_ATTEMPTS,
      slots: emptySlots(this.#slots),
      gated: this.#isSuccessor,
      consents: new Map(),
      lastMatchSeq: lastSeq,
      firstFreshSeq: 0,
      hasStaleLanes: false,
      hasClosed: false,
    };
    this.#byId.set(config.id, subscription);
    if (fromSeq < lastSeq) this.#caughtUp.forget();
    return subscription;
  }

  /** Any event up to the end may match from now on. */
  expectMatches(s: Subscription, lastSeq: number): void {
    s.lastMatchSeq = lastSeq;
    s.firstFreshSeq = 0;
    this.#caughtUp.forget();
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
    for (const owner of s.consents.keys()) this.#byOwner.get(owner)?.delete(s);
    s.consents.clear();
    this.#sql.run("DELETE FROM consent WHERE subscription_id = ?", s.id);
  }

  /** Another seat for a consumer that comes by itself. Written at once: that somebody came is to be known after a restart too. */
  addPullSlot(s: Subscription): Slot {
    const seats = s.slots.filter(({ role }) => role === "pull").length;
    const slot = emptySlot(PULL_SLOT_FIRST + seats, "pull");
    s.slots.push(slot);
    this.saveSlot(s, slot);
    return slot;
  }

  /** Writes the subscription's own row; slots have their own. */
  save(s: Subscription): void {
    this.#sql.run(
      `INSERT OR REPLACE INTO subscription (id, version, removed, config, epoch, from_seq, hold_until_ms, failing_since_ms,
         circuit_opens, circuit_until_ms, gated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      s.id,
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
         tokens, tokens_ms, delivered, failed, attempts_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      s.id,
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
      s.made.delivered,
      s.made.failed,
      s.made.ms,
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
    this.#noteConsent(s, consent.dataOwnerId, kept);
    this.#sql.run(
      `INSERT OR REPLACE INTO consent (subscription_id, data_owner_id, version, granted, since_seq, expires_ms)
         VALUES (?, ?, ?, ?, ?, ?)`,
      s.id,
      consent.dataOwnerId,
      kept.version,
      kept.granted ? 1 : 0,
      kept.sinceSeq,
      kept.expiresMs,
    );
  }

  /** Those that an event may be for, as far as it says so itself: no other matches. */
  candidates({ subscriptionId, dataOwnerId }: EventRow): Iterable<Subscription> {
    if (subscriptionId !== null) {
      const named = this.#byId.get(subscriptionId);
      return named ? [named] : [];
    }
    if (this.#topic?.access !== "consent" || this.#topic.isAddressed) return this.all();
    return (dataOwnerId !== null && this.#byOwner.get(dataOwnerId)) || [];
  }

  /** Whether this subscription may have this event now. Once false for an event, it stays false. */
  matches(s: Subscription, event: EventRow, nowMs: number): boolean {
    if (event.subscriptionId !== null && event.subscriptionId !== s.id) return false;
    if (this.#topic?.access !== "consent") return true;
    if (event.dataOwnerId === null) return false;
    if (this.#topic.isAddressed) return event.dataOwnerId === s.config.organizationId;
    const consent = s.consents.get(event.dataOwnerId);
    if (!consent?.granted || consent.sinceSeq >= event.seq) return false;
    return consent.expiresMs === null || consent.expiresMs > nowMs;
  }

  #noteConsent(s: Subscription, dataOwnerId: string, consent: Consent): void {
    s.consents.set(dataOwnerId, consent);
    const ofOwner = this.#byOwner.get(dataOwnerId);
    if (ofOwner) ofOwner.add(s);
    else this.#byOwner.set(dataOwnerId, new Set([s]));
  }
}

/** Of two that know the same version of the API, the one of a newer version of this code knows more of it. */
const saysMore = (topic: TopicConfig, known: TopicConfig): boolean =>
  topic.version > known.version ||
  (topic.version === known.version && known.retentionDays === null && topic.retentionDays !== null);
