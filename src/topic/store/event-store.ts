import type { EventHeader, EventQuery, LogPlace, NewEvent, StoredEvent } from "../../domain/event.ts";
import { KEY_BLOCK_EVENTS, SEARCH_ROWS_MAX } from "../../kernel/limits.ts";
import {
  type ChannelRow,
  type EventRow,
  FULL,
  type FullRow,
  HEADER,
  type HeaderRow,
  PLACEMENT,
  type PlacementRow,
  placementOf,
  toEventRow,
  toHeader,
  toStored,
} from "./event-rows.ts";
import { KeyIndex } from "./key-index.ts";
import type { Sql, SqlValue } from "./platform.ts";
import { RecentEvents } from "./recent-events.ts";
import { Segments } from "./segments.ts";

const RECENT_IDS_MAX = 4096;

/**
 * Where a search for a key's next event ended: at one, at the end, or at the bound of what one call may look at.
 * `fromSeq`: what was looked at holds none, so a later search goes on there.
 */
export type KeySearch = { kind: "found"; row: EventRow } | { kind: "none" } | { kind: "unfinished"; fromSeq: number };

/** The ordered log: one row an event, dense sequence numbers from 1. What is too old is forgotten from its beginning. */
export class EventStore {
  readonly #sql: Sql;
  readonly #segments: Segments;
  readonly #keys: KeyIndex;
  #lastSeq = 0;
  #lastAcceptedMs = 0;
  /** Of the oldest segment, where it is not the newest too; null: not read yet. */
  #oldestEndMs: number | null = null;
  #recentIds = new Set<string>();
  readonly #recent = new RecentEvents();

  constructor(sql: Sql) {
    this.#sql = sql;
    this.#segments = new Segments(sql);
    this.#keys = new KeyIndex(sql);
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Nothing before it is there any more. */
  get firstSeq(): number {
    return this.#segments.firstSeq;
  }

  /** The last event of the oldest segment. */
  oldestSegmentEndSeq(): number {
    const next = this.#segments.second();
    return next ? next.firstSeq - 1 : this.#lastSeq;
  }

  /** When the last event of the oldest segment was accepted; null: there is none in it. */
  oldestSegmentEndMs(): number | null {
    if (this.#lastSeq < this.firstSeq) return null;
    if (!this.#segments.second()) return this.#lastAcceptedMs;
    this.#oldestEndMs ??= this.acceptedMs(this.oldestSegmentEndSeq());
    return this.#oldestEndMs;
  }

  forgetOldestSegment(): void {
    if (!this.#segments.second()) this.#segments.open(this.#lastSeq + 1);
    this.#segments.dropOldest();
    this.#oldestEndMs = null;
    this.#keys.forgetBefore(this.firstSeq);
    this.#recent.clear();
  }

  /** Reads the end of the log; also forgets what a rolled-back transaction left in memory. */
  load(): void {
    this.#segments.load();
    this.#oldestEndMs = null;
    this.#lastSeq = (this.#segments.newest()?.firstSeq ?? 1) - 1;
    this.#lastAcceptedMs = 0;
    this.#recent.clear();
    const newest = this.#newestFirst<{ seq: number; id: string; accepted_ms: number }>(
      "seq, id, accepted_ms",
      RECENT_IDS_MAX / 2,
    );
    if (newest[0]) {
      this.#lastSeq = Math.max(this.#lastSeq, newest[0].seq);
      this.#lastAcceptedMs = newest[0].accepted_ms;
    }
    this.#recentIds = new Set(newest.map((row) => row.id).reverse());
    this.#keys.load(this.#lastSeq, (after) => this.rowsAfter(after, KEY_BLOCK_EVENTS));
  }

  /** Appends one event. Acceptance times never go back, so that a time finds a place in the log. */
  insert(event: NewEvent, nowMs: number): EventRow {
    const { idempotency: _, invalid, ...fields } = event;
    const seq = this.#lastSeq + 1;
    const acceptedMs = Math.max(nowMs, this.#lastAcceptedMs);
    this.#sql.run(
      `INSERT INTO ${this.#segments.forInsert(seq, acceptedMs)} (seq, id, channel, partition_key, data_owner_id, subscription_id, request_id, origin_request_id,
         traceparent, content_type, accepted_ms, body, invalid, cloud_event, hops, tracestate)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      seq,
      event.id,
      event.channel,
      event.partitionKey,
      event.dataOwnerId,
      event.subscriptionId,
      event.requestId,
      event.originRequestId,
      event.traceparent,
      event.contentType,
      acceptedMs,
      event.body,
      invalid ? 1 : 0,
      event.cloudEvent,
      event.hops,
      event.tracestate ?? null,
    );
    this.#keys.add(seq, event.partitionKey);
    this.#lastSeq = seq;
    this.#lastAcceptedMs = acceptedMs;
    this.#rememberId(event.id);
    const recent = { ...fields, seq, acceptedMs };
    this.#recent.add(recent);
    return placementOf(recent);
  }

  /** Whether a publish whose answer was lost is in the log already. Looks at the recent past only: retries come at once. */
  hasRecent(eventId: string): boolean {
    return this.#recentIds.has(eventId);
  }

  /** Up to `limit` events after a place in the log, without payloads. */
  rowsAfter(seq: number, limit: number): EventRow[] {
    const recent = this.#recent.after(seq, limit);
    if (recent) return recent.map(placementOf);
    const rows: EventRow[] = [];
    for (const { table } of this.#segments.after(seq)) {
      if (rows.length >= limit) break;
      const found = this.#sql.all<PlacementRow>(
        `SELECT ${PLACEMENT} FROM ${table} WHERE seq > ? ORDER BY seq LIMIT ?`,
        seq,
        limit - rows.length,
      );
      rows.push(...found.map(toEventRow));
    }
    return rows;
  }

  /** Up to `limit` events before a place in the log, the newest first, without payloads. */
  rowsBefore(seq: number, limit: number): EventRow[] {
    return this.channelRowsBefore(seq, limit);
  }

  /** As `rowsBefore`, with their channels. */
  channelRowsBefore(seq: number, limit: number): ChannelRow[] {
    const rows: ChannelRow[] = [];
    for (const { table } of this.#segments.before(seq)) {
      if (rows.length >= limit) break;
      const found = this.#sql.all<PlacementRow & { channel: string }>(
        `SELECT ${PLACEMENT}, channel FROM ${table} WHERE seq < ? ORDER BY seq DESC LIMIT ?`,
        seq,
        limit - rows.length,
      );
      rows.push(...found.map((row) => ({ ...toEventRow(row), channel: row.channel })));
    }
    return rows;
  }

  row(seq: number): EventRow | null {
    const recent = this.#recent.get(seq);
    if (recent) return placementOf(recent);
    const row = this.#one<PlacementRow>(PLACEMENT, seq);
    return row ? toEventRow(row) : null;
  }

  /** An event without its payload. */
  describe(seq: number): EventHeader | null {
    const row = this.#one<HeaderRow>(HEADER, seq);
    return row ? toHeader(row) : null;
  }

  /**
   * Events in (after, before) that a query asks for, the newest first: up to its limit, and up to a bound of rows looked at.
   * `lookedDownTo`: the last one looked at.
   */
  search(
    range: { after: number; before: number },
    { channel, partitionKey, dataOwnerId, requestId, limit }: EventQuery,
  ): { found: EventHeader[]; lookedDownTo: number } {
    const found: EventHeader[] = [];
    const lookedDownTo = Math.max(range.after + 1, range.before);
    const floor = Math.max(range.after, lookedDownTo - 1 - SEARCH_ROWS_MAX);
    for (const { table } of this.#segments.before(range.before)) {
      if (lookedDownTo <= floor + 1) break;
      const rows = this.#sql.all<HeaderRow>(
        `SELECT ${HEADER} FROM ${table} WHERE seq < ?1 AND seq > ?2 AND (?3 IS NULL OR channel = ?3)
           AND (?4 IS NULL OR partition_key = ?4) AND (?5 IS NULL OR data_owner_id = ?5)
           AND (?6 IS NULL OR request_id = ?6 OR origin_request_id = ?6) ORDER BY seq DESC LIMIT ?7`,
        range.before,
        floor,
        channel,
        partitionKey,
        dataOwnerId,
        requestId,
        limit - found.length,
      );
      found.push(...rows.map(toHeader));
      if (found.length === limit) return { found, lookedDownTo: found.at(-1)?.seq ?? lookedDownTo };
    }
    return { found, lookedDownTo: floor + 1 };
  }

  /** Where an event is: the time in its id says near what, as the clocks of an isolate and of the log are seconds apart at most. */
  findId(eventId: string, mintedMs: number, rowsMax = SEARCH_ROWS_MAX): number | null {
    const place = this.seqBefore(mintedMs);
    return this.#findId(eventId, place, place + rowsMax) ?? this.#findId(eventId, place - rowsMax, place);
  }

  read(seq: number): StoredEvent | null {
    const recent = this.#recent.get(seq);
    if (recent) return recent;
    const row = this.#one<FullRow>(FULL, seq);
    return row ? toStored(row) : null;
  }

  /**
   * The first event of a partition key in (after, upTo]. Each block of hashes that is looked at, and each event whose hash
   * only looks like the key's, takes one off the budget.
   */
  nextOfKey(key: string, after: number, upTo: number, budget: { blocks: number }): KeySearch {
    let place = Math.max(after, this.firstSeq - 1);
    while (place < upTo && budget.blocks > 0) {
      const found = this.#keys.find(key, place, upTo, budget.blocks);
      const end = "seq" in found ? found.seq : found.lookedUpTo;
      budget.blocks -= 1 + Math.floor((end - place) / KEY_BLOCK_EVENTS);
      place = end;
      if ("lookedUpTo" in found) continue;
      const row = this.row(found.seq);
      if (row?.key === key) return { kind: "found", row };
    }
    return place < upTo ? { kind: "unfinished", fromSeq: place + 1 } : { kind: "none" };
  }

  /** The last event accepted before a time: a cursor there starts at the first one at or after it. */
  seqBefore(timeMs: number): number {
    let low = this.firstSeq - 1;
    let high = this.#lastSeq;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.acceptedMs(middle) ?? 0) < timeMs) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  placeOf(seq: number): LogPlace {
    return { seq, acceptedMs: this.acceptedMs(seq) ?? 0 };
  }

  acceptedMs(seq: number): number | null {
    return this.#one<{ accepted_ms: number }>("accepted_ms", seq)?.accepted_ms ?? null;
  }

  #findId(eventId: string, after: number, upTo: number): number | null {
    for (const { table } of this.#segments.after(after)) {
      const query = `SELECT seq FROM ${table} WHERE seq > ? AND seq <= ? AND id = ? LIMIT 1`;
      const [row] = this.#sql.all<{ seq: number }>(query, after, upTo, eventId);
      if (row) return row.seq;
    }
    return null;
  }

  #one<Row extends Record<string, SqlValue>>(columns: string, seq: number): Row | undefined {
    const segment = this.#segments.of(seq);
    return segment && this.#sql.all<Row>(`SELECT ${columns} FROM ${segment.table} WHERE seq = ?`, seq)[0];
  }

  #newestFirst<Row extends Record<string, SqlValue>>(columns: string, limit: number): Row[] {
    const rows: Row[] = [];
    for (const { table } of this.#segments.before(Number.MAX_SAFE_INTEGER)) {
      if (rows.length >= limit) break;
      rows.push(
        ...this.#sql.all<Row>(`SELECT ${columns} FROM ${table} ORDER BY seq DESC LIMIT ?`, limit - rows.length),
      );
    }
    return rows;
  }

  #rememberId(id: string): void {
    this.#recentIds.add(id);
    if (this.#recentIds.size <= RECENT_IDS_MAX) return;
    const [oldest] = this.#recentIds;
    if (oldest !== undefined) this.#recentIds.delete(oldest);
  }
}
