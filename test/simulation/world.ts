import { DAY_MS } from "../../src/kernel/limits.ts";
import { measureStatus } from "../../src/topic/status.ts";
import { Chaos } from "./chaos.ts";
import { Consumers } from "./consumers.ts";
import { Endpoints } from "./endpoints.ts";
import { LogMachine } from "./log-machine.ts";
import { Oracle } from "./receiver.ts";
import { Scheduler } from "./scheduler.ts";
import { Storm } from "./storm.ts";
import { Subscribers } from "./subscribers.ts";
import { WakeQueue } from "./wake-queue.ts";

const STORM_MS = 400_000;
const CALM_MS = 1_200_000;
const TASKS_MAX = 400_000;
const EVENTS = 120;

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

/** Puts the parts of a run together, lets the storm pass over them, and checks what is left at the end. */
class World {
  readonly #time = new Scheduler();
  readonly #chaos: Chaos;
  readonly #oracle: Oracle;
  readonly #queue: WakeQueue;
  readonly #machine: LogMachine;
  readonly #subscribers: Subscribers;
  readonly #endpoints: Endpoints;
  readonly #consumers: Consumers;
  readonly #storm: Storm;
  /** Some runs have an object that never restarts. */
  readonly #isSteady: boolean;

  constructor(seed: number, flaws: WorldFlaws) {
    const time = this.#time;
    const chaos = new Chaos(seed, time);
    const needsConsent = chaos.chance(0.5);
    const parallelConsumers = chaos.int(1, 3);
    const isSlow = chaos.chance(0.25);
    this.#isSteady = chaos.chance(0.3);

    const retentionDays = chaos.int(1, 10);
    const maxUndeliveredDays = chaos.chance(0.3) ? chaos.int(1, 10) : null;

    const undeliveredMsMax = (maxUndeliveredDays ?? Number.POSITIVE_INFINITY) * DAY_MS;
    const oracle = new Oracle(needsConsent, undeliveredMsMax, () => time.nowMs);
    const queue = new WakeQueue(time, chaos, (batch) => this.#consumers.serve(batch));
    const machine = new LogMachine(time, chaos, queue, {
      topic: {
        version: 1,
        access: needsConsent ? "consent" : "open",
        organizationId: "publisher",
        retentionDays,
        maxUndeliveredDays,
        isAddressed: false,
      },
      parallelConsumers,
      overAlarm: (alarm) => this.#subscribers.overAlarm(alarm),
    });
    const subscribers = new Subscribers({ time, chaos, machine, oracle, ...flaws });
    const endpoints = new Endpoints({ time, chaos, oracle, subscribers, isSlow });
    this.#consumers = new Consumers({ time, chaos, queue, machine, oracle, subscribers, endpoints });
    this.#storm = new Storm({ time, chaos, machine, oracle, subscribers, endpoints });
    this.#chaos = chaos;
    this.#oracle = oracle;
    this.#queue = queue;
    this.#machine = machine;
    this.#subscribers = subscribers;
    this.#endpoints = endpoints;
  }

  async run(): Promise<Story> {
    this.#plan();
    const hasEnded = await this.#time.run(STORM_MS + CALM_MS, TASKS_MAX);
    if (!hasEnded) this.#oracle.fail("busy", "the log finds no rest");
    this.#checkEnd();
    return this.#tell();
  }

  #plan(): void {
    const chaos = this.#chaos;
    const subscribers = this.#subscribers;
    for (const id of ["A", "B", "C"].slice(0, chaos.int(1, 3))) subscribers.add(id, "earliest");
    if (chaos.chance(0.3)) this.#time.at(chaos.int(1, STORM_MS / 2), () => this.#storm.joinLate());
    this.#storm.publishSome(EVENTS);
    for (const w of subscribers.watched) subscribers.grantSome(w);
    chaos.every(30_000, 200_000, () => this.#queue.purge());
    if (!this.#isSteady) chaos.every(5_000, 60_000, () => this.#machine.restart());
    chaos.every(3_000, 40_000, () => this.#storm.control());
    this.#time.at(STORM_MS, () => this.#calmDown());
  }

  #calmDown(): void {
    this.#chaos.isCalm = true;
    for (const w of this.#subscribers.watched) {
      this.#subscribers.bringBack(w);
      this.#subscribers.setActive(w, true);
    }
  }

  #checkEnd(): void {
    for (const w of this.#subscribers.watched) {
      this.#subscribers.excuseDead(w);
      this.#oracle.checkComplete(w);
      const status = measureStatus(this.#machine.log, w.id);
      if (status?.backlog !== 0) this.#oracle.fail("left", `${w.id} has a backlog of ${status?.backlog} at the end`);
    }
    if (this.#machine.log.events.rowsAfter(0, 1).length > 0) this.#oracle.fail("kept", "old events are still there");
    if (this.#machine.alarmAtMs !== null) this.#oracle.fail("alarm", "a log without work has an alarm");
    const { calls, wakes, published, kills, restarts } = this.#tell();
    if (calls > 4 * wakes + 4 * published + 6 * (kills + restarts) + 400) this.#oracle.fail("empty", `${calls} calls`);
  }

  #tell(): Story {
    return {
      violations: this.#oracle.violations,
      published: this.#storm.published,
      attempts: this.#endpoints.attempts,
      repeats: this.#endpoints.repeats,
      calls: this.#consumers.calls,
      wakes: this.#queue.sent,
      restarts: this.#machine.restarts,
      kills: this.#consumers.kills,
    };
  }
}
