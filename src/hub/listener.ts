import { type CloseName, closeOf } from "../domain/close-codes.ts";
import type { FeedEvent } from "../domain/feed.ts";
import type { ListenedTopic } from "../domain/live.ts";
import { type Place, writeCursor } from "../domain/stream-cursor.ts";
import { logName } from "../domain/topic.ts";
import { LINK_BYTES_UNACKED_MAX, LINK_EVENTS_UNACKED_MAX, UNPROVEN_BYTES_MAX } from "../kernel/limits.ts";
import { type Attachment, type ListenerAbout, readStanding, writeStanding } from "./attachment.ts";
import type { EventFrames } from "./link-frames.ts";

/**
 * A listener's place in one log: everything up to `seq` has been sent to it, or is not for it; everything up to `acked` has been
 * acknowledged. `sent` is the last event of all.
 */
export type Seat = {
  listener: Listener;
  topic: ListenedTopic;
  log: string;
  shard: number;
  seq: number;
  acked: number;
  sent: number;
};

/** Events up to this cursor; without one: all that an earlier instance has sent. */
type Sent = { cursor: string | null; events: number; bytes: number };

/** A connection of a hub: its socket, its places, and how far it is ahead of what its client has acknowledged. */
export class Listener {
  readonly socket: WebSocket;
  readonly about: ListenerAbout;
  readonly seats = new Map<string, Seat>();
  /** Sent and not acknowledged yet, the oldest first. */
  #inFlight: Sent[] = [];
  #ahead = { events: 0, bytes: 0 };
  #blockedSinceMs: number | null = null;
  #isClosed = false;
  /** As it is in the attachment; null: it has to be written anew. */
  #standing: Uint8Array | null = null;
  #isDirty = false;

  constructor(socket: WebSocket, about: ListenerAbout) {
    this.socket = socket;
    this.about = about;
  }

  /** The listener of a socket that an earlier instance has accepted. */
  static restore(socket: WebSocket): Listener | null {
    const kept = socket.deserializeAttachment() as Attachment | null;
    if (kept === null) return null;
    const { about, topics, seats } = readStanding(kept.standing);
    const listener = new Listener(socket, about);
    for (const [i, [position, shard]] of seats.entries()) {
      const topic = topics[position];
      const [seq, acked, sent] = kept.places[i] ?? [0, 0, 0];
      if (topic) Object.assign(listener.sit(topic, shard, seq), { acked, sent });
    }
    listener.#standing = kept.standing;
    listener.#blockedSinceMs = kept.blockedSinceMs;
    if (kept.ahead.events > 0) listener.#awaitAck({ cursor: null, ...kept.ahead });
    return listener;
  }

  /** Keeps what has to survive hibernation. False: that is more than a socket can hold, and it is closed. */
  save(): boolean {
    if (!this.#isDirty || this.#isClosed) return !this.#isClosed;
    const seats = [...this.seats.values()];
    this.#standing ??= this.#writeStanding(seats);
    const attachment: Attachment = {
      standing: this.#standing,
      places: seats.map(({ seq, acked, sent }) => [seq, acked, sent]),
      ahead: this.#ahead,
      blockedSinceMs: this.#blockedSinceMs,
    };
    try {
      this.socket.serializeAttachment(attachment);
    } catch {
      this.close("BadFrame", "too many channels and shards");
      return false;
    }
    this.#isDirty = false;
    return true;
  }

  sit(topic: ListenedTopic, shard: number, seq: number): Seat {
    const seat = { listener: this, topic, log: logName(topic.topicId, shard), shard, seq, acked: seq, sent: seq };
    this.seats.set(seat.log, seat);
    this.#changeStanding();
    return seat;
  }

  /** Goes on listening to a topic, for what it says of it now. */
  change(topic: ListenedTopic): void {
    for (const seat of this.seats.values()) if (seat.topic.topicId === topic.topicId) seat.topic = topic;
    this.#changeStanding();
  }

  leave(seat: Seat): void {
    this.seats.delete(seat.log);
    this.#changeStanding();
  }

  /** What lies before that place has been sent, or is not for it. */
  move(seat: Seat, seq: number): void {
    if (seat.seq === seq) return;
    seat.seq = seq;
    if (!this.#isAhead) seat.acked = seq;
    this.#isDirty = true;
  }

  /** Resumes behind all that was sent. */
  get cursor(): string {
    return writeCursor([...this.seats.values()].map(placeOf));
  }

  /** Resumes behind what was acknowledged. */
  get ackedCursor(): string {
    return writeCursor([...this.seats.values()].map((seat) => ({ ...placeOf(seat), seq: seat.acked })));
  }

  /** Nothing is sent: it is closed, or as much is out as may be, and more has to be acknowledged first. */
  get isBlocked(): boolean {
    return this.#isClosed || this.#blockedSinceMs !== null;
  }

  /** Since when it has to acknowledge. */
  get blockedSinceMs(): number | null {
    return this.#blockedSinceMs;
  }

  /** Sends one event; its place moves. */
  send(seat: Seat, event: FeedEvent, frames: EventFrames, nowMs: number): void {
    const { acknowledges } = this.about;
    seat.seq = event.seq;
    seat.sent = event.seq;
    if (!acknowledges) seat.acked = event.seq;
    this.#isDirty = true;
    const { cursor } = this;
    const frame = this.about.form === "link" ? frames.forLink(cursor, seat.topic.apiId) : frames.forClient(cursor);
    this.tell(frame);
    if (acknowledges) {
      this.#awaitAck({ cursor, events: 1, bytes: frame.length });
      if (this.#isFull) this.#blockedSinceMs = nowMs;
      return;
    }
    this.#ahead.bytes += frame.length;
    if (this.#ahead.bytes > UNPROVEN_BYTES_MAX) this.close("ConsumerTooSlow", "acknowledge what you have read");
  }

  /** Sends any frame. Where the socket is closed, its end is on the way. */
  tell(frame: string): void {
    try {
      this.socket.send(frame);
    } catch {
      this.close("InternalError");
    }
  }

  /** Its client may answer late, or never: from now on nobody waits for it, nor finds it after hibernation. */
  close(name: CloseName, detail?: string): void {
    const { code, reason } = closeOf(name, detail);
    this.#isClosed = true;
    this.#blockedSinceMs = null;
    try {
      this.socket.serializeAttachment(null);
      this.socket.close(code, reason);
    } catch {
      // It is closed already.
    }
  }

  /** Takes the acknowledgement of an event that was sent, and of all before it; false: it was not sent. */
  acknowledge(cursor: string, places: readonly Place[], nowMs: number): boolean {
    const seats = places.map((place) => this.#seatAt(place));
    // An adapter may have left a topic since.
    const isUnknown = this.about.form === "link" ? Number.POSITIVE_INFINITY : -1;
    if (places.some(({ seq }, i) => seq > (seats[i]?.seq ?? isUnknown))) return false;
    for (const [i, { seq }] of places.entries()) {
      const seat = seats[i];
      if (seat) seat.acked = Math.max(seat.acked, seq);
    }
    const position = this.#inFlight.findIndex((sent) => sent.cursor === cursor);
    for (const { events, bytes } of this.#inFlight.splice(0, this.#isAhead ? position + 1 : this.#inFlight.length)) {
      this.#ahead.events -= events;
      this.#ahead.bytes -= bytes;
    }
    if (!this.about.acknowledges) this.#ahead.bytes = 0;
    if (this.#blockedSinceMs !== null) this.#blockedSinceMs = this.#isFull ? nowMs : null;
    this.#isDirty = true;
    return true;
  }

  #changeStanding(): void {
    this.#standing = null;
    this.#isDirty = true;
  }

  #writeStanding(seats: Seat[]): Uint8Array {
    const topics = [...new Set(seats.map(({ topic }) => topic))];
    const { about } = this;
    return writeStanding({ about, topics, seats: seats.map(({ topic, shard }) => [topics.indexOf(topic), shard]) });
  }

  get #isAhead(): boolean {
    return [...this.seats.values()].some(({ acked, sent }) => acked < sent);
  }

  get #isFull(): boolean {
    const { aheadMax = LINK_EVENTS_UNACKED_MAX } = this.about;
    return this.#ahead.events >= aheadMax || this.#ahead.bytes >= LINK_BYTES_UNACKED_MAX;
  }

  #awaitAck(sent: Sent): void {
    this.#inFlight.push(sent);
    this.#ahead.events += sent.events;
    this.#ahead.bytes += sent.bytes;
  }

  #seatAt({ topicNumber, shard }: Place): Seat | undefined {
    return [...this.seats.values()].find((seat) => seat.topic.topicNumber === topicNumber && seat.shard === shard);
  }
}

const placeOf = ({ topic: { topicNumber }, shard, seq }: Seat): Place => ({ topicNumber, shard, seq });
