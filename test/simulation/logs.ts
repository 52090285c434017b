import { shardOf } from "../../src/domain/topic.ts";
import type { LogMachine } from "./log-machine.ts";

/** The logs of the topic, one for each shard, by their names. */
export class Logs {
  readonly #machines: LogMachine[];
  readonly #random: () => number;

  constructor(machines: LogMachine[], random: () => number) {
    this.#machines = machines;
    this.#random = random;
  }

  all(): readonly LogMachine[] {
    return this.#machines;
  }

  indexOf(name: string): number {
    return this.#machines.findIndex((one) => one.name === name);
  }

  get(name: string): LogMachine {
    const machine = this.#machines.find((one) => one.name === name);
    if (!machine) throw new Error(`there is no log ${name}`);
    return machine;
  }

  /** Where an event with this key goes. */
  ofKey(partitionKey: string | null): LogMachine {
    const shard = this.#machines[shardOf(partitionKey, this.#machines.length, this.#random)];
    if (!shard) throw new Error("a topic has a log");
    return shard;
  }

  pick(): LogMachine {
    return this.ofKey(null);
  }

  /** Sends the wakes that any of them has decided on. */
  flush(): void {
    for (const machine of this.#machines) machine.flush();
  }
}
