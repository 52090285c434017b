import { keepNewest } from "../../kernel/bounded-map.ts";
import { hashText } from "../../kernel/hash.ts";
import { KEY_BLOCK_EVENTS } from "../../kernel/limits.ts";
import type { Sql } from "./platform.ts";

const BLOCKS_CACHED_MAX = 1_024; // 4 KiB each: a search through a million events reads each block once

/**
 * Finds the events of a partition key without an index row per event: one blob of 32-bit hashes per 1,024 events, the
 * last, unfinished one in memory. Block b holds the events b × 1,024 + 1 … (b + 1) × 1,024.
 */
export class KeyIndex {
  readonly #sql: Sql;
  readonly #blocks = new Map<number, Uint32Array>();
  #tail = new Uint32Array(KEY_BLOCK_EVENTS);

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Rebuilds the unfinished block from the log; `lastSeq` is the newest event. */
  load(lastSeq: number, rowsAfter: (seq: number) => { seq: number; key: string | null }[]): void {
    this.#blocks.clear();
    this.#tail = new Uint32Array(KEY_BLOCK_EVENTS);
    const tailStart = lastSeq - (lastSeq % KEY_BLOCK_EVENTS);
    for (const { seq, key } of rowsAfter(tailStart)) this.#tail[(seq - 1) % KEY_BLOCK_EVENTS] = hashOf(key);
  }

  /** Notes the key of the next event; a full block becomes a row. */
  add(seq: number, key: string | null): void {
    const position = (seq - 1) % KEY_BLOCK_EVENTS;
    this.#tail[position] = hashOf(key);
    if (position < KEY_BLOCK_EVENTS - 1) return;
    const block = blockOf(seq);
    this.#sql.run("INSERT INTO key_block (block, hashes) VALUES (?, ?)", block, new Uint8Array(this.#tail.buffer));
    keepNewest(this.#blocks, block, this.#tail, BLOCKS_CACHED_MAX);
    this.#tail = new Uint32Array(KEY_BLOCK_EVENTS);
  }

  /**
   * The first position in (after, upTo] whose hash is that of the key; the caller compares the key itself.
   * `lookedUpTo` ends the search early after `blocksMax` blocks: nothing was found up to there.
   */
  find(key: string, after: number, upTo: number, blocksMax: number): { seq: number } | { lookedUpTo: number } {
    const hash = hashText(key);
    let from = after + 1;
    for (let looked = 0; from <= upTo; looked++) {
      if (looked >= blocksMax) return { lookedUpTo: from - 1 };
      const block = blockOf(from);
      const start = block * KEY_BLOCK_EVENTS + 1;
      const position = this.#hashes(block).indexOf(hash, from - start);
      if (position >= 0) return start + position <= upTo ? { seq: start + position } : { lookedUpTo: upTo };
      from = start + KEY_BLOCK_EVENTS;
    }
    return { lookedUpTo: upTo };
  }

  /** Forgets the blocks that hold nothing but events before this one. */
  forgetBefore(seq: number): void {
    this.#sql.run("DELETE FROM key_block WHERE block < ?", blockOf(seq));
    for (const block of this.#blocks.keys()) if (block < blockOf(seq)) this.#blocks.delete(block);
  }

  #hashes(block: number): Uint32Array {
    const cached = this.#blocks.get(block);
    if (cached) return cached;
    const row = this.#sql.all<{ hashes: ArrayBuffer }>("SELECT hashes FROM key_block WHERE block = ?", block)[0];
    if (!row) return this.#tail;
    const hashes = new Uint32Array(new Uint8Array(row.hashes).slice().buffer);
    keepNewest(this.#blocks, block, hashes, BLOCKS_CACHED_MAX);
    return hashes;
  }
}

const hashOf = (key: string | null): number => (key === null ? 0 : hashText(key));

const blockOf = (seq: number): number => Math.floor((seq - 1) / KEY_BLOCK_EVENTS);
