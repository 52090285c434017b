import { err, ok, type Result } from "../../kernel/result.ts";

/** `too_large`: the packet says so of itself, and nothing of it is waited for. `malformed`: its length is no length. */
export type FrameFault = "too_large" | "malformed";

const LENGTH_BYTES_MAX = 4; // [MQTT-1.5.5]: a variable byte integer
const LENGTH_MORE = 0x80;
const LENGTH_BITS = 0x7f;
const ROOM_BYTES_INITIAL = 512;

/**
 * Cuts the bytes of a connection into whole packets, so that the parser sees one at a time and none that is too large. A WebSocket
 * message may hold a part of a packet, or several of them [MQTT-6.0.0-2].
 */
export class FrameSplitter {
  #room = new Uint8Array(ROOM_BYTES_INITIAL);
  #length = 0;

  /** Takes what has come, and gives the packets that are whole now. Nothing is to be fed after a fault. */
  push(bytes: Uint8Array, frameBytesMax: number): Result<Uint8Array[], FrameFault> {
    this.#append(bytes);
    const frames: Uint8Array[] = [];
    let place = 0;
    for (;;) {
      const length = readFrameLength(this.#room.subarray(place, this.#length));
      if (length === "malformed") return err(length);
      if (length === null) break;
      if (length > frameBytesMax) return err("too_large");
      if (length > this.#length - place) break;
      frames.push(this.#room.slice(place, place + length));
      place += length;
    }
    this.#drop(place);
    return ok(frames);
  }

  /** Room doubles, so that a packet that comes byte by byte is not copied for each of them. */
  #append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#room.length) {
      const room = new Uint8Array(Math.max(length, 2 * this.#room.length));
      room.set(this.#room.subarray(0, this.#length));
      this.#room = room;
    }
    this.#room.set(bytes, this.#length);
    this.#length = length;
  }

  #drop(count: number): void {
    this.#length -= count;
    if (this.#length === 0) this.#room = new Uint8Array(ROOM_BYTES_INITIAL);
    else this.#room.copyWithin(0, count, count + this.#length);
  }
}

/** How long the packet at the beginning of these bytes is, its header included; null: that cannot be seen yet. */
function readFrameLength(bytes: Uint8Array): number | "malformed" | null {
  let rest = 0;
  for (let i = 0; i < LENGTH_BYTES_MAX; i++) {
    const byte = bytes[1 + i];
    if (byte === undefined) return null;
    rest += (byte & LENGTH_BITS) * 128 ** i;
    if ((byte & LENGTH_MORE) === 0) return 1 + 1 + i + rest;
  }
  return "malformed";
}

const PUBLISH = 3;
const QOS_BITS = 0x06;

/** Whether a packet is a PUBLISH that waits for an answer, told without reading it. */
export const awaitsAnswer = (frame: Uint8Array): boolean =>
  (frame[0] ?? 0) >> 4 === PUBLISH && ((frame[0] ?? 0) & QOS_BITS) !== 0;
