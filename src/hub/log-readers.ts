import { logName } from "../domain/topic.ts";
import { LISTENED_LOGS_MAX } from "../kernel/limits.ts";
import type { TopicLogs } from "../topic/client.ts";
import type { Listener, Seat } from "./listener.ts";
import { LogReader } from "./log-reader.ts";
import type { PlaceOfTopic } from "./places.ts";

type Deps = {
  hub: string;
  logs: Pick<TopicLogs, "readFeed">;
  nowMs(): number;
  /** Starts readers, and sees to it that one that fails is started again. */
  run(readers: LogReader[]): void;
};

/** The readers of all logs that somebody at this hub listens to. */
export class LogReaders {
  readonly #deps: Deps;
  readonly #readers = new Map<string, LogReader>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** null: nobody listens to that log. */
  get(log: string): LogReader | null {
    return this.#readers.get(log) ?? null;
  }

  /** Gives a listener a seat at each of these logs. Answers their readers, which have something to read now. */
  seat(listener: Listener, places: readonly PlaceOfTopic[]): LogReader[] {
    return places.map(({ topic, shard, seq }) => this.take(listener.sit(topic, shard, seq)));
  }

  /** Takes a seat that is there already, of a socket that an earlier instance has accepted. */
  take(seat: Seat): LogReader {
    const reader = this.#readers.get(seat.log) ?? this.#open(seat.log);
    reader.seats.add(seat);
    return reader;
  }

  leave(seat: Seat): void {
    const reader = this.#readers.get(seat.log);
    reader?.seats.delete(seat);
    if (reader?.seats.size === 0) this.#readers.delete(seat.log);
  }

  all(): LogReader[] {
    return [...this.#readers.values()];
  }

  /** Those of one listener. */
  of(listener: Listener): LogReader[] {
    return [...listener.seats.keys()].flatMap((log) => this.#readers.get(log) ?? []);
  }

  #open(log: string): LogReader {
    const { hub, logs, nowMs } = this.#deps;
    const reader = new LogReader({
      nowMs,
      read: (call) => logs.readFeed(log, { ...call, hub }),
      joinShard: (seat, shard) => this.#joinShard(seat, shard),
      endSubscription: ({ listener }) => listener.close("Forbidden", "the subscription was paused or has ended"),
      loseEvents: (seat, firstSeq) => loseEvents(seat, firstSeq),
    });
    this.#readers.set(log, reader);
    return reader;
  }

  /** The keys that a shard has taken over begin behind all that its predecessor has of them. */
  #joinShard({ listener, topic }: Seat, shard: number): void {
    if (listener.seats.has(logName(topic.topicId, shard))) return;
    if (listener.seats.size >= LISTENED_LOGS_MAX) listener.close("BadFrame", "too many channels and shards");
    else this.#deps.run(this.seat(listener, [{ topic, shard, seq: 0 }]));
  }
}

function loseEvents(seat: Seat, firstSeq: number): boolean {
  const { listener } = seat;
  const isSkipped = listener.about.onGap === "skip";
  if (isSkipped) listener.move(seat, firstSeq - 1);
  else listener.close("CursorExpired");
  return isSkipped;
}
