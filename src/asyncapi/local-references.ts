import { memberOf } from "./reader/json-values.ts";
import { referenceOf } from "./reader/references.ts";

/** How many references may stand in the way of one another's pointers. */
const REFERENCE_DEPTH_MAX = 50;

/** The references of a document that has been read before: what they lead to, each worked out once. */
export class LocalReferences {
  readonly #root: unknown;
  readonly #targets = new Map<unknown, unknown>();

  constructor(root: unknown) {
    this.#root = root;
  }

  /**
   * The value that is meant, through as many references as there are. undefined where they lead out of the document,
   * nowhere, or round in a circle.
   */
  follow(value: unknown, depth = 0): unknown {
    const passed = [];
    let target = value;
    for (let ref = referenceOf(target); ref !== undefined; ref = referenceOf(target)) {
      if (this.#targets.has(target) || depth > REFERENCE_DEPTH_MAX) {
        target = this.#targets.get(target);
        break;
      }
      // Until it is known, it is nothing: so ends a circle.
      this.#targets.set(target, undefined);
      passed.push(target);
      target = this.#at(ref, depth);
    }
    for (const reference of passed) this.#targets.set(reference, target);
    return target;
  }

  /** What a JSON Pointer in a URI fragment leads to (RFC 6901 §6), also through references that stand in its way. */
  #at(ref: string, depth: number): unknown {
    if (ref !== "#" && !ref.startsWith("#/")) return undefined;
    let value = this.#root;
    for (const key of ref.split("/").slice(1)) {
      const name = decodeKey(key);
      const member = memberOf(value, name) ?? memberOf(this.follow(value, depth + 1), name);
      if (!member) return undefined;
      value = member.value;
    }
    return value;
  }
}

function decodeKey(key: string): string {
  return decodePercent(key).replaceAll("~1", "/").replaceAll("~0", "~");
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a "%" that escapes nothing
  }
}
