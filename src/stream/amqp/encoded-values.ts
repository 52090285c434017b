/** How much an encoding may stand for: a few bytes can announce four billion empty values (AMQP 1.0 §1.6.23). */
export type ValueBounds = { valuesMax: number; depthMax: number };

/**
 * Where an encoding of so many values ends (AMQP 1.0 §1.2); null: it is not well formed, or stands for more than is allowed.
 * Nothing is made of it: this is what is asked before somebody does.
 */
export function findEndOfValues(bytes: Uint8Array, start: number, count: number, bounds: ValueBounds): number | null {
  const walk = new Walk(bytes, bounds.valuesMax);
  let place: number | null = start;
  for (let i = 0; i < count && place !== null; i++) place = walk.endOfValue(place, bounds.depthMax);
  return place;
}

/** Whether all of the bytes is well formed, and stands for no more than is allowed. */
export function areBoundedValues(bytes: Uint8Array, bounds: ValueBounds): boolean {
  const walk = new Walk(bytes, bounds.valuesMax);
  let place: number | null = 0;
  while (place !== null && place < bytes.length) place = walk.endOfValue(place, bounds.depthMax);
  return place === bytes.length;
}

const DESCRIBED = 0x00;
// The first half of a constructor says how long a value is (§1.2.2, figure 1.5).
const WIDTHS = new Map([0, 1, 2, 4, 8, 16].map((width, i) => [0x4 + i, width]));
const [VARIABLE_1, VARIABLE_4, COMPOUND_1, COMPOUND_4, ARRAY_1, ARRAY_4] = [0xa, 0xb, 0xc, 0xd, 0xe, 0xf];

/** One look through an encoding: places go in and come out, null where there is none to go on at. */
class Walk {
  readonly #bytes: DataView;
  #valuesLeft: number;

  constructor(bytes: Uint8Array, valuesMax: number) {
    this.#bytes = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#valuesLeft = valuesMax;
  }

  endOfValue(place: number, depthLeft: number): number | null {
    const constructed = this.#readConstructor(place, depthLeft);
    return constructed && this.#endOfContent(constructed.code, constructed.end, depthLeft);
  }

  /** A descriptor is a value that stands before a constructor; it may be described itself. */
  #readConstructor(place: number, depthLeft: number): { code: number; end: number } | null {
    if (place >= this.#bytes.byteLength || depthLeft === 0 || !this.#count(1)) return null;
    const code = this.#bytes.getUint8(place);
    if (code !== DESCRIBED) return { code, end: place + 1 };
    const end = this.endOfValue(place + 1, depthLeft - 1);
    return end === null ? null : this.#readConstructor(end, depthLeft - 1);
  }

  #endOfContent(code: number, place: number, depthLeft: number): number | null {
    const kind = code >>> 4;
    const width = WIDTHS.get(kind);
    if (width !== undefined) return this.#within(place + width);
    const sizeBytes = kind % 2 === 0 ? 1 : 4;
    const size = this.#readSize(place, sizeBytes);
    if (size === null) return null;
    const content = place + sizeBytes;
    const end = this.#within(content + size);
    if (kind === VARIABLE_1 || kind === VARIABLE_4 || end === null) return end;
    const items = this.#readSize(content, sizeBytes);
    if (items === null) return null;
    const first = content + sizeBytes;
    if (kind === COMPOUND_1 || kind === COMPOUND_4) return this.#endOfList(first, items, end, depthLeft);
    return kind === ARRAY_1 || kind === ARRAY_4 ? this.#endOfArray(first, items, end, depthLeft) : null;
  }

  #endOfList(first: number, items: number, end: number, depthLeft: number): number | null {
    let place: number | null = first;
    for (let i = 0; i < items && place !== null; i++) place = this.endOfValue(place, depthLeft - 1);
    return place === end ? end : null;
  }

  /** Items of an array share a constructor, so that an item may have no bytes at all. */
  #endOfArray(first: number, items: number, end: number, depthLeft: number): number | null {
    const constructed = this.#readConstructor(first, depthLeft - 1);
    if (!constructed || !this.#count(items)) return null;
    let place: number | null = constructed.end;
    for (let i = 0; i < items && place !== null; i++) {
      place = this.#endOfContent(constructed.code, place, depthLeft - 1);
    }
    return place === end ? end : null;
  }

  #readSize(place: number, sizeBytes: 1 | 4): number | null {
    if (this.#within(place + sizeBytes) === null) return null;
    return sizeBytes === 1 ? this.#bytes.getUint8(place) : this.#bytes.getUint32(place);
  }

  #within(place: number): number | null {
    return place <= this.#bytes.byteLength ? place : null;
  }

  #count(values: number): boolean {
    this.#valuesLeft -= values;
    return this.#valuesLeft >= 0;
  }
}
