import type { FeedCall, FeedEvent, FeedPage } from "../domain/feed.ts";
import { POKE_RETRY_MS_MIN } from "../kernel/limits.ts";
import type { Result } from "../kernel/result.ts";
import { EventFrames } from "./link-frames.ts";
import type { Listener, Seat } from "./listener.ts";

/** What a reader needs of its hub. */
export type ReaderDeps = {
  read(call: Omit<FeedCall, "hub">): Promise<Result<FeedPage, unknown>>;
  nowMs(): number;
  /** A shard has taken keys over, and this listener has all that comes before them. */
  joinShard(seat: Seat, shard: number): void;
  /** Its subscription was paused or ended. */
  endSubscription(seat: Seat): void;
  /** Events behind its place were forgotten. False: it ends here. */
  loseEvents(seat: Seat, firstSeq: number): boolean;
};

type Outgoing = { event: FeedEvent; frames: EventFrames; readers: Set<number> };

/**
 * Reads one log for all listeners of a hub. Whoever is in front gets what is new at once; those behind (they resume, or were slow)
 * are led up to them, page by page in between, all in one sweep from the last one on. So a place is sent past once, whoever it is
 * and wherever they began: backfill, cut-over and live are one.
 */
export class LogReader {
  readonly seats = new Set<Seat>();
  readonly #deps: ReaderDeps;
  #sent = 0;
  #running: Promise<void> | null = null;
  /** Those in front have got all that there was when they were last asked for. */
  #isAtEnd = false;

  constructor(deps: ReaderDeps) {
    this.#deps = deps;
  }

  /** Reads until every listener that may be sent more is at the log's end. Rejects where the log does not answer. */
  run(): Promise<void> {
    this.#isAtEnd = false;
    this.#running ??= this.#runOn();
    return this.#running;
  }

  /** The last of its readings that was sent. */
  get sent(): number {
    return this.#sent;
  }

  async #runOn(): Promise<void> {
    // It is noted as running before it begins, and no step lies between its end and the note of that: whoever asks is heard by it, or begins anew.
    await Promise.resolve();
    try {
      for (;;) {
        const { front, back } = this.#span();
        if (front === null || (this.#isAtEnd && back === front)) return;
        if (!this.#isAtEnd) await this.#lookAhead(front);
        const { front: first, back: last } = this.#span();
        if (first !== null && last < first) await this.#leadOn(last, first);
      }
    } finally {
      this.#running = null;
    }
  }

  /** Whoever asks to look again meanwhile is heard. */
  async #lookAhead(front: number): Promise<void> {
    this.#isAtEnd = true;
    const read = await this.#sendFrom(front);
    if (!read || read.upTo < read.lastSeq) this.#isAtEnd = false;
  }

  /** A log that waits for its poke's answer pokes no more: that there is something new for those in front is seen here. */
  async #leadOn(last: number, front: number): Promise<void> {
    const read = await this.#sendFrom(last);
    if (read && read.lastSeq > front) this.#isAtEnd = false;
  }

  /** The places of the first and the last listener that may be sent more; hints need no place. */
  #span(): { front: number | null; back: number } {
    let front: number | null = null;
    let back = Number.POSITIVE_INFINITY;
    for (const { seq, listener } of this.seats) {
      if (listener.isBlocked) continue;
      front = Math.max(front ?? 0, seq);
      back = Math.min(back, seq);
    }
    return { front, back };
  }

  /** Reads one page and sends it to all whose place it covers. null: it came too late to be sent. */
  async #sendFrom(after: number): Promise<FeedPage | null> {
    const ahead = [...this.seats].filter(({ seq, listener }) => seq >= after && !listener.about.hintsOnly);
    const subscriptions = [...new Set(ahead.map(({ topic }) => topic.subscriptionId))];
    const askedMs = this.#deps.nowMs();
    const answer = await this.#deps.read({ subscriptions, after });
    if (!answer.ok) throw new Error("the log does not answer");
    const page = answer.value;
    // Consents may have been withdrawn meanwhile, and the withdrawal was answered: what is not sent by now is read again.
    if (this.#deps.nowMs() - askedMs > page.validMs - POKE_RETRY_MS_MIN) return null;
    this.#sent = page.reading;
    this.#sendPage(page, new Map(subscriptions.map((id, position) => [id, position])));
    return page;
  }

  #sendPage(page: FeedPage, positions: Map<string, number>): void {
    const events = page.events.map((event) => ({
      event,
      frames: new EventFrames(event),
      readers: new Set(event.readers),
    }));
    const ended = new Set(page.ended);
    const moved = new Set<Listener>();
    for (const seat of this.seats) {
      const { listener, topic } = seat;
      const position = positions.get(topic.subscriptionId);
      if (listener.about.hintsOnly) this.#hint(seat, page);
      else if (position === undefined || seat.seq < page.after || seat.seq > page.upTo || listener.isBlocked) continue;
      else if (ended.has(position)) this.#deps.endSubscription(seat);
      else if (seat.seq >= page.firstSeq - 1 || this.#deps.loseEvents(seat, page.firstSeq)) {
        this.#sendTo(seat, position, page, events);
      }
      moved.add(listener);
    }
    for (const listener of moved) listener.save();
  }

  #sendTo(seat: Seat, position: number, page: FeedPage, events: Outgoing[]): void {
    const { listener, topic } = seat;
    const nowMs = this.#deps.nowMs();
    for (const { event, frames, readers } of events) {
      if (event.seq <= seat.seq || !readers.has(position)) continue;
      if (topic.channels !== null && !topic.channels.includes(event.channel)) continue;
      if (listener.isBlocked) return;
      listener.send(seat, event, frames, nowMs);
    }
    if (listener.isBlocked) return;
    listener.move(seat, Math.max(seat.seq, page.upTo));
    for (const { shard, sealSeq } of page.successors) if (seat.seq >= sealSeq) this.#deps.joinShard(seat, shard);
  }

  /** It fetches what there is itself. */
  #hint(seat: Seat, page: FeedPage): void {
    const { listener, topic } = seat;
    if (page.lastSeq > seat.seq) listener.tell(JSON.stringify({ hint: topic.subscriptionId }));
    listener.move(seat, Math.max(seat.seq, page.lastSeq));
    for (const { shard } of page.successors) this.#deps.joinShard(seat, shard);
  }
}
