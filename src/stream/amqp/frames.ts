import {
  AMQP_CHANNEL_MAX,
  AMQP_FRAME_BYTES_MAX,
  AMQP_SASL_FRAME_BYTES_MAX,
  AMQP_VALUE_DEPTH_MAX,
  AMQP_VALUES_MAX,
} from "../../kernel/limits.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { findEndOfValues } from "./encoded-values.ts";
import { type AmqpError, amqpError } from "./errors.ts";

/** A protocol header (AMQP 1.0 §2.2), or a frame (§2.3): whole, and safe to be read. */
export type Unit = { kind: "header" | "sasl" | "amqp"; bytes: Uint8Array };

const HEADER_BYTES = 8; // of both
const PROTOCOL = 0x414d5150; // "AMQP"; as the size of a frame it would be a gibibyte
const WORD_BYTES = 4;
const [DATA_OFFSET_AT, TYPE_AT, CHANNEL_AT] = [4, 5, 6];
const [TYPE_AMQP, TYPE_SASL] = [0x00, 0x01];

/**
 * Cuts what comes over a socket into headers and frames, however the client cut it into messages: rhea would wait for whatever
 * size a frame announces, and make objects of whatever its encoding counts.
 */
export class FrameSplitter {
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  /** Before so many bytes are there, nothing is complete. */
  #needed = HEADER_BYTES;

  /** What is complete now. After an error nothing of the connection can be read any more. */
  push(chunk: Uint8Array): Result<Unit[], AmqpError> {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < this.#needed) return ok([]);
    let unread = join(this.#chunks, this.#bytes);
    const units: Unit[] = [];
    for (this.#needed = HEADER_BYTES; unread.length >= this.#needed; ) {
      const size = readSize(unread);
      if (!size.ok) return size;
      this.#needed = size.value;
      if (unread.length < size.value) break;
      const unit = readUnit(unread.subarray(0, size.value));
      if (!unit.ok) return unit;
      units.push(unit.value);
      unread = unread.subarray(size.value);
      this.#needed = HEADER_BYTES;
    }
    // A copy: a view would keep alive all that it was cut from.
    this.#chunks = [unread.slice()];
    this.#bytes = unread.length;
    return ok(units);
  }
}

/** Of the header or frame that begins here, by its first eight bytes. */
function readSize(bytes: Uint8Array): Result<number, AmqpError> {
  const view = viewOf(bytes);
  const size = view.getUint32(0);
  if (size === PROTOCOL) return ok(HEADER_BYTES);
  const type = view.getUint8(TYPE_AT);
  if (type !== TYPE_AMQP && type !== TYPE_SASL) return broken("A frame has a type that is none.");
  if (size > (type === TYPE_SASL ? AMQP_SASL_FRAME_BYTES_MAX : AMQP_FRAME_BYTES_MAX)) {
    return broken("A frame is larger than the connection allows.");
  }
  const start = startOf(view);
  if (start < HEADER_BYTES || start > size) return broken("A frame's sizes contradict each other.");
  const isBeyond = type === TYPE_AMQP && view.getUint16(CHANNEL_AT) > AMQP_CHANNEL_MAX;
  return isBeyond ? broken("A channel is beyond channel-max.") : ok(size);
}

function readUnit(bytes: Uint8Array): Result<Unit, AmqpError> {
  const view = viewOf(bytes);
  if (view.getUint32(0) === PROTOCOL) return ok({ kind: "header", bytes });
  const start = startOf(view);
  const isReadable = start === bytes.length || findEndOfValues(bytes, start, 1, BOUNDS) !== null;
  if (!isReadable) return err(amqpError("amqp:decode-error", "A frame cannot be decoded, or stands for too much."));
  return ok({ kind: view.getUint8(TYPE_AT) === TYPE_SASL ? "sasl" : "amqp", bytes });
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Where a frame's body begins. */
const startOf = (view: DataView): number => view.getUint8(DATA_OFFSET_AT) * WORD_BYTES;

const BOUNDS = { valuesMax: AMQP_VALUES_MAX, depthMax: AMQP_VALUE_DEPTH_MAX };

const broken = (description: string) => err(amqpError("amqp:connection:framing-error", description));

function join(chunks: Uint8Array[], bytes: number): Uint8Array {
  const joined = new Uint8Array(bytes);
  let place = 0;
  for (const chunk of chunks) {
    joined.set(chunk, place);
    place += chunk.length;
  }
  return joined;
}
