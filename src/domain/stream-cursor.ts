import { fromBase64Url, toBase64Url } from "../kernel/encoding.ts";
import { CURSOR_CHARS_MAX } from "../kernel/limits.ts";

/** How far a reader has come in one log of a topic. */
export type Place = { topicNumber: number; shard: number; seq: number };

const VERSION = 1;

/** A place in each of the logs that a reader reads, as the opaque text that clients resume with. */
export function writeCursor(places: readonly Place[]): string {
  const bytes: number[] = [VERSION];
  for (const { topicNumber, shard, seq } of places) {
    writeVarint(bytes, topicNumber);
    writeVarint(bytes, shard);
    writeVarint(bytes, seq);
  }
  return toBase64Url(Uint8Array.from(bytes));
}

/** Reads what `writeCursor` wrote; null: it is none. */
export function readCursor(text: string): Place[] | null {
  if (text.length > CURSOR_CHARS_MAX || !/^[\w-]+$/.test(text)) return null;
  const bytes = decode(text);
  if (bytes === null || bytes[0] !== VERSION) return null;
  const numbers = readVarints(bytes.subarray(1));
  if (numbers === null || numbers.length % 3 !== 0) return null;
  const places: Place[] = [];
  for (let i = 0; i < numbers.length; i += 3) {
    const [topicNumber = 0, shard = 0, seq = 0] = numbers.slice(i, i + 3);
    places.push({ topicNumber, shard, seq });
  }
  return places;
}

function decode(text: string): Uint8Array | null {
  try {
    return fromBase64Url(text);
  } catch {
    return null;
  }
}

/** Little end first, seven bits a byte. Beyond 32 bits by arithmetic: a log may number more events than that. */
function writeVarint(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
}

function readVarints(bytes: Uint8Array): number[] | null {
  const numbers: number[] = [];
  let value = 0;
  let scale = 1;
  for (const byte of bytes) {
    value += (byte & 0x7f) * scale;
    if (!Number.isSafeInteger(value)) return null;
    if (byte & 0x80) {
      scale *= 0x80;
      continue;
    }
    numbers.push(value);
    value = 0;
    scale = 1;
  }
  return scale === 1 ? numbers : null;
}
