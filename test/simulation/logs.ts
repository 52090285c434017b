import { logName, readLogName } from "../../src/domain/topic.ts";
import { TOPIC_ID } from "./cast.ts";
import type { Chaos } from "./chaos.ts";
import type { LogMachine } from "./log-machine.ts";

/** The logs of the topic, by their names; one is there as soon as somebody calls it. */
export class Logs {
  readonly #machines = new Map<string, LogMachine>();
  readonly #chaos: Chaos;
  readonly #newMachine: (name: string) => LogMachine;

  constructor(chaos: Chaos, newMachine: (name: string) => LogMachine) {
    this.#chaos = chaos;
    this.#newMachine = newMachine;
    this.get(logName(TOPIC_ID, 0));
  }

  all(): readonly LogMachine[] {
    return [...this.#machines.values()];
  }

  get(name: string): LogMachine {
    const known = this.#machines.get(name);
    if (known) return known;
    const machine = this.#newMachine(name);
    this.#machines.set(name, machine);
    return machine;
  }

  /** Another shard of the same topic. */
  shard(shard: number): LogMachine {
    return this.get(logName(TOPIC_ID, shard));
  }

  pick(): LogMachine {
    const all = this.all();
    return all[this.#chaos.int(0, all.length - 1)] ?? this.shard(0);
  }
}

export const shardNumber = ({ name }: { name: string }): number => readLogName(name).shard;
