import type { LogConsent } from "../../src/domain/consent.ts";
import { LogSubscription, type StartPosition } from "../../src/domain/subscription.ts";
import type { TopicConfig } from "../../src/domain/topic.ts";
import { predecessorOf } from "../../src/domain/topic.ts";
import {
  holdsOwner,
  putConsent,
  putSubscription,
  putTopic,
  removeSubscription,
} from "../../src/topic/engine/controls.ts";
import { lookAfterAll } from "../../src/topic/engine/upkeep.ts";
import { readEvent } from "../../src/topic/queries/events.ts";
import { findFirstAnswers, listMovedKeys, listSubscriptions, sealFor } from "../../src/topic/shards/moved-keys.ts";
import type { MovedKeysAsk, Predecessor } from "../../src/topic/shards/predecessor.ts";
import type { LogState } from "../../src/topic/state/log-state.ts";
import type { TopicLog } from "../../src/topic/topic-log.ts";
import { type Chaos, never } from "./chaos.ts";
import type { LogMachine } from "./log-machine.ts";
import { type Logs, shardNumber } from "./logs.ts";
import type { Observer } from "./observer.ts";
import type { Invocation } from "./registry-machine.ts";
import type { Scheduler } from "./scheduler.ts";

const REVOCATION_POLL_MS = 500;

type LogDoorParts = {
  time: Scheduler;
  chaos: Chaos;
  logs: Logs;
  observer: Observer;
  /** A withdrawal is answered at once, whatever is leased. */
  revokeWithoutWaiting?: boolean;
  /** A change is told to its log alone. */
  tellsNoSuccessor?: boolean;
};

type Controls = Pick<TopicLog, "putTopic" | "putSubscription" | "removeSubscription" | "putConsent">;

/** The Durable Object's controls as the Worker reaches them: calls that come late, fail before or after their commit, or meet a restart. */
export class LogDoor {
  readonly #parts: LogDoorParts;

  constructor(parts: LogDoorParts) {
    this.#parts = parts;
  }

  /** The namespace that the relay's own client calls. */
  reach(invocation: Invocation): Env["TOPIC_LOG"] {
    const getByName = (name: string) => this.#stub(invocation, this.#parts.logs.get(name));
    return { getByName } as unknown as Env["TOPIC_LOG"];
  }

  /** The log that another one takes its keys over from, as that one reaches it; null: it is the first. */
  predecessorOf(name: string, isGone: () => boolean): Predecessor | null {
    const shard = predecessorOf(shardNumber({ name }));
    const invocation = {
      get isDead() {
        return isGone();
      },
    };
    return shard === null ? null : this.#stub(invocation, this.#parts.logs.shard(shard));
  }

  /** As `TopicLog` has them. */
  #stub(invocation: Invocation, machine: LogMachine) {
    const call = <T>(work: (log: LogState) => T, wait?: () => Promise<unknown>): Promise<T> =>
      this.#call(invocation, machine, work, wait);
    /** What changes something is told to the log's successors before it is answered. */
    const tell = <T>(work: (log: LogState) => T, next: (stub: Controls) => Promise<unknown>, wait = async () => {}) =>
      call(work, async () => {
        const successors = this.#parts.tellsNoSuccessor ? [] : machine.log.succession.successors;
        await Promise.all(successors.map((shard) => next(this.#stub(invocation, this.#parts.logs.shard(shard)))));
        await wait();
      });
    return {
      putTopic: (topic: TopicConfig): Promise<void> =>
        tell(
          (log) => putTopic(log, topic),
          (stub) => stub.putTopic(topic),
        ),
      putSubscription: (topic: TopicConfig, subscription: LogSubscription, start: StartPosition): Promise<void> =>
        tell(
          (log) => putSubscription(log, topic, LogSubscription.parse(subscription), start),
          (stub) => stub.putSubscription(topic, subscription, start),
        ),
      removeSubscription: (id: string, version: number): Promise<void> =>
        tell(
          (log) => removeSubscription(log, id, version),
          (stub) => stub.removeSubscription(id, version),
        ),
      putConsent: async (consent: LogConsent): Promise<boolean> => {
        const areKnown: boolean[] = [];
        const isKnown = await tell(
          (log) => putConsent(log, consent),
          async (stub) => areKnown.push(await stub.putConsent(consent)),
          () => this.#waitForLeases(machine, consent),
        );
        return isKnown && !areKnown.includes(false);
      },
      seal: (shard: number) =>
        call((log) => {
          sealFor(log, shard);
          this.#parts.observer.sealed(machine.name, this.#parts.logs.shard(shard).name);
        }),
      listSubscriptions: (after: string) => call((log) => listSubscriptions(log, after)),
      listMovedKeys: (shard: number, asks: MovedKeysAsk[]) => call((log) => listMovedKeys(log, shard, asks)),
      findFirstAnswers: (keys: string[]) => call((log) => findFirstAnswers(log, keys)),
      readEvent: (eventId: string) => call((log) => readEvent(log, eventId)),
      tick: () => call((log) => lookAfterAll(log)),
    };
  }

  async #call<T>(
    invocation: Invocation,
    machine: LogMachine,
    work: (log: LogState) => T,
    wait: () => Promise<unknown> = async () => {},
  ): Promise<T> {
    const { time, chaos, observer } = this.#parts;
    await time.sleep(this.#rpcMs());
    if (invocation.isDead && chaos.chance(0.5)) return never();
    await machine.open().catch(() => Promise.reject(failure(true)));
    const { generation } = machine;
    if (chaos.fault(0.04)) throw failure(chaos.chance(0.5));
    const answer = machine.onShakyDisk(0.04, () => ({ value: observer.over(machine, () => work(machine.log)) }));
    if (!answer) throw failure(false);
    machine.flush();
    await wait();
    await time.sleep(this.#rpcMs());
    if (invocation.isDead) return never();
    if (chaos.fault(0.04) || (generation !== machine.generation && chaos.chance(0.5))) throw failure(chaos.chance(0.5));
    return structuredClone(answer.value);
  }

  /** A withdrawal is answered when no live lease holds an event of that owner; a restart ends the wait, and the call with it. */
  async #waitForLeases(machine: LogMachine, { subscriptionId, dataOwnerId, granted }: LogConsent): Promise<void> {
    const { time, revokeWithoutWaiting } = this.#parts;
    const { generation } = machine;
    while (!granted && !revokeWithoutWaiting && holdsOwner(machine.log, subscriptionId, dataOwnerId)) {
      await time.sleep(REVOCATION_POLL_MS);
      if (generation !== machine.generation) throw failure(true);
    }
  }

  #rpcMs(): number {
    const { chaos } = this.#parts;
    return chaos.fault(0.05) ? chaos.int(1, 20_000) : chaos.int(1, 20);
  }
}

const failure = (retryable: boolean): Error =>
  Object.assign(new Error("the log's object did not answer"), { retryable, overloaded: false });
