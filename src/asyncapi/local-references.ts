import { memberOf } from "./reader/json-values.ts";
import { readPointer, referenceOf } from "./reader/references.ts";

/** How many references may stand in the way of one another's pointers. */
const REFERENCE_DEPTH_MAX = 50;

/**
 * The references of a document that has been read before: what they lead to, each worked out once. Here, where servers could
 * hide behind them, no chain of references is too long.
 */
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

  /** What one reference leads to, which may be the next one. */
  step(reference: unknown): unknown {
    const ref = referenceOf(reference);
    return ref === undefined ? undefined : this.#at(ref, 0);
  }

  /** What a JSON Pointer in a URI fragment leads to (RFC 6901 §6), also through references that stand in its way. */
  #at(ref: string, depth: number): unknown {
    const keys = ref.startsWith("#") ? readPointer(ref.slice(1)) : undefined;
    if (!keys) return undefined;
    let value = this.#root;
    for (const name of keys) {
      const member = memberOf(value, name) ?? memberOf(this.follow(value, depth + 1), name);
      if (!member) return undefined;
      value = member.value;
    }
    return value;
  }
}
