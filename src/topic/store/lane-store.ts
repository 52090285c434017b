import type { Sql } from "./platform.ts";

/** A key that has something outstanding at or before the cursor. Events behind the head have no row: the log says them. */
export type Lane = { key: string; headSeq: number; attempt: number; dueMs: number };

/** What the lanes of one subscription come to. */
export type LaneSummary = { owner: LaneOwner; count: number; retrying: number; firstHead: number };

type SummaryRow = { subscription_id: string; epoch: number; lanes: number; retrying: number; first_head: number };

type LaneRow = { key: string; head_seq: number; attempt: number; due_ms: number };

/** Lanes of one epoch of a subscription; those of an earlier epoch are void and are never looked at. */
export type LaneOwner = { id: string; epoch: number };

/** The lane of an event: of its partition key, or its own where it has none. The prefixes keep the two apart. */
export const laneKeyOf = (event: { seq: number; key: string | null }): string =>
  event.key === null ? loneLaneKey(event.seq) : `=${event.key}`;

/** The lane of one event by itself: it has no partition key, or it was closed, and is tried again outside its key's order. */
export const loneLaneKey = (seq: number): string => `#${seq}`;

/** Reads what `laneKeyOf` wrote. */
export const readLaneKey = (laneKey: string): { seq: number } | { key: string } =>
  laneKey.startsWith("#") ? { seq: Number(laneKey.slice(1)) } : { key: laneKey.slice(1) };

/** When a lane is due whose key another log still works on: never, until that is over. */
const HELD_DUE_MS = Number.MAX_SAFE_INTEGER;

const COLUMNS = "key, head_seq, attempt, due_ms";

// Steps from one subscription to the next in the primary key: as many rows as have lanes, not as there are lanes.
const OWNERS = `WITH RECURSIVE owner (id) AS (
    SELECT min(subscription_id) FROM lane
    UNION ALL SELECT (SELECT min(subscription_id) FROM lane WHERE subscription_id > owner.id) FROM owner WHERE owner.id IS NOT NULL)
  SELECT id FROM owner WHERE id IS NOT NULL`;

/** The few keys of each subscription that fail or were passed over. `retrying`: those whose head has failed at least once. */
export class LaneStore {
  readonly #sql: Sql;
  /** Whether a subscription has any lane in its epoch, as far as is known: most have none, and are asked for that of each key. */
  readonly #known = new Map<string, { epoch: number; hasAny: boolean }>();

  /** Those that may have a lane, of whatever epoch: all others need not be asked for. */
  #owners = new Set<string>();

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Reads who has lanes; also forgets what a transaction that was rolled back may have left in memory. */
  load(): void {
    this.#known.clear();
    this.#owners = new Set(this.#sql.all<{ id: string }>(OWNERS).map(({ id }) => id));
  }

  /** Whether a subscription may have a lane, of whatever epoch. */
  mayHaveAny(id: string): boolean {
    return this.#owners.has(id);
  }

  #hasAny({ id, epoch }: LaneOwner): boolean {
    if (!this.#owners.has(id)) return false;
    const known = this.#known.get(id);
    if (known?.epoch === epoch) return known.hasAny;
    const one = this.#sql.all("SELECT 1 AS one FROM lane WHERE subscription_id = ? AND epoch = ? LIMIT 1", id, epoch);
    const hasAny = one.length > 0;
    this.#known.set(id, { epoch, hasAny });
    return hasAny;
  }

  get(owner: LaneOwner, key: string): Lane | null {
    if (!this.#hasAny(owner)) return null;
    const row = this.#sql.all<LaneRow>(
      `SELECT ${COLUMNS} FROM lane WHERE subscription_id = ? AND key = ? AND epoch = ?`,
      owner.id,
      key,
      owner.epoch,
    )[0];
    return row ? toLane(row) : null;
  }

  set(owner: LaneOwner, lane: Lane): void {
    this.#sql.run(
      `INSERT INTO lane (subscription_id, key, epoch, head_seq, attempt, due_ms) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (subscription_id, key) DO UPDATE SET
           epoch = excluded.epoch, head_seq = excluded.head_seq, attempt = excluded.attempt, due_ms = excluded.due_ms`,
      owner.id,
      lane.key,
      owner.epoch,
      lane.headSeq,
      lane.attempt,
      lane.dueMs,
    );
    this.#known.set(owner.id, { epoch: owner.epoch, hasAny: true });
    this.#owners.add(owner.id);
  }

  delete(owner: LaneOwner, key: string): void {
    this.#sql.run("DELETE FROM lane WHERE subscription_id = ? AND key = ?", owner.id, key);
    this.#known.delete(owner.id);
  }

  /** Lanes in the order they are due, `dueMs` included; never one that is held. */
  due(owner: LaneOwner, retrying: boolean, dueMs: number, limit: number): Lane[] {
    if (!this.#hasAny(owner)) return [];
    return this.#sql
      .all<LaneRow>(
        `SELECT ${COLUMNS} FROM lane WHERE subscription_id = ? AND epoch = ? AND (attempt > 0) = ? AND due_ms <= ?
           ORDER BY due_ms LIMIT ?`,
        owner.id,
        owner.epoch,
        retrying ? 1 : 0,
        Math.min(dueMs, HELD_DUE_MS - 1),
        limit,
      )
      .map(toLane);
  }

  /** A key that another log still works on: what comes of it from a place on waits, however long. */
  hold(owner: LaneOwner, key: string, headSeq: number): void {
    this.set(owner, { key, headSeq, attempt: 0, dueMs: HELD_DUE_MS });
  }

  /** Lanes of keys behind `after` and up to `upTo` (null: all of them), in the order that keys have here, up to a bound. */
  listBetween(owner: LaneOwner, after: string, upTo: string | null, limit: number): Lane[] {
    return this.#sql
      .all<LaneRow>(
        `SELECT ${COLUMNS} FROM lane WHERE subscription_id = ? AND key > ? ${upTo === null ? "" : "AND key <= ?"}
           AND epoch = ? ORDER BY key LIMIT ?`,
        owner.id,
        after,
        ...(upTo === null ? [] : [upTo]),
        owner.epoch,
        limit,
      )
      .map(toLane);
  }

  hasHeld(owner: LaneOwner): boolean {
    const held = "WHERE subscription_id = ? AND epoch = ? AND (attempt > 0) = 0 AND due_ms = ?";
    return (
      this.#hasAny(owner) &&
      this.#sql.all(`SELECT 1 AS one FROM lane ${held} LIMIT 1`, owner.id, owner.epoch, HELD_DUE_MS).length > 0
    );
  }

  /** All lanes of an epoch, up to a bound, in no particular order. */
  list(owner: LaneOwner, limit: number): Lane[] {
    return this.#sql
      .all<LaneRow>(
        `SELECT ${COLUMNS} FROM lane WHERE subscription_id = ? AND epoch = ? LIMIT ?`,
        owner.id,
        owner.epoch,
        limit,
      )
      .map(toLane);
  }

  /** The first head of an epoch's lanes; Infinity: it has none. */
  firstHead(owner: LaneOwner): number {
    if (!this.#hasAny(owner)) return Number.POSITIVE_INFINITY;
    const [first] = this.#sql.all<{ head_seq: number | null }>(
      "SELECT min(head_seq) AS head_seq FROM lane WHERE subscription_id = ? AND epoch = ?",
      owner.id,
      owner.epoch,
    );
    return first?.head_seq ?? Number.POSITIVE_INFINITY;
  }

  /** Lanes whose head stands at or before a place, up to a bound, in no particular order. */
  withHeadUpTo(owner: LaneOwner, seq: number, limit: number): Lane[] {
    if (!this.#hasAny(owner)) return [];
    return this.#sql
      .all<LaneRow>(
        `SELECT ${COLUMNS} FROM lane WHERE subscription_id = ? AND epoch = ? AND head_seq <= ? LIMIT ?`,
        owner.id,
        owner.epoch,
        seq,
        limit,
      )
      .map(toLane);
  }

  /** How many lanes there are, and the first head of them, up to a bound. */
  sketch(owner: LaneOwner, bound: number): { count: number; firstHead: number } {
    const [sketch] = this.#sql.all<{ n: number; first_head: number | null }>(
      `SELECT count(*) AS n, min(head_seq) AS first_head FROM (
         SELECT head_seq FROM lane WHERE subscription_id = ? AND epoch = ? LIMIT ?)`,
      owner.id,
      owner.epoch,
      bound,
    );
    return { count: sketch?.n ?? 0, firstHead: sketch?.first_head ?? Number.POSITIVE_INFINITY };
  }

  /** Lanes whose head has failed, counted up to a bound. */
  countRetrying(owner: LaneOwner, bound: number): number {
    const [counted] = this.#sql.all<{ n: number }>(
      `SELECT count(*) AS n FROM (
         SELECT 1 FROM lane WHERE subscription_id = ? AND epoch = ? AND (attempt > 0) = 1 LIMIT ?)`,
      owner.id,
      owner.epoch,
      bound,
    );
    return counted?.n ?? 0;
  }

  /** What the first `limit` lanes of the log come to, by whose they are: those of earlier epochs and of the removed too. */
  summarize(limit: number): LaneSummary[] {
    return this.#sql
      .all<SummaryRow>(
        `SELECT subscription_id, epoch, count(*) AS lanes, sum(attempt > 0) AS retrying, min(head_seq) AS first_head
           FROM (SELECT subscription_id, epoch, attempt, head_seq FROM lane LIMIT ?) GROUP BY subscription_id, epoch`,
        limit,
      )
      .map((row) => ({
        owner: { id: row.subscription_id, epoch: row.epoch },
        count: row.lanes,
        retrying: row.retrying,
        firstHead: row.first_head,
      }));
  }

  /** Deletes up to `limit` lanes of earlier epochs; true where some may be left. */
  deleteStale(owner: LaneOwner, limit: number): boolean {
    if (!this.#owners.has(owner.id)) return false;
    const stale = this.#sql.all<{ key: string }>(
      "SELECT key FROM lane WHERE subscription_id = ? AND epoch < ? LIMIT ?",
      owner.id,
      owner.epoch,
      limit,
    );
    for (const { key } of stale) this.delete(owner, key);
    return stale.length === limit;
  }
}

export const isHeldLane = (lane: Lane): boolean => lane.dueMs === HELD_DUE_MS;

const toLane = (row: LaneRow): Lane => ({
  key: row.key,
  headSeq: row.head_seq,
  attempt: row.attempt,
  dueMs: row.due_ms,
});
