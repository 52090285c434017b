import type { LogNews, LogNotice } from "../../domain/notice.ts";
import { NOTICE_GAP_MAX_MS, NOTICE_GAP_MS, NOTICES_WAITING_MAX } from "../../kernel/limits.ts";
import type { Sql } from "./platform.ts";

/** What is told once, and again only after it was over; and since when a backlog counts. */
export type Told = "failing" | "backlog" | "begun" | "storage.nearly_full" | "storage.full";

type NoticeRow = { n: number; at_ms: number; news: string };
type ToldRow = { subject: string; what: Told; at_ms: number };

/**
 * What the log has to tell, until somebody has taken it and says that it is told: an outbox, written in the same transaction as
 * what it is about. Events that are given up come in thousands: they are one notice for each subscription until it is taken.
 */
export class NoticeStore {
  readonly #sql: Sql;
  readonly #told = new Map<string, number>();
  /** When to look at each subscription's backlog again. In memory only: after a restart, a look too many. */
  readonly #looks = new Map<string, number>();
  #gathered: LogNews[] = [];
  #isWaiting = false;
  /** Nobody is called again before then. In memory only: after a restart, a call too many. */
  #quietUntilMs = 0;
  /** Calls that nobody has come for yet. */
  #calls = 0;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  load(): void {
    this.#gathered = [];
    this.#isWaiting = this.#sql.all("SELECT 1 AS one FROM notice LIMIT 1").length > 0;
    this.#told.clear();
    this.#looks.clear();
    for (const { subject, what, at_ms: atMs } of this.#sql.all<ToldRow>("SELECT subject, what, at_ms FROM told"))
      this.#told.set(nameOf(subject, what), atMs);
  }

  /** Takes news in; `write` writes them down at the end of the transaction. */
  add(news: LogNews): void {
    const i = this.#gathered.findIndex((other) => merge(other, news) !== null);
    const merged = merge(this.#gathered[i], news);
    if (merged) this.#gathered[i] = merged;
    else this.#gathered.push(news);
  }

  /** True where there was something to write. */
  write(nowMs: number): boolean {
    if (this.#gathered.length === 0) return false;
    for (const news of this.#gathered) this.#writeOne(news, nowMs);
    this.#gathered = [];
    this.#isWaiting = true;
    this.#sql.run("DELETE FROM notice WHERE n <= (SELECT max(n) FROM notice) - ?", NOTICES_WAITING_MAX);
    return true;
  }

  /** The oldest notices, at most so many. Taken again, they are the same, until they are dropped. */
  take(limit: number): LogNotice[] {
    this.#calls = 0;
    const taken = this.#list(1, limit);
    if (taken.length > 0) return taken;
    const fresh = this.#list(0, limit);
    const last = fresh.at(-1)?.n ?? 0;
    this.#sql.run("UPDATE notice SET taken = 1, dead_of = NULL WHERE n <= ? AND taken = 0", last);
    return fresh;
  }

  /** Those that were taken are told, up to this one. */
  drop(upTo: number): void {
    this.#sql.run("DELETE FROM notice WHERE n <= ? AND taken = 1", upTo);
    this.#isWaiting = this.#sql.all("SELECT 1 AS one FROM notice LIMIT 1").length > 0;
  }

  /** Whether somebody has to be called now; then nobody is for a while, and for longer each time that nobody comes. */
  takeCall(nowMs: number): boolean {
    if (!this.#isWaiting || nowMs < this.#quietUntilMs) return false;
    this.#quietUntilMs = nowMs + Math.min(NOTICE_GAP_MAX_MS, NOTICE_GAP_MS * 2 ** this.#calls++);
    return true;
  }

  /** When to look whether somebody has to be called, or called again; Infinity: nothing waits. */
  nextCallMs(nowMs: number): number {
    if (!this.#isWaiting) return Number.POSITIVE_INFINITY;
    return this.#quietUntilMs > nowMs ? this.#quietUntilMs : nowMs + NOTICE_GAP_MS;
  }

  /** When this was told; null: it was not, or is over. */
  toldMs(subject: string, what: Told): number | null {
    return this.#told.get(nameOf(subject, what)) ?? null;
  }

  tell(subject: string, what: Told, nowMs: number): void {
    this.#told.set(nameOf(subject, what), nowMs);
    this.#sql.run("INSERT OR REPLACE INTO told (subject, what, at_ms) VALUES (?, ?, ?)", subject, what, nowMs);
  }

  /** It is over. True where it had been told. */
  end(subject: string, what: Told): boolean {
    if (!this.#told.delete(nameOf(subject, what))) return false;
    this.#sql.run("DELETE FROM told WHERE subject = ? AND what = ?", subject, what);
    return true;
  }

  /** When to look at a subscription's backlog; null: at each occasion, as nothing waits. */
  lookMs(subscriptionId: string): number | null {
    return this.#looks.get(subscriptionId) ?? null;
  }

  lookAt(subscriptionId: string, atMs: number): void {
    if (Number.isFinite(atMs)) this.#looks.set(subscriptionId, atMs);
    else this.#looks.delete(subscriptionId);
  }

  /** What is removed has nothing to tell any more. */
  forget(subscriptionId: string): void {
    this.#looks.delete(subscriptionId);
    for (const what of ["failing", "backlog", "begun"] as const) this.end(subscriptionId, what);
  }

  #list(taken: 0 | 1, limit: number): LogNotice[] {
    return this.#sql
      .all<NoticeRow>("SELECT n, at_ms, news FROM notice WHERE taken = ? ORDER BY n LIMIT ?", taken, limit)
      .map(({ n, at_ms: atMs, news }) => ({ ...(JSON.parse(news) as LogNews), n, atMs }));
  }

  #writeOne(news: LogNews, nowMs: number): void {
    const deadOf = news.type === "delivery.dead" ? news.subscriptionId : null;
    const open = deadOf === null ? undefined : this.#openDead(deadOf);
    const text = JSON.stringify((open && merge(JSON.parse(open.news), news)) ?? news);
    if (open) this.#sql.run("UPDATE notice SET news = ? WHERE n = ?", text, open.n);
    else this.#sql.run("INSERT INTO notice (at_ms, news, taken, dead_of) VALUES (?, ?, 0, ?)", nowMs, text, deadOf);
  }

  #openDead(subscriptionId: string): NoticeRow | undefined {
    return this.#sql.all<NoticeRow>("SELECT n, at_ms, news FROM notice WHERE dead_of = ?", subscriptionId)[0];
  }
}

const nameOf = (subject: string, what: Told): string => `${what} ${subject}`;

/** Two notices as one; null: each stands for itself. */
function merge(before: LogNews | undefined, after: LogNews): LogNews | null {
  if (before?.type !== "delivery.dead" || after.type !== "delivery.dead") return null;
  if (before.subscriptionId !== after.subscriptionId) return null;
  return { ...before, count: before.count + after.count, lastEventId: after.lastEventId };
}
