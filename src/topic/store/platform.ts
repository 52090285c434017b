import type { Wake } from "../../domain/delivery.ts";
import type { PokeAnswer } from "../../domain/feed.ts";
import type { Clock, Random } from "../../kernel/clock.ts";

export type SqlValue = string | number | null | ArrayBuffer | Uint8Array;

/** The two things the log asks of SQLite. Synchronous, so that nothing can come between a read and its write. */
export type Sql = {
  all<Row extends Record<string, SqlValue>>(query: string, ...bindings: SqlValue[]): Row[];
  run(query: string, ...bindings: SqlValue[]): void;
};

export type WakeToSend = { wake: Wake; delaySeconds: number };

/**
 * What the log needs of the machine below it. The Durable Object gives the real one; the simulation gives SQLite in
 * memory, a clock it turns by hand and a queue that loses messages. The same log runs over both.
 */
export type LogPlatform = {
  sql: Sql;
  /** Runs `work` as one transaction: all of it or, when it throws, nothing. */
  transaction<T>(work: () => T): T;
  /** How much is stored. */
  storageBytes(): number;
  clock: Clock;
  random: Random;
  /** The alarm that is set, as of the start of this instance; null: none. */
  alarmAtMs: number | null;
  setAlarm(atMs: number): void;
  deleteAlarm(): void;
  /** Sends up to `WAKES_PER_SEND_MAX` wakes once what was written is durable. Rejects when the queue did not take them. */
  sendWakes(queue: "fresh" | "retry", wakes: WakeToSend[]): Promise<void>;
  /** Tells a hub that there is something to read; it answers when it has read and sent it. Rejects when it did not answer. */
  poke(hub: string): Promise<PokeAnswer>;
};
