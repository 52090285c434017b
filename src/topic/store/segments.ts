import { SEGMENT_MS } from "../../kernel/limits.ts";
import type { Sql } from "./platform.ts";

/** Events `firstSeq` and on, up to the next segment, in a table of their own. */
export type Segment = { firstSeq: number; table: string };

// `body` stands last but for what is read with it alone: SQLite reads the columns before it without touching its overflow pages.
const COLUMNS = `(seq INTEGER PRIMARY KEY, id TEXT NOT NULL, channel TEXT NOT NULL, partition_key TEXT, data_owner_id TEXT,
  subscription_id TEXT, request_id TEXT NOT NULL, origin_request_id TEXT, traceparent TEXT, content_type TEXT NOT NULL,
  accepted_ms INTEGER NOT NULL, body BLOB NOT NULL, invalid INTEGER NOT NULL DEFAULT 0, cloud_event TEXT,
  hops INTEGER NOT NULL DEFAULT 0, tracestate TEXT)`;

const PREFIX = "event_";

/**
 * The tables that hold the log: one a day, so that old events go by DROP TABLE, which costs no row writes. A table's name says
 * its first sequence number, also while it is empty: numbers go on where all before them is forgotten.
 */
export class Segments {
  readonly #sql: Sql;
  /** Oldest first. */
  #all: Segment[] = [];
  /** When the newest segment's first event was accepted; null: there is none yet. */
  #newestFirstMs: number | null = null;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  load(): void {
    const tables = this.#sql.all<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB ?",
      `${PREFIX}*`,
    );
    this.#all = tables
      .map(({ name: table }) => ({ table, firstSeq: Number(table.slice(PREFIX.length)) }))
      .sort((a, b) => a.firstSeq - b.firstSeq);
    this.#newestFirstMs = this.#readFirstMs();
  }

  /** The first sequence number that may still be there. */
  get firstSeq(): number {
    return this.#all[0]?.firstSeq ?? 1;
  }

  second(): Segment | undefined {
    return this.#all[1];
  }

  newest(): Segment | undefined {
    return this.#all.at(-1);
  }

  /** Where an event is, if it is there at all. */
  of(seq: number): Segment | undefined {
    return this.#all.findLast(({ firstSeq }) => firstSeq <= seq);
  }

  /** Those that may hold events after a place, oldest first. */
  after(seq: number): Segment[] {
    const from = this.#all.findLastIndex(({ firstSeq }) => firstSeq <= seq + 1);
    return this.#all.slice(Math.max(0, from));
  }

  /** Those that may hold events before a place, newest first. */
  before(seq: number): Segment[] {
    return this.#all.filter(({ firstSeq }) => firstSeq < seq).reverse();
  }

  /** Where the next event is written: the newest segment, or a new one where that is a day old. */
  forInsert(seq: number, acceptedMs: number): string {
    const isFull = this.#newestFirstMs !== null && acceptedMs - this.#newestFirstMs >= SEGMENT_MS;
    const segment = (isFull ? undefined : this.newest()) ?? this.open(seq);
    this.#newestFirstMs ??= acceptedMs;
    return segment.table;
  }

  /** Begins a new segment with this number. */
  open(firstSeq: number): Segment {
    const segment: Segment = { firstSeq, table: `${PREFIX}${firstSeq}` };
    this.#sql.run(`CREATE TABLE ${segment.table} ${COLUMNS}`);
    this.#all.push(segment);
    this.#newestFirstMs = null;
    return segment;
  }

  /** Forgets the oldest segment. */
  dropOldest(): void {
    const oldest = this.#all.shift();
    if (oldest) this.#sql.run(`DROP TABLE ${oldest.table}`);
  }

  #readFirstMs(): number | null {
    const newest = this.newest();
    if (!newest) return null;
    const query = `SELECT accepted_ms FROM ${newest.table} ORDER BY seq LIMIT 1`;
    return this.#sql.all<{ accepted_ms: number }>(query)[0]?.accepted_ms ?? null;
  }
}
