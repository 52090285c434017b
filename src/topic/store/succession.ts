import { isTakenOver } from "../../domain/topic.ts";
import type { Sql } from "./platform.ts";

/** Where a log stands among the shards of its topic: which later ones it has sealed keys for, and whether it has inherited. */
export class Succession {
  readonly shard: number;
  readonly #sql: Sql;
  #sealSeqs = new Map<number, number>();
  #inheritedMs: number | null = null;

  constructor(sql: Sql, shard: number) {
    this.#sql = sql;
    this.shard = shard;
  }

  load(): void {
    const seals = this.#sql.all<{ shard: number; seal_seq: number }>("SELECT shard, seal_seq FROM successor");
    this.#sealSeqs = new Map(seals.map(({ shard, seal_seq: seq }) => [shard, seq]));
    this.#inheritedMs = this.#sql.all<{ at_ms: number }>("SELECT at_ms FROM inheritance")[0]?.at_ms ?? null;
  }

  /** The shards that keys of this log have moved to. */
  get successors(): number[] {
    return [...this.#sealSeqs.keys()];
  }

  /** Whether an event with this place key belongs to a later shard, which has taken it over. */
  hasMoved(placeKey: string | null): boolean {
    return placeKey !== null && this.successors.some((shard) => isTakenOver(placeKey, shard));
  }

  /** No event of a successor's keys stands in this log behind this place; null: it takes them still. */
  sealSeqOf(successor: number): number | null {
    return this.#sealSeqs.get(successor) ?? null;
  }

  seal(successor: number, lastSeq: number): void {
    if (this.#sealSeqs.has(successor)) return;
    this.#sealSeqs.set(successor, lastSeq);
    this.#sql.run("INSERT INTO successor (shard, seal_seq) VALUES (?, ?)", successor, lastSeq);
  }

  /** When it had all that it inherits; null: it has not yet, or inherits nothing. */
  get inheritedMs(): number | null {
    return this.#inheritedMs;
  }

  completeInheritance(nowMs: number): void {
    this.#inheritedMs = nowMs;
    this.#sql.run("INSERT OR IGNORE INTO inheritance (one, at_ms) VALUES (1, ?)", nowMs);
  }
}
