import type { LaneOwner } from "./lane-store.ts";
import type { Sql } from "./platform.ts";

export type ClosedKind = "dead" | "skipped";

const FORGOTTEN_MAX = 10_000;

/** Events that a subscription gets no more: given up (dead) or skipped, a row each. Those of an earlier epoch are void. */
export class ClosedStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  add(owner: LaneOwner, seq: number, kind: ClosedKind, nowMs: number): void {
    this.#sql.run(
      "INSERT OR REPLACE INTO closed (subscription_id, seq, epoch, kind, at_ms) VALUES (?, ?, ?, ?, ?)",
      owner.id,
      seq,
      owner.epoch,
      kind,
      nowMs,
    );
  }

  delete(owner: LaneOwner, seq: number): void {
    this.#sql.run("DELETE FROM closed WHERE subscription_id = ? AND seq = ?", owner.id, seq);
  }

  /** null: the event is open. */
  kindOf(owner: LaneOwner, seq: number): ClosedKind | null {
    const [row] = this.#sql.all<{ kind: ClosedKind }>(
      "SELECT kind FROM closed WHERE subscription_id = ? AND seq = ? AND epoch = ?",
      owner.id,
      seq,
      owner.epoch,
    );
    return row?.kind ?? null;
  }

  /** Closed events in (after, before), up to a bound. */
  list(
    owner: LaneOwner,
    kind: ClosedKind,
    range: { after: number; before: number },
    { order, limit }: { order: "oldest first" | "newest first"; limit: number },
  ): number[] {
    return this.#sql
      .all<{ seq: number }>(
        `SELECT seq FROM closed WHERE subscription_id = ? AND seq > ? AND seq < ? AND epoch = ? AND kind = ?
           ORDER BY seq ${order === "oldest first" ? "ASC" : "DESC"} LIMIT ?`,
        owner.id,
        range.after,
        range.before,
        owner.epoch,
        kind,
        limit,
      )
      .map(({ seq }) => seq);
  }

  /** Dead events, counted up to a bound. */
  countDead(owner: LaneOwner, bound: number): number {
    const [counted] = this.#sql.all<{ n: number }>(
      `SELECT count(*) AS n FROM (
         SELECT 1 FROM closed WHERE subscription_id = ? AND epoch = ? AND kind = 'dead' LIMIT ?)`,
      owner.id,
      owner.epoch,
      bound,
    );
    return counted?.n ?? 0;
  }

  /** Dead events by their owners, among as many of the rows as `limit` says. */
  summarizeDead(limit: number): { owner: LaneOwner; count: number }[] {
    return this.#sql
      .all<{ subscription_id: string; epoch: number; dead: number }>(
        `SELECT subscription_id, epoch, count(*) AS dead FROM (SELECT subscription_id, epoch, kind FROM closed LIMIT ?)
           WHERE kind = 'dead' GROUP BY subscription_id, epoch`,
        limit,
      )
      .map((row) => ({ owner: { id: row.subscription_id, epoch: row.epoch }, count: row.dead }));
  }

  /** Forgets up to a bound of what was closed before this event, which is forgotten itself. */
  forgetBefore(seq: number): void {
    this.#sql.run(
      `DELETE FROM closed WHERE (subscription_id, seq) IN (SELECT subscription_id, seq FROM closed WHERE seq < ? LIMIT ?)`,
      seq,
      FORGOTTEN_MAX,
    );
  }
}
