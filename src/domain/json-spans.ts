/** Where a value stands in a JSON text: its bytes from `start` up to `end`, without the white space around it. */
export type Span = { start: number; end: number };
export type Member = { name: string; value: Span };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const [SPACE, TAB, LINE_FEED, CARRIAGE_RETURN] = [0x20, 0x09, 0x0a, 0x0d];

const utf8 = new TextDecoder();

/**
 * The members of an object, in order, repeated ones too: `JSON.parse` keeps only the last of those, and not the bytes of any.
 * The bytes are JSON already, and the span is an object's. null: it has more than `membersMax`.
 */
export function membersOf(bytes: Uint8Array, { start }: Span, membersMax: number): Member[] | null {
  const members: Member[] = [];
  for (let at = skipSpace(bytes, start + 1); bytes[at] !== CLOSE_OBJECT; ) {
    if (members.length === membersMax) return null;
    const nameEnd = skipValue(bytes, at);
    const name: string = JSON.parse(utf8.decode(bytes.subarray(at, nameEnd)));
    const value = spanAt(bytes, skipSpace(bytes, nameEnd) + 1);
    members.push({ name, value });
    at = skipComma(bytes, value.end);
  }
  return members;
}

/** The items of an array, as `membersOf`. */
export function itemsOf(bytes: Uint8Array, { start }: Span, itemsMax: number): Span[] | null {
  const items: Span[] = [];
  for (let at = skipSpace(bytes, start + 1); bytes[at] !== CLOSE_ARRAY; ) {
    if (items.length === itemsMax) return null;
    const item = spanAt(bytes, at);
    items.push(item);
    at = skipComma(bytes, item.end);
  }
  return items;
}

/** The value that stands at a place, or behind white space there. */
export function spanAt(bytes: Uint8Array, at: number): Span {
  const start = skipSpace(bytes, at);
  return { start, end: skipValue(bytes, start) };
}

function skipComma(bytes: Uint8Array, at: number): number {
  const next = skipSpace(bytes, at);
  return bytes[next] === COMMA ? skipSpace(bytes, next + 1) : next;
}

function skipSpace(bytes: Uint8Array, at: number): number {
  let next = at;
  while (isSpace(bytes[next])) next++;
  return next;
}

const isSpace = (byte: number | undefined): boolean =>
  byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB;

/** Needs no stack, whatever the depth: a value ends where as many brackets have closed as were opened. */
function skipValue(bytes: Uint8Array, at: number): number {
  let depth = 0;
  let next = at;
  do {
    const byte = bytes[next];
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++;
    if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth--;
    if (byte === QUOTE) next = skipString(bytes, next);
    else next = isPunctuation(byte) ? next + 1 : skipWord(bytes, next);
  } while (depth > 0 && next < bytes.length);
  return next;
}

const isPunctuation = (byte: number | undefined): boolean =>
  byte === OPEN_OBJECT ||
  byte === OPEN_ARRAY ||
  byte === CLOSE_OBJECT ||
  byte === CLOSE_ARRAY ||
  byte === COMMA ||
  byte === COLON ||
  isSpace(byte);

function skipString(bytes: Uint8Array, at: number): number {
  let next = at + 1;
  while (next < bytes.length && bytes[next] !== QUOTE) next += bytes[next] === BACKSLASH ? 2 : 1;
  return next + 1;
}

/** A number, or `true`, `false`, `null`. */
function skipWord(bytes: Uint8Array, at: number): number {
  let next = at + 1;
  while (next < bytes.length && bytes[next] !== QUOTE && !isPunctuation(bytes[next])) next++;
  return next;
}
