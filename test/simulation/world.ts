import type { TopicConfig } from "../../src/domain/topic.ts";
import { measureStatus } from "../../src/topic/queries/status.ts";
import { PUBLISHER } from "./cast.ts";
import { Chaos } from "./chaos.ts";
import { Consumers } from "./consumers.ts";
import { Endpoints } from "./endpoints.ts";
import { LogDoor } from "./log-door.ts";
import { LogMachine } from "./log-machine.ts";
import { Logs } from "./logs.ts";
import { Observer } from "./observer.ts";
import { Oracle } from "./oracle.ts";
import { seedIds, watchOutsideWork } from "./outside-work.ts";
import { Promises } from "./promises.ts";
import { Publishers } from "./publishers.ts";
import { Pullers } from "./pullers.ts";
import { RegistryMachine } from "./registry-machine.ts";
import { openRegistry } from "./registry-template.ts";
import { Relay } from "./relay.ts";
import { Scheduler } from "./scheduler.ts";
import { Storm } from "./storm.ts";
import { Subscribers } from "./subscribers.ts";
import { WakeQueue } from "./wake-queue.ts";
import type { Watched } from "./watched.ts";

watchOutsideWork();

const STORM_MS = 400_000;
const CALM_MS = 1_200_000;
const SETTLING_MS = 130_000; // what people had begun has ended, and cron has come by
const CLOCK_OFF_SMALL_MS = 2_000; // two of them after each other are less than the margin, a stall off
const CLOCK_OFF_LARGE_MS = 300_000;
const MINUTE_MS = 60_000;
const PULLING_MS = STORM_MS + 0.75 * CALM_MS; // all was tried again by then, and the last lease ends before the run does
const MINUTES = (STORM_MS + CALM_MS / 2) / MINUTE_MS;
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
  tasks: number;
  /** How many shards the topic had at the end. */
  shards: number;
};

/** Mechanisms outside the engine's files that a run may leave out. */
export type WorldFlaws = { revokeWithoutWaiting?: boolean; tellsNoSuccessor?: boolean };

/**
 * One seeded run: the real log and the real consumer under kills, restarts, lost, doubled, late and purged wakes, RPCs
 * that fail before or after their commit, slow and failing endpoints, and controls. After the storm everything must
 * arrive without anybody's help.
 */
export async function runSeed(seed: number, flaws: WorldFlaws): Promise<Story> {
  const time = new Scheduler();
  const chaos = new Chaos(seed, time);
  const setting = pickSetting(chaos);
  const registry = new RegistryMachine(time, chaos, await openRegistry(setting.topic));
  return new World(time, chaos, registry, setting, flaws).run();
}

type Setting = {
  topic: TopicConfig;
  parallelConsumers: number;
  /** Endpoints that take seconds for everything. */
  isSlow: boolean;
  /** Objects that never restart. */
  isSteady: boolean;
  /** How far the clocks of the logs' machines are set off now and then. */
  clockOffMsMax: number;
};

const pickSetting = (chaos: Chaos): Setting => ({
  topic: {
    version: 1,
    access: chaos.chance(0.5) ? "consent" : "open",
    organizationId: PUBLISHER.id,
    retentionDays: chaos.int(1, 10),
    maxUndeliveredDays: chaos.chance(0.3) ? chaos.int(1, 10) : null,
    isAddressed: false,
  },
  parallelConsumers: chaos.int(1, 3),
  isSlow: chaos.chance(0.25),
  isSteady: chaos.chance(0.3),
  clockOffMsMax: pickClockOff(chaos),
});

/** Mostly right, else off by what every lease has a margin for, or by minutes. */
function pickClockOff(chaos: Chaos): number {
  if (chaos.chance(0.6)) return 0;
  return chaos.chance(0.5) ? CLOCK_OFF_SMALL_MS : CLOCK_OFF_LARGE_MS;
}

/** Puts the parts of a run together, lets the storm pass over them, and checks what is left at the end. */
class World {
  readonly #time: Scheduler;
  readonly #chaos: Chaos;
  readonly #registry: RegistryMachine;
  readonly #setting: Setting;
  readonly #oracle: Oracle;
  readonly #observer: Observer;
  readonly #promises: Promises;
  readonly #queue: WakeQueue;
  readonly #logs: Logs;
  readonly #door: LogDoor;
  readonly #relay: Relay;
  readonly #subscribers: Subscribers;
  readonly #publishers: Publishers;
  readonly #endpoints: Endpoints;
  readonly #consumers: Consumers;
  readonly #pullers: Pullers;
  readonly #storm: Storm;

  constructor(time: Scheduler, chaos: Chaos, registry: RegistryMachine, setting: Setting, flaws: WorldFlaws) {
    const { topic, parallelConsumers, isSlow } = setting;
    const oracle = new Oracle((log) => this.#logs.get(log).clock);
    const observer = new Observer(oracle, (id) => this.#subscribers.startOf(id));
    const queue = new WakeQueue(time, chaos, (batch) => this.#consumers.serve(batch));
    const overAlarm = (log: string, alarm: () => void) => observer.overAlarm(this.#logs.get(log), alarm);
    const predecessorOf = (name: string, isGone: () => boolean) => this.#door.predecessorOf(name, isGone);
    const inherited = (log: string) => observer.inherited(this.#logs.get(log));
    const logs = new Logs(
      chaos,
      (name) =>
        new LogMachine(time, chaos, queue, {
          ...{ name, parallelConsumers, overAlarm, inherited },
          predecessor: (isGone) => predecessorOf(name, isGone),
        }),
    );
    const promises = new Promises(oracle, time);
    const door = new LogDoor({ time, chaos, logs, observer, ...flaws });
    const relay = new Relay({ time, chaos, registry, door });
    const startPulling = (id: string) => this.#pullers.start(id, PULLING_MS);
    const subscribers = new Subscribers({ time, chaos, oracle, registry, relay, promises, startPulling });
    const excuseDead = (w: Watched) => observer.excuseDead(logs.get(w.log), w);
    const endpoints = new Endpoints({ time, chaos, oracle, excuseDead, isSlow });
    const disable = (id: string) => subscribers.disable(id);
    const known = { time, chaos, logs, oracle, observer, promises, subscribers, endpoints };
    this.#consumers = new Consumers({ ...known, queue, disable });
    this.#pullers = new Pullers(known);
    this.#publishers = new Publishers({ ...known, relay, topic });
    this.#storm = new Storm(known);
    this.#time = time;
    this.#chaos = chaos;
    this.#registry = registry;
    this.#setting = setting;
    this.#oracle = oracle;
    this.#observer = observer;
    this.#promises = promises;
    this.#queue = queue;
    this.#logs = logs;
    this.#door = door;
    this.#relay = relay;
    this.#subscribers = subscribers;
    this.#endpoints = endpoints;
  }

  async run(): Promise<Story> {
    seedIds(this.#chaos.random);
    this.#plan();
    const hasEnded = await this.#time.run(STORM_MS + CALM_MS, TASKS_MAX);
    if (!hasEnded) this.#oracle.fail("busy", "the log finds no rest");
    this.#checkEnd();
    return this.#tell();
  }

  #plan(): void {
    const chaos = this.#chaos;
    for (let joined = chaos.int(1, 3); joined > 0; joined--) void this.#subscribers.join("earliest");
    if (chaos.chance(0.3)) this.#time.at(chaos.int(1, STORM_MS / 2), () => void this.#joinLate());
    this.#publishers.publishSome(EVENTS);
    for (let minute = 1; minute <= MINUTES; minute++)
      this.#time.at(minute * MINUTE_MS, () => void this.#relay.runCron());
    chaos.every(30_000, 200_000, () => this.#queue.purge());
    chaos.every(20_000, 200_000, () => this.#registry.goDown());
    const { isSteady, clockOffMsMax: offMs } = this.#setting;
    if (offMs > 0) chaos.every(10_000, 100_000, () => this.#logs.pick().setClock(chaos.int(-offMs, offMs)));
    if (!isSteady) chaos.every(5_000, 60_000, () => this.#logs.pick().restart());
    chaos.every(3_000, 40_000, () => this.#storm.control());
    if (chaos.chance(0.6))
      this.#time.at(chaos.int(1, STORM_MS), () => void this.#subscribers.spread(chaos.int(1, 2) * 2));
    this.#time.at(STORM_MS, () => void this.#calmDown());
  }

  #joinLate(): Promise<void> {
    return this.#subscribers.join(this.#chaos.chance(0.5) ? "latest" : "earliest");
  }

  async #calmDown(): Promise<void> {
    this.#chaos.isCalm = true;
    for (const machine of this.#logs.all()) machine.setClock(0);
    await this.#time.sleep(SETTLING_MS);
    for (const id of this.#subscribers.ids) {
      await this.#subscribers.share(id);
      await this.#subscribers.resume(id);
    }
  }

  // What is left at the end

  #checkEnd(): void {
    for (const machine of this.#logs.all()) if (machine.isOpen) this.#checkLog(machine);
    const [{ n = 0 } = {}] = this.#registry.rows<{ n: number }>("SELECT count(*) AS n FROM push");
    if (n > 0) this.#oracle.fail("outbox", `${n} pushes were never taken`);
    const { calls, wakes, published, kills, restarts } = this.#tell();
    if (calls > 4 * wakes + 4 * published + 6 * (kills + restarts) + 400) this.#oracle.fail("empty", `${calls} calls`);
  }

  #checkLog(machine: LogMachine): void {
    const { log, name, alarmAtMs } = machine;
    this.#promises.check(machine, this.#subscribers.ids);
    for (const w of this.#oracle.watched) {
      if (w.log !== name) continue;
      this.#observer.excuseDead(machine, w);
      this.#oracle.checkComplete(w);
      const backlog = measureStatus(log, w.id)?.backlog;
      if (backlog !== 0) this.#oracle.fail("left", `${w.id} has a backlog of ${backlog} in ${name} at the end`);
    }
    if (log.events.rowsAfter(0, 1).length > 0) this.#oracle.fail("kept", `old events are still in ${name}`);
    if (alarmAtMs !== null) this.#oracle.fail("alarm", `${name} has no work, and an alarm`);
  }

  #tell(): Story {
    return {
      violations: this.#oracle.violations,
      published: this.#publishers.published,
      attempts: this.#endpoints.attempts,
      repeats: this.#endpoints.repeats,
      calls: this.#consumers.calls,
      wakes: this.#queue.sent,
      restarts: this.#logs.all().reduce((sum, { restarts }) => sum + restarts, 0),
      kills: this.#consumers.kills,
      tasks: this.#time.planned,
      shards: this.#logs.all().length,
    };
  }
}
