import { consumeWakes, type WakeMessage } from "../../src/delivery/consumer.ts";
import type { AttemptResult, LeaseAnswer, LeaseCall, Wake } from "../../src/domain/delivery.ts";
import type { NewEvent, StoredEvent } from "../../src/domain/event.ts";
import type { LogSubscription, StartPosition } from "../../src/domain/subscription.ts";
import type { TopicConfig } from "../../src/domain/topic.ts";
import { err, ok, type Result } from "../../src/kernel/result.ts";
import { appendEvents } from "../../src/topic/append.ts";
import {
  holdsOwner,
  putConsent,
  putSubscription,
  removeSubscription,
  retryNow,
  seek,
  skip,
} from "../../src/topic/controls.ts";
import { settleAndLease } from "../../src/topic/lease.ts";
import type { LogState } from "../../src/topic/log-state.ts";
import { openLog } from "../../src/topic/open-log.ts";
import type { LogPlatform, WakeToSend } from "../../src/topic/platform.ts";
import { measureStatus } from "../../src/topic/status.ts";
import { runAlarm } from "../../src/topic/upkeep.ts";
import { openSqlite } from "../support/sqlite-platform.ts";
import { attemptResult, Oracle, type Published, seqsOf, type Watched } from "./receiver.ts";
import { Scheduler, seededRandom } from "./scheduler.ts";

const ATTEMPT_TIMEOUT_MS = 15_000;
const STALL_MS_MAX = 5_000; // a consumer that stalls between its check and its send; order holds up to the margin (10 s)
const STORM_MS = 400_000;
const CALM_MS = 1_200_000;
const BATCH_MS = 20;
const MIN_DELAY_SECONDS = 1; // 1 s less 20 %, rounded up
const TASKS_MAX = 400_000;
const KEYS = ["k1", "k2", "k3", "k4", "k5", null, null];
const OWNERS = ["o0", "o1", "o2"];

export type Story = {
  violations: { kind: string; text: string }[];
  published: number;
  attempts: number;
  repeats: number;
  calls: number;
  wakes: number;
  restarts: number;
  kills: number;
};

/** Mechanisms outside the engine's files that a run may leave out. */
export type WorldFlaws = { revokeWithoutWaiting: boolean };

/**
 * One seeded run: the real log and the real consumer under kills, restarts, lost, doubled, late and purged wakes, RPCs
 * that fail before or after their commit, slow and failing endpoints, and controls. After the storm everything must
 * arrive without anybody's help.
 */
export async function runSeed(seed: number, flaws: WorldFlaws): Promise<Story> {
  const world = new World(seed, flaws);
  return world.run();
}

/** A promise that never ends: what a killed consumer waits for. */
const never = <T>(): Promise<T> => new Promise<T>(() => {});

class World {
  readonly #time = new Scheduler();
  readonly #random: () => number;
  readonly #flaws: WorldFlaws;
  readonly #database = openSqlite();
  readonly #topic: TopicConfig;
  readonly #oracle: Oracle;
  readonly #watched: Watched[];
  readonly #isRemoved = new Set<string>();
  readonly #configs = new Map<string, LogSubscription>();
  readonly #parallelConsumers: number;
  /** Some runs have endpoints that take seconds for everything, some an object that never restarts. */
  readonly #isSlow: boolean;
  readonly #isSteady: boolean;
  readonly #story: Story = {
    violations: [],
    published: 0,
    attempts: 0,
    repeats: 0,
    calls: 0,
    wakes: 0,
    restarts: 0,
    kills: 0,
  };
  #log: LogState;
  #generation = 0;
  #queueGeneration = 0;
  #alarmAtMs: number | null = null;
  #isCalm = false;
  #isDiskFailing = false;
  #arrived: { wake: Wake; attempts: number }[] = [];
  #hotKeys = new Set<string | null>(["k1"]);
  #consentVersion = 0;
  #nonce = 0;

  constructor(seed: number, flaws: WorldFlaws) {
    this.#random = seededRandom(seed * 2654435761 + 17);
    this.#flaws = flaws;
    const needsConsent = this.#chance(0.5);
    this.#topic = { version: 1, access: needsConsent ? "consent" : "open", organizationId: "publisher" };
    this.#oracle = new Oracle(needsConsent, () => this.#time.nowMs);
    this.#parallelConsumers = this.#int(1, 3);
    this.#isSlow = this.#chance(0.25);
    this.#isSteady = this.#chance(0.3);
    this.#log = this.#startLog();
    this.#watched = ["A", "B", "C"].slice(0, this.#int(1, 3)).map((id) => this.#subscribe(id, "earliest"));
    if (this.#chance(0.3)) this.#time.at(this.#int(1, STORM_MS / 2), () => this.#joinLate());
  }

  async run(): Promise<Story> {
    this.#publishSome(120);
    for (const w of this.#watched) this.#grantSome(w);
    this.#every(30_000, 200_000, () => this.#queueGeneration++);
    if (!this.#isSteady) this.#every(5_000, 60_000, () => this.#restart());
    this.#every(3_000, 40_000, () => this.#control());
    this.#time.at(STORM_MS, () => this.#calmDown());
    const hasEnded = await this.#time.run(STORM_MS + CALM_MS, TASKS_MAX);
    if (!hasEnded) this.#oracle.fail("busy", "the log finds no rest");
    this.#checkEnd();
    return { ...this.#story, violations: this.#oracle.violations };
  }

  // Randomness

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }

  #int(low: number, high: number): number {
    return low + Math.floor(this.#random() * (high - low + 1));
  }

  #fault(probability: number): boolean {
    return !this.#isCalm && this.#chance(probability);
  }

  #every(lowMs: number, highMs: number, act: () => void): void {
    this.#time.at(this.#time.nowMs + this.#int(lowMs, highMs), () => {
      if (this.#isCalm) return;
      act();
      this.#every(lowMs, highMs, act);
    });
  }

  // The log

  #startLog(): LogState {
    const generation = ++this.#generation;
    const isGone = (): boolean => generation !== this.#generation;
    const platform: LogPlatform = {
      sql: this.#database.sql,
      transaction: (work) => this.#transact(work),
      clock: { now: () => this.#time.nowMs },
      random: this.#random,
      alarmAtMs: this.#alarmAtMs,
      setAlarm: (atMs) => this.#setAlarm(atMs),
      deleteAlarm: () => {
        this.#alarmAtMs = null;
      },
      sendWakes: async (_queue, wakes) => {
        await this.#time.sleep(this.#int(1, 30));
        if (isGone() && this.#fault(0.5)) return never();
        if (this.#fault(0.08)) throw new Error("the queue did not take them");
        for (const wake of wakes) this.#enqueue(wake);
      },
    };
    return openLog(platform, { logName: "topic/0", parallelConsumers: this.#parallelConsumers });
  }

  /** As the object's: what throws leaves nothing behind, an alarm that it set included. */
  #transact<T>(work: () => T): T {
    const alarmAtMs = this.#alarmAtMs;
    try {
      return this.#database.transaction(() => {
        if (this.#isDiskFailing && this.#chance(0.5)) throw new Error("the disk failed before the work");
        const result = work();
        if (this.#isDiskFailing) throw new Error("the disk failed after the work");
        return result;
      });
    } catch (error) {
      if (this.#alarmAtMs !== alarmAtMs && alarmAtMs !== null) this.#setAlarm(alarmAtMs);
      this.#alarmAtMs = alarmAtMs;
      throw error;
    }
  }

  /** Runs with a disk that fails now and then; null: it did. */
  #onShakyDisk<T>(probability: number, work: () => T): T | null {
    this.#isDiskFailing = this.#fault(probability);
    try {
      return work();
    } catch (error) {
      if (!this.#isDiskFailing) throw error;
      return null;
    } finally {
      this.#isDiskFailing = false;
    }
  }

  #restart(): void {
    this.#story.restarts++;
    this.#log = this.#startLog();
  }

  #setAlarm(atMs: number): void {
    this.#alarmAtMs = atMs;
    this.#time.at(atMs, () => {
      if (this.#alarmAtMs !== atMs) return;
      this.#alarmAtMs = null;
      // As the Durable Object does, a failure is swallowed: the next alarm is set already.
      this.#onShakyDisk(0.1, () => runAlarm(this.#log));
      this.#log.waker.flush();
    });
  }

  // The queue and its consumers

  #enqueue({ wake, delaySeconds }: WakeToSend, attempts = 1): void {
    this.#story.wakes++;
    if (this.#fault(0.05)) return;
    const generation = this.#queueGeneration;
    for (let copies = this.#fault(0.08) ? 2 : 1; copies > 0; copies--) {
      const lateMs = this.#fault(0.1) ? this.#int(1, 40_000) : this.#int(1, 300);
      this.#time.at(this.#time.nowMs + delaySeconds * 1000 + lateMs, () => {
        if (generation === this.#queueGeneration) this.#arrive(wake, attempts);
      });
    }
  }

  /** Wakes that arrive together are served in one queue() call. */
  #arrive(wake: Wake, attempts: number): void {
    this.#arrived.push({ wake, attempts });
    if (this.#arrived.length > 1) return;
    this.#time.at(this.#time.nowMs + BATCH_MS, () => {
      const batch = this.#arrived;
      this.#arrived = [];
      this.#invoke(batch);
    });
  }

  /** One queue() call, on a machine whose clock may be off and which may die at any moment. */
  #invoke(batch: { wake: Wake; attempts: number }[]): void {
    const skewMs = this.#fault(0.5) ? this.#int(-30_000, 30_000) : 0;
    let isDead = false;
    let isDone = false;
    const alive = async <T>(work: Promise<T>): Promise<T> => {
      const value = await work;
      return isDead ? never() : value;
    };
    const bringBack = (wake: Wake, delaySeconds: number, attempts: number): void => {
      if (!isDead) this.#enqueue({ wake, delaySeconds }, attempts + 1);
    };
    if (this.#fault(0.12)) {
      this.#time.at(this.#time.nowMs + this.#int(1, 30_000), () => {
        if (isDone) return;
        this.#story.kills++;
        for (const { wake, attempts } of batch) if (this.#chance(0.7)) bringBack(wake, this.#int(0, 5), attempts);
        isDead = true;
      });
    }
    const messages = batch.map(
      ({ wake, attempts }): WakeMessage => ({
        body: wake,
        attempts,
        ack: () => {},
        retry: ({ delaySeconds }) => bringBack(wake, delaySeconds, attempts),
      }),
    );
    consumeWakes(messages, {
      settleAndLease: (_log, call) => alive(this.#callLog(call)),
      prepareLease: async (lease) => {
        if (this.#fault(0.02)) return err({ reason: "not_ready" });
        const w = this.#watch(this.#subscriptionOf(lease.target));
        return ok((event: StoredEvent) => alive(this.#attempt(w, event, lease.epoch)));
      },
      disableSubscription: async () => {},
      now: () => this.#time.nowMs + skewMs,
      sleep: (ms) => alive(this.#time.sleep(ms)),
      newNonce: () => `n${this.#nonce++}`,
      report: () => {},
      waitUntil: (work) =>
        void work.then(() => {
          isDone = true;
        }),
    });
  }

  /** Each subscription's endpoint names it. */
  #subscriptionOf({ endpoint }: { endpoint: string }): string {
    return endpoint.slice(endpoint.lastIndexOf("/") + 1);
  }

  async #callLog(call: LeaseCall): Promise<Result<LeaseAnswer, { reason: "log_unavailable" }>> {
    const generation = this.#generation;
    await this.#time.sleep(this.#rpcMs());
    if (this.#fault(0.03) || (generation !== this.#generation && this.#chance(0.5)))
      return err({ reason: "log_unavailable" });
    this.#story.calls++;
    const answer = this.#onShakyDisk(0.01, () => this.#settleAndLease(call));
    this.#log.waker.flush();
    await this.#time.sleep(this.#rpcMs());
    return !answer || this.#fault(0.04) ? err({ reason: "log_unavailable" }) : ok(answer);
  }

  /** The call, with the oracle looking at the lease it gives and at the failures it notes. */
  #settleAndLease(call: LeaseCall): LeaseAnswer {
    const w = this.#watch(call.subscription);
    const slotOf = () => this.#log.subscriptions.get(w.id)?.slots[call.slot];
    const before = slotOf()?.lease?.id;
    const answer = structuredClone(settleAndLease(this.#log, call));
    if (call.settles && before === call.settles.leaseId && call.settles.epoch === w.epoch)
      this.#noteDelays(w, call.settles);
    if (answer.kind === "lease" && answer.lease.id !== before) this.#oracle.leased(w, answer.lease.items);
    return answer;
  }

  /** What a settle in time makes the log wait for: a failed head for its delay, everything for a Retry-After. */
  #noteDelays(w: Watched, settles: NonNullable<LeaseCall["settles"]>): void {
    for (const { key, attempts } of settles.reports) {
      w.notBefore.delete(key);
      const failure = attempts.find(({ delivered }) => !delivered);
      if (!failure) continue;
      const { retryAfterSeconds, seq } = failure;
      const lane = this.#log.lanes.get({ id: w.id, epoch: w.epoch }, key);
      if (lane?.headSeq === seq && lane.attempt > 0) {
        const delayMs = (retryAfterSeconds ?? MIN_DELAY_SECONDS) * 1000;
        w.notBefore.set(key, { seq, atMs: this.#time.nowMs + delayMs });
      }
      const silentMs = this.#time.nowMs + (retryAfterSeconds ?? 0) * 1000;
      if (retryAfterSeconds !== null) w.silentUntilMs = Math.max(w.silentUntilMs, silentMs);
    }
  }

  async #attempt(w: Watched, event: StoredEvent, epoch: number): Promise<AttemptResult> {
    if (this.#fault(0.05)) await this.#time.sleep(this.#int(1, STALL_MS_MAX));
    this.#story.attempts++;
    if (w.delivered.get(epoch)?.has(event.seq)) this.#story.repeats++;
    this.#excuseDead(w);
    const end = this.#oracle.begin(w, event, epoch);
    const isTimeout = this.#fault(0.06);
    const isSick = !this.#isCalm && this.#hotKeys.has(event.partitionKey) && this.#chance(0.6);
    const isGood = !isTimeout && !isSick && !this.#fault(0.08);
    const ms = isTimeout ? ATTEMPT_TIMEOUT_MS : this.#answerMs();
    this.#time.at(this.#time.nowMs + ms, end); // the POST ends whether or not the consumer lives
    await this.#time.sleep(ms);
    if (isGood) this.#oracle.delivered(w, event.seq, epoch);
    const retryAfterSeconds = !isGood && !isTimeout && this.#fault(0.1) ? this.#int(1, 20) : null;
    return attemptResult(isGood, ms, retryAfterSeconds);
  }

  #answerMs(): number {
    if (this.#isSlow && !this.#isCalm) return this.#int(2_000, 14_000);
    return this.#fault(0.1) ? this.#int(1, ATTEMPT_TIMEOUT_MS - 1) : this.#int(2, 200);
  }

  /** Mostly milliseconds, sometimes seconds, now and then longer than a lease. */
  #rpcMs(): number {
    if (this.#fault(0.02)) return this.#int(1, 45_000);
    return this.#int(1, this.#fault(0.03) ? 8_000 : 20);
  }

  // Publishers and controls

  #joinLate(): void {
    const start = this.#chance(0.5) ? "latest" : "earliest";
    const w = this.#subscribe("D", start);
    if (start === "latest") w.epochFrom.set(1, this.#oracle.events.length);
    this.#watched.push(w);
    this.#grantSome(w);
    this.#log.waker.flush();
  }

  #grantSome(w: Watched): void {
    for (const owner of OWNERS) if (owner === "o0" || this.#chance(0.8)) this.#grant(w, owner);
  }

  #subscribe(id: string, start: StartPosition): Watched {
    const maxAttempts = this.#chance(0.3) ? 3 : null;
    const config: LogSubscription = {
      id,
      version: 1,
      active: true,
      retry: { initialSeconds: 1, multiplier: 2, maxDelaySeconds: 60, maxAttempts },
      target: {
        endpoint: `http://receiver.test/${id}`,
        format: "standard",
        eventPath: null,
        timeoutSeconds: ATTEMPT_TIMEOUT_MS / 1000,
        headers: {},
        sealedSigningSecrets: [],
        appClientId: "app",
      },
    };
    this.#configs.set(id, config);
    putSubscription(this.#log, this.#topic, config, start);
    return {
      id,
      epoch: 1,
      epochFrom: new Map([[1, 0]]),
      delivered: new Map(),
      excused: new Map(),
      consents: new Map(),
      revoked: new Set(),
      silentUntilMs: 0,
      notBefore: new Map(),
    };
  }

  #watch(id: string): Watched {
    const w = this.#watched.find((one) => one.id === id);
    if (!w) throw new Error(`nobody watches ${id}`);
    return w;
  }

  #publishSome(left: number): void {
    if (left <= 0) return;
    this.#time.at(this.#time.nowMs + this.#int(1, this.#chance(0.1) ? 20_000 : 1500), () => {
      const burst = this.#chance(0.15) ? this.#int(5, 20) : 1;
      const drafts = Array.from({ length: burst }, () => this.#draft());
      this.#onShakyDisk(0.03, () => this.#append(drafts));
      this.#log.waker.flush();
      this.#publishSome(left - burst);
    });
  }

  /** Appends; what the log took is published from then on, in its order. */
  #append(drafts: Omit<Published, "seq">[]): void {
    const appends = drafts.map((draft) => ({ event: this.#newEvent(draft), topicVersion: 1, isRetry: false }));
    for (const [i, outcome] of appendEvents(this.#log, this.#topic, appends).entries()) {
      const draft = drafts[i];
      if (outcome.kind === "accepted" && draft) {
        this.#oracle.events.push({ ...draft, seq: this.#oracle.events.length + 1 });
        this.#story.published++;
      } else if (!this.#isDiskFailing && !(outcome.kind === "subscription_not_found" && draft?.target)) {
        this.#oracle.fail("append", JSON.stringify(outcome));
      }
    }
  }

  #draft(): Omit<Published, "seq"> {
    const target = this.#chance(0.05) ? (this.#watched[this.#int(0, this.#watched.length - 1)]?.id ?? null) : null;
    return {
      key: KEYS[this.#int(0, KEYS.length - 1)] ?? null,
      owner: OWNERS[this.#int(0, OWNERS.length - 1)] ?? null,
      target,
    };
  }

  #newEvent({ key, owner, target }: Omit<Published, "seq">): NewEvent {
    return {
      id: `e${this.#nonce++}`,
      channel: "c",
      partitionKey: key,
      dataOwnerId: owner,
      subscriptionId: target,
      requestId: "r",
      originRequestId: null,
      traceparent: null,
      contentType: "application/json",
      body: new Uint8Array(this.#int(1, 300)),
      idempotency: null,
    };
  }

  #control(): void {
    const w = this.#watched[this.#int(0, this.#watched.length - 1)];
    if (!w) return;
    const choice = this.#int(0, 10);
    if (choice === 10) this.#removeForAWhile(w);
    else if (choice < 2) this.#pause(w);
    else if (choice < 4) this.#seek(w);
    else if (choice < 6) this.#skipHead(w);
    else if (choice < 7) this.#retryHeads(w);
    else if (choice < 9) this.#changeConsent(w);
    else this.#hotKeys = new Set([KEYS[this.#int(0, 4)] ?? null]);
    this.#log.waker.flush();
  }

  #setActive(w: Watched, active: boolean): void {
    const config = this.#configs.get(w.id);
    if (!config || config.active === active || this.#isRemoved.has(w.id)) return;
    const changed = { ...config, active, version: config.version + 1 };
    this.#configs.set(w.id, changed);
    putSubscription(this.#log, this.#topic, changed, "latest");
    this.#log.waker.flush();
  }

  #pause(w: Watched): void {
    this.#setActive(w, false);
    this.#time.at(this.#time.nowMs + this.#int(1000, 90_000), () => this.#setActive(w, true));
  }

  /** Removed, and back with the next change: it goes on with what comes then, and without its consents. */
  #removeForAWhile(w: Watched): void {
    const config = this.#configs.get(w.id);
    if (!config || this.#isRemoved.has(w.id)) return;
    this.#isRemoved.add(w.id);
    this.#excuseDead(w);
    removeSubscription(this.#log, w.id, config.version + 1);
    this.#configs.set(w.id, { ...config, version: config.version + 2, active: true });
    this.#beginEpoch(w, Number.MAX_SAFE_INTEGER);
    w.consents.clear();
    w.silentUntilMs = 0;
    this.#time.at(this.#time.nowMs + this.#int(1000, 60_000), () => this.#bringBack(w));
  }

  #bringBack(w: Watched): void {
    const config = this.#configs.get(w.id);
    if (!config || !this.#isRemoved.delete(w.id)) return;
    putSubscription(this.#log, this.#topic, config, "earliest");
    w.epochFrom.set(w.epoch, this.#oracle.events.length);
    w.revoked.clear();
    this.#grantSome(w);
    this.#log.waker.flush();
  }

  #beginEpoch(w: Watched, fromSeq: number): void {
    w.epoch++;
    w.epochFrom.set(w.epoch, fromSeq);
    w.notBefore.clear();
  }

  #seek(w: Watched): void {
    if (this.#isRemoved.has(w.id)) return;
    const last = this.#oracle.events.length;
    const fromSeq = this.#chance(0.6) ? this.#int(0, last) : last;
    this.#excuseDead(w);
    seek(this.#log, w.id, fromSeq);
    this.#beginEpoch(w, fromSeq);
  }

  #heads(w: Watched): { key: string; headSeq: number }[] {
    return this.#database.sql
      .all<{ key: string; head_seq: number }>(
        "SELECT key, head_seq FROM lane WHERE subscription_id = ? AND epoch = ? ORDER BY key",
        w.id,
        w.epoch,
      )
      .map((row) => ({ key: row.key, headSeq: row.head_seq }));
  }

  #skipHead(w: Watched): void {
    for (const { key, headSeq } of this.#heads(w)) {
      if (!skip(this.#log, w.id, key, headSeq)) continue;
      seqsOf(w.excused, w.epoch).add(headSeq);
      w.notBefore.delete(key);
      return;
    }
  }

  #retryHeads(w: Watched): void {
    for (const { key } of this.#heads(w)) if (retryNow(this.#log, w.id, key)) w.notBefore.delete(key);
  }

  #grant(w: Watched, dataOwnerId: string): void {
    if (this.#isRemoved.has(w.id)) return;
    const version = ++this.#consentVersion;
    const expiresMs = dataOwnerId !== "o0" && this.#chance(0.2) ? this.#time.nowMs + this.#int(1_000, 200_000) : null;
    putConsent(this.#log, { subscriptionId: w.id, dataOwnerId, version, granted: true, expiresMs });
    w.consents.set(dataOwnerId, {
      sinceSeq: this.#oracle.events.length,
      expiresMs: expiresMs ?? Number.POSITIVE_INFINITY,
    });
    w.revoked.delete(dataOwnerId);
  }

  #changeConsent(w: Watched): void {
    const owner = `o${this.#int(1, 2)}`;
    if (this.#isRemoved.has(w.id)) return;
    const granted = w.consents.get(owner);
    if (granted && granted.expiresMs > this.#time.nowMs) this.#revoke(w, owner);
    else this.#grant(w, owner);
  }

  #revoke(w: Watched, dataOwnerId: string): void {
    const version = ++this.#consentVersion;
    putConsent(this.#log, { subscriptionId: w.id, dataOwnerId, version, granted: false, expiresMs: null });
    w.consents.delete(dataOwnerId);
    this.#answerRevocation(w, dataOwnerId);
  }

  /** As the Durable Object does: the withdrawal is answered when no live lease holds an event of that owner. */
  async #answerRevocation(w: Watched, owner: string): Promise<void> {
    if (!this.#flaws.revokeWithoutWaiting) {
      while (!w.consents.has(owner) && holdsOwner(this.#log, w.id, owner)) await this.#time.sleep(500);
    }
    if (!w.consents.has(owner)) w.revoked.add(owner);
  }

  // The end

  #calmDown(): void {
    this.#isCalm = true;
    for (const w of this.#watched) {
      this.#bringBack(w);
      this.#setActive(w, true);
    }
  }

  #checkEnd(): void {
    for (const w of this.#watched) {
      this.#excuseDead(w);
      this.#oracle.checkComplete(w);
      const status = measureStatus(this.#log, w.id);
      if (status?.backlog !== 0) this.#oracle.fail("left", `${w.id} has a backlog of ${status?.backlog} at the end`);
    }
    if (this.#alarmAtMs !== null) this.#oracle.fail("alarm", "a log without work has an alarm");
    const { calls, wakes, published, kills, restarts } = this.#story;
    if (calls > 4 * wakes + 4 * published + 6 * (kills + restarts) + 400) this.#oracle.fail("empty", `${calls} calls`);
  }

  #excuseDead(w: Watched): void {
    if (this.#configs.get(w.id)?.retry.maxAttempts === null) return;
    const rows = this.#database.sql.all<{ seq: number }>(
      "SELECT seq FROM closed WHERE subscription_id = ? AND epoch = ?",
      w.id,
      w.epoch,
    );
    for (const { seq } of rows) seqsOf(w.excused, w.epoch).add(seq);
  }
}
