import { retryDead, retryDelivery, skipDelivery } from "../../src/topic/engine/delivery-controls.ts";
import type { Chaos } from "./chaos.ts";
import type { Endpoints } from "./endpoints.ts";
import type { LogMachine } from "./log-machine.ts";
import type { Logs } from "./logs.ts";
import { closedOf, type Observer } from "./observer.ts";
import type { Oracle } from "./oracle.ts";
import { KEYS } from "./publishers.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Subscribers } from "./subscribers.ts";
import { seqsOf, type Watched } from "./watched.ts";

type StormParts = {
  time: Scheduler;
  chaos: Chaos;
  logs: Logs;
  oracle: Oracle;
  observer: Observer;
  subscribers: Subscribers;
  endpoints: Endpoints;
};

/** What people do to the relay while it runs, by chance and at the worst moments. */
export class Storm {
  readonly #parts: StormParts;

  constructor(parts: StormParts) {
    this.#parts = parts;
  }

  /** One control, on one subscription. */
  control(): void {
    const { chaos, endpoints, subscribers } = this.#parts;
    const id = subscribers.pick();
    if (id === null) return;
    const controls: (() => unknown)[] = [
      ...[() => this.#pauseForAWhile(id), () => this.#pauseForAWhile(id)],
      ...[() => this.#seek(id), () => this.#seek(id)],
      ...[() => this.#overOneLog(id, this.#skip), () => this.#overOneLog(id, this.#skip)],
      ...[() => subscribers.changeConsent(id), () => subscribers.changeConsent(id)],
      ...[() => this.#overOneLog(id, this.#bringBackClosed), () => this.#overOneLog(id, this.#bringBackClosed)],
      () => this.#overOneLog(id, this.#retryHeads),
      () => this.#unshareForAWhile(id),
      ...[() => subscribers.changeFilter(id), () => this.#race(id), () => this.#race(id)],
      () => this.#changeApi(),
      () => subscribers.spread(chaos.chance(0.5) ? 2 : 4),
      () => endpoints.sicken(KEYS[chaos.int(0, 4)] ?? null),
    ];
    controls[chaos.int(0, controls.length - 1)]?.();
  }

  async #pauseForAWhile(id: string): Promise<void> {
    const { chaos, subscribers, time } = this.#parts;
    const paused = subscribers.pause(id);
    // Some change their mind before they are answered.
    if (!chaos.chance(0.2)) await paused;
    await time.sleep(chaos.chance(0.5) ? chaos.int(1, 300) : chaos.int(1_000, 90_000));
    await subscribers.resume(id);
  }

  async #unshareForAWhile(id: string): Promise<void> {
    const { chaos, subscribers, time } = this.#parts;
    const gone = subscribers.unshare(id);
    if (!chaos.chance(0.2)) await gone;
    await time.sleep(chaos.int(1_000, 60_000));
    await subscribers.share(id);
  }

  #seek(id: string): unknown {
    const { chaos, oracle, subscribers, time } = this.#parts;
    const picked = chaos.chance(0.6) ? oracle.events[chaos.int(0, oracle.events.length - 1)] : undefined;
    const toMs = picked?.acceptedMs ?? time.nowMs + 1;
    return subscribers.seek(id, picked && chaos.chance(0.5) ? picked.id : new Date(toMs).toISOString());
  }

  #changeApi(): unknown {
    const { chaos, subscribers } = this.#parts;
    if (chaos.chance(0.5)) return subscribers.changeAccess(chaos.chance(0.5) ? "open" : "consent");
    const maxUndeliveredDays = chaos.chance(0.3) ? chaos.int(1, 10) : null;
    return subscribers.changeApi({ retentionDays: chaos.int(1, 10), maxUndeliveredDays });
  }

  /** Several people change what is one row of the registry, at once. */
  #race(id: string): unknown {
    const { chaos, subscribers } = this.#parts;
    const changes = [subscribers.changeFilter(id), subscribers.changeRate(id)];
    return Promise.all([...changes, chaos.chance(0.5) ? this.#pauseForAWhile(id) : subscribers.changeFilter(id)]);
  }

  // Controls of deliveries, which one log answers by itself

  #overOneLog(id: string, control: (machine: LogMachine, w: Watched) => void): void {
    const { logs, observer, oracle } = this.#parts;
    const machine = logs.pick();
    const w = oracle.watched.find((one) => one.id === id && one.log === machine.name);
    if (!w) return;
    machine.onShakyDisk(0.05, () => observer.over(machine, () => control(machine, w)));
    machine.flush();
  }

  /** Skips the first head that the log lets go, or any event. */
  readonly #skip = (machine: LogMachine, w: Watched): void => {
    const { chaos, oracle } = this.#parts;
    const anySeq = chaos.int(1, Math.max(1, oracle.eventsOf(machine.name).length));
    const seqs = chaos.chance(0.7) ? headsOf(machine, w).map(({ headSeq }) => headSeq) : [anySeq];
    for (const seq of seqs) {
      if (skipDelivery(machine.log, w.id, seq) !== "done") continue;
      seqsOf(w.excused, w.epoch).add(seq);
      for (const [key, failed] of w.notBefore) if (failed.seq === seq) w.notBefore.delete(key);
      return;
    }
  };

  readonly #retryHeads = (machine: LogMachine, w: Watched): void => {
    const { oracle } = this.#parts;
    const closed = new Set(closedOf(machine, w).map(({ seq }) => seq));
    for (const { key, headSeq } of headsOf(machine, w)) {
      if (retryDelivery(machine.log, w.id, headSeq) !== "done") continue;
      w.notBefore.delete(key);
      // A search that was cut short may have left the head there.
      if (closed.has(headSeq)) oracle.replayed(w, headSeq);
    }
  };

  /** Brings back what was given up or skipped: one event, or all that is dead. */
  readonly #bringBackClosed = (machine: LogMachine, w: Watched): void => {
    const { chaos, oracle } = this.#parts;
    const closed = closedOf(machine, w);
    const [some] = closed;
    if (chaos.chance(0.5)) {
      if (some && retryDelivery(machine.log, w.id, some.seq) === "done") oracle.replayed(w, some.seq);
      return;
    }
    retryDead(machine.log, w.id, { fromMs: null, toMs: null, channel: null });
    for (const { seq, kind } of closed) if (kind === "dead") oracle.replayed(w, seq);
  };
}

const headsOf = (machine: LogMachine, { id, epoch }: Watched): { key: string; headSeq: number }[] =>
  machine.sql
    .all<{ key: string; head_seq: number }>(
      "SELECT key, head_seq FROM lane WHERE subscription_id = ? AND epoch = ? ORDER BY key",
      id,
      epoch,
    )
    .map((row) => ({ key: row.key, headSeq: row.head_seq }));
