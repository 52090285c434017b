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
 * acknowledged.
 */
export type Seat = { listener: Listener; topic: ListenedTopic; log: string; shard: number; seq: number; acked: number };

/** A connection of a hub: its socket, its places, and how far it is ahead of what its client has acknowledged. */
export class Listener {
  readonly socket: WebSocket;
  readonly about: ListenerAbout;
  readonly seats = new Map<string, Seat>();
  /** Sent and not acknowledged yet, the oldest first. */
  #inFlight: { cursor: string; bytes: number }[] = [];
  #bytesInFlight = 0;
  /** It is ahead of its acknowledgements by events that an earlier instance has sent. */
  #wasAhead = false;
  #blockedSinceMs: number | null = null;
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
      const [seq, acked] = kept.places[i] ?? [0, 0];
      if (topic) listener.sit(topic, shard, seq).acked = acked;
      listener.#wasAhead ||= acked < seq;
    }
    listener.#blockedSinceMs = kept.blockedSinceMs;
    listener.#standing = kept.standing;
    return listener;
  }

  /** Keeps what has to survive hibernation. False: that is more than a socket can hold, and the connection ends. */
  save(): boolean {
    if (!this.#isDirty) return true;
    const seats = [...this.seats.values()];
    this.#standing ??= this.#writeStanding(seats);
    const attachment: Attachment = {
      standing: this.#standing,
      places: seats.map(({ seq, acked }) => [seq, acked]),
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
    const seat: Seat = { listener: this, topic, log: logName(topic.topicId, shard), shard, seq, acked: seq };
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

  /** As much is out as may be: nothing is sent before more is acknowledged. */
  get isBlocked(): boolean {
    return this.#blockedSinceMs !== null;
  }

  get blockedSinceMs(): number | null {
    return this.#blockedSinceMs;
  }

  /** Sends one event; its place moves. */
  send(seat: Seat, event: FeedEvent, frames: EventFrames, nowMs: number): void {
    const isAhead = this.#isAhead || this.about.acknowledges;
    const acked = seat.acked;
    this.move(seat, event.seq);
    if (isAhead) seat.acked = acked;
    const { cursor } = this;
    const frame = this.about.form === "link" ? frames.forLink(cursor, seat.topic.apiId) : frames.forClient(cursor);
    this.tell(frame);
    this.#bytesInFlight += frame.length;
    if (this.about.acknowledges) this.#awaitAck(cursor, frame.length, nowMs);
    else if (this.#bytesInFlight > UNPROVEN_BYTES_MAX) this.close("ConsumerTooSlow", "acknowledge what you have read");
  }

  /** Sends any frame. Where the socket is closed, its end is on the way. */
  tell(frame: string): void {
    try {
      this.socket.send(frame);
    } catch {
      this.close("InternalError");
    }
  }

  close(name: CloseName, detail?: string): void {
    const { code, reason } = closeOf(name, detail);
    try {
      this.socket.close(code, reason);
    } catch {
      // It is closed already.
    }
  }

  /** Takes the acknowledgement of an event that was sent, and of all before it; false: it was not sent. */
  acknowledge(cursor: string, places: readonly Place[]): boolean {
    const seats = places.map((place) => this.#seatAt(place));
    // An adapter may have left a topic since.
    const isUnknown = this.about.form === "link" ? Number.POSITIVE_INFINITY : -1;
    if (places.some(({ seq }, i) => seq > (seats[i]?.seq ?? isUnknown))) return false;
    for (const [i, { seq }] of places.entries()) {
      const seat = seats[i];
      if (seat) seat.acked = Math.max(seat.acked, seq);
    }
    const position = this.#inFlight.findIndex((sent) => sent.cursor === cursor);
    for (const { bytes } of this.#inFlight.splice(0, position + 1)) this.#bytesInFlight -= bytes;
    if (!this.about.acknowledges) this.#bytesInFlight = 0;
    this.#wasAhead &&= [...this.seats.values()].some((seat) => seat.acked < seat.seq);
    if (position >= 0 || this.#inFlight.length === 0) this.#blockedSinceMs = null;
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
    return this.#inFlight.length > 0 || this.#wasAhead;
  }

  #awaitAck(cursor: string, bytes: number, nowMs: number): void {
    this.#inFlight.push({ cursor, bytes });
    const { aheadMax = LINK_EVENTS_UNACKED_MAX } = this.about;
    const isFull = this.#inFlight.length >= aheadMax || this.#bytesInFlight >= LINK_BYTES_UNACKED_MAX;
    if (isFull) this.#blockedSinceMs = nowMs;
  }

  #seatAt({ topicNumber, shard }: Place): Seat | undefined {
    return [...this.seats.values()].find((seat) => seat.topic.topicNumber === topicNumber && seat.shard === shard);
  }
}

const placeOf = ({ topic: { topicNumber }, shard, seq }: Seat): Place => ({ topicNumber, shard, seq });
