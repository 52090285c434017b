import { utf8Bytes } from "../kernel/encoding.ts";
import { err, ok, type Result } from "../kernel/result.ts";

/** The two types of records that hold addresses. */
export const RECORD_TYPES = { A: 1, AAAA: 28 } as const;
export type RecordType = (typeof RECORD_TYPES)[keyof typeof RECORD_TYPES];

/**
 * What a resolver found, aliases followed; of a name that does not exist, or has no such records, no addresses. `isWhole`: false
 * where the name's servers, or the resolver, failed (RFC 1035 §4.1.1): there may be more.
 */
export type DnsAnswer = { addresses: Uint8Array[]; ttlSeconds: number; isWhole: boolean };

const CLASS_IN = 1;
const HEADER_BYTES = 12;
const RECORD_HEAD_BYTES = 10; // type, class, time to live, length
const QUESTION_TAIL_BYTES = 4; // type, class
const FLAG_RESPONSE = 0x8000;
const FLAG_TRUNCATED = 0x0200;
const FLAG_RECURSION_DESIRED = 0x0100;
const RCODE = 0x000f;
const [NO_ERROR, NO_SUCH_NAME] = [0, 3];
const POINTER = 0xc0; // RFC 1035 §4.1.4: the two bits that say that the rest of a name stands elsewhere
const POINTER_BYTES = 2;
const ADDRESS_BYTES: Record<RecordType, number> = { [RECORD_TYPES.A]: 4, [RECORD_TYPES.AAAA]: 16 };

/** A question for one type of records of an ASCII name (RFC 1035 §4.1). Its id is 0, as RFC 8484 §4.1 asks. */
export function encodeQuestion(hostname: string, type: RecordType): Uint8Array {
  const name = hostname.split(".").flatMap((label) => [label.length, ...utf8Bytes(label)]);
  const message = new Uint8Array(HEADER_BYTES + name.length + 1 + QUESTION_TAIL_BYTES);
  const view = new DataView(message.buffer);
  view.setUint16(2, FLAG_RECURSION_DESIRED);
  view.setUint16(4, 1);
  message.set(name, HEADER_BYTES);
  view.setUint16(message.length - 4, type);
  view.setUint16(message.length - 2, CLASS_IN);
  return message;
}

/** Every address of a resolver's answer, whichever of its names it stands behind. Reads each byte once: no pointer is followed. */
export function readAnswer(message: Uint8Array): Result<DnsAnswer, { reason: "unreadable" }> {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  try {
    const flags = view.getUint16(2);
    if ((flags & FLAG_RESPONSE) === 0 || (flags & FLAG_TRUNCATED) !== 0) return err({ reason: "unreadable" });
    let at = HEADER_BYTES;
    for (let questions = view.getUint16(4); questions > 0; questions--) at = skipName(view, at) + QUESTION_TAIL_BYTES;
    const addresses: Uint8Array[] = [];
    let ttlSeconds = Number.POSITIVE_INFINITY;
    for (let records = view.getUint16(6); records > 0; records--) {
      const head = skipName(view, at);
      const bytes = view.getUint16(head + 8);
      at = head + RECORD_HEAD_BYTES + bytes;
      if (at > message.length) return err({ reason: "unreadable" });
      ttlSeconds = Math.min(ttlSeconds, view.getUint32(head + 4));
      if (holdsAddress(view.getUint16(head), bytes)) addresses.push(message.slice(at - bytes, at));
    }
    const rcode = flags & RCODE;
    return ok({ addresses, ttlSeconds, isWhole: rcode === NO_ERROR || rcode === NO_SUCH_NAME });
  } catch (error) {
    // A view throws where a message ends before it should.
    if (error instanceof RangeError) return err({ reason: "unreadable" });
    throw error;
  }
}

const holdsAddress = (type: number, bytes: number): boolean => ADDRESS_BYTES[type as RecordType] === bytes;

/** Where what follows a name begins. */
function skipName(view: DataView, start: number): number {
  let at = start;
  for (;;) {
    const length = view.getUint8(at);
    if (length >= POINTER) return at + POINTER_BYTES;
    at += 1 + length;
    if (length === 0) return at;
  }
}
