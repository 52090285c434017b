import { RETRY_DELAY_SECONDS_MAX, SENDS_AT_ONCE_MAX, WAKE_COVER_MS, WAKES_PER_SEND_MAX } from "../../kernel/limits.ts";
import type { LogPlatform, WakeToSend } from "../store/platform.ts";
import type { Slot, Subscription } from "../store/subscription.ts";
import type { AlarmClock } from "./alarm-clock.ts";
import type { Counters } from "./counters.ts";

const SEND_FAILED_ALARM_MS = 1_000;
const SLEEPER_SLACK_MS = 1_000; // delays are whole seconds

/** A wake that is on its way; `atMs`: when it was sent (fresh) or is due (sleeper). */
type Token = { token: string; atMs: number };

/**
 * Sends wakes, and remembers in memory which are under way. A token expires by itself: a lost wake, a restart, a doubled
 * message cost one wake more, never a subscription that waits for ever.
 */
export class Waker {
  readonly #platform: LogPlatform;
  readonly #alarm: AlarmClock;
  readonly #counters: Counters;
  readonly #logName: string;
  readonly #underWay = new Map<string, Token>();
  readonly #sleepers = new Map<string, Token>();
  #outbox: { fresh: WakeToSend[]; retry: WakeToSend[] } = { fresh: [], retry: [] };
  /** How much of the outbox earlier transactions have asked for. */
  #committed = { fresh: 0, retry: 0 };

  constructor(platform: LogPlatform, alarm: AlarmClock, counters: Counters, logName: string) {
    this.#platform = platform;
    this.#alarm = alarm;
    this.#counters = counters;
    this.#logName = logName;
  }

  /** The consumer that this wake brought is here: it counts no longer as under way. */
  arrived(subscription: string, slot: number, token: string): void {
    const seat = seatOf(subscription, slot);
    if (this.#underWay.get(seat)?.token === token) this.#underWay.delete(seat);
    if (this.#sleepers.get(subscription)?.token === token) this.#sleepers.delete(subscription);
  }

  /** Whether somebody works at a fresh slot, or is about to come. */
  isCovered(s: Subscription, slot: Slot): boolean {
    const now = this.#platform.clock.now();
    if (slot.lease && slot.lease.expiresMs > now) return true;
    const token = this.#underWay.get(seatOf(s.id, slot.n));
    return token !== undefined && now - token.atMs < WAKE_COVER_MS;
  }

  /** Whether somebody comes for the retry slot at that time or a little later. */
  hasSleeper(s: Subscription, dueMs: number): boolean {
    const now = this.#platform.clock.now();
    const sleeper = this.#sleepers.get(s.id);
    return (
      sleeper !== undefined &&
      sleeper.atMs <= Math.max(dueMs, now) + SLEEPER_SLACK_MS &&
      sleeper.atMs + WAKE_COVER_MS > now
    );
  }

  send(s: Subscription, slot: Slot): void {
    const token = this.#newToken();
    this.expect(s, slot, token);
    this.#outbox.fresh.push({ wake: this.#wake(s, slot, token), delaySeconds: 0 });
  }

  /** A delayed wake for the retry slot; retries travel through their own queue. */
  sendSleeper(s: Subscription, slot: Slot, dueMs: number): void {
    const token = this.#newToken();
    const delaySeconds = this.expectSleeper(s, dueMs, token);
    this.#outbox.retry.push({ wake: this.#wake(s, slot, token), delaySeconds });
  }

  /** A consumer brings its wake back to this fresh slot at once. */
  expect(s: Subscription, slot: Slot, token: string): void {
    this.#underWay.set(seatOf(s.id, slot.n), { token, atMs: this.#platform.clock.now() });
  }

  /** A wake comes to the retry slot when `dueMs` has passed. Answers the delay in whole seconds. */
  expectSleeper(s: Subscription, dueMs: number, token: string): number {
    const now = this.#platform.clock.now();
    const delaySeconds = delayUntil(dueMs, now);
    this.#sleepers.set(s.id, { token, atMs: now + delaySeconds * 1000 });
    return delaySeconds;
  }

  /** A transaction begins: what it asks for can be taken back. */
  begin(): void {
    this.#committed = { fresh: this.#outbox.fresh.length, retry: this.#outbox.retry.length };
  }

  /** The transaction is rolled back: what it asked for is not sent, and nobody is believed to come. As after a restart, a wake too many at most. */
  rollBack(): void {
    this.#outbox.fresh.length = this.#committed.fresh;
    this.#outbox.retry.length = this.#committed.retry;
    this.#underWay.clear();
    this.#sleepers.clear();
  }

  /** Sends what the transactions so far asked for. Where the queue refuses, the alarm tries again soon. */
  async flush(): Promise<void> {
    const { fresh, retry } = this.#outbox;
    this.#outbox = { fresh: [], retry: [] };
    await Promise.all([this.#sendAll("fresh", fresh), this.#sendAll("retry", retry)]);
  }

  /** In as many sends at once as an object has connections. */
  async #sendAll(queue: "fresh" | "retry", wakes: WakeToSend[]): Promise<void> {
    let next = 0;
    const sendOn = async (): Promise<void> => {
      while (next < wakes.length) {
        const batch = wakes.slice(next, next + WAKES_PER_SEND_MAX);
        next += WAKES_PER_SEND_MAX;
        await this.#send(queue, batch);
      }
    };
    await Promise.all(Array.from({ length: SENDS_AT_ONCE_MAX }, sendOn));
  }

  async #send(queue: "fresh" | "retry", wakes: WakeToSend[]): Promise<void> {
    try {
      await this.#platform.sendWakes(queue, wakes);
      this.#counters.add(queue === "fresh" ? "freshWakes" : "retryWakes", wakes.length);
    } catch {
      this.#counters.add("unsentWakes", wakes.length);
      for (const { wake } of wakes) this.arrived(wake.subscription, wake.slot, wake.token);
      this.#alarm.by(this.#platform.clock.now() + SEND_FAILED_ALARM_MS);
    }
  }

  #wake(s: Subscription, slot: Slot, token: string): WakeToSend["wake"] {
    return { v: 1, log: this.#logName, subscription: s.id, slot: slot.n, token };
  }

  #newToken(): string {
    return Math.floor(this.#platform.random() * 2 ** 52).toString(36);
  }
}

const seatOf = (subscription: string, slot: number): string => `${subscription}/${slot}`;

function delayUntil(dueMs: number, nowMs: number): number {
  return Math.min(RETRY_DELAY_SECONDS_MAX, Math.max(0, Math.ceil((dueMs - nowMs) / 1000)));
}
