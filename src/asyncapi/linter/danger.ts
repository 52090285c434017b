import { Kind, load, type YAMLAnchorReference, type YAMLNode, type YAMLSequence } from "@stoplight/yaml-ast-parser";
import { utf8Bytes } from "../../kernel/encoding.ts";
import { DOCUMENT_ALIASES_MAX, DOCUMENT_BYTES_MAX, DOCUMENT_DEPTH_MAX } from "../../kernel/limits.ts";
import { DOCUMENT_NODES_MAX, DOCUMENT_REFERENCES_MAX, KEY_COMPARISONS_MAX, SEXAGESIMAL_DIGITS_MAX } from "../limits.ts";

/** Why a text is not given to the parser, and where in it. */
export type Danger = { code: string; message: string; offset: number };

/** What a value would weigh and how deep it would be if every alias in it were written out. */
type Weight = { nodes: number; depth: number };

/**
 * Finds what would keep the parser busy for too long, or too deep in its stack, before it sees the text: the parser writes
 * out every alias, compares each key of a map with those before it, reads long numbers to the base of 60 digit by digit, and works on nested values recursively. null: none.
 */
export function findDanger(text: string): Danger | null {
  if (text.length > DOCUMENT_BYTES_MAX || utf8Bytes(text).length > DOCUMENT_BYTES_MAX) {
    return danger("relay-document-too-large", `The document is larger than ${DOCUMENT_BYTES_MAX} bytes.`, 0);
  }
  const number = LONG_SEXAGESIMAL.exec(text);
  if (number) {
    const message = `A number of the document has more than ${SEXAGESIMAL_DIGITS_MAX} digits to the base of 60.`;
    return danger("relay-document-too-complex", message, number.index);
  }
  try {
    const root = load(text, { ignoreDuplicateKeys: true });
    if (root) new Weighing().weigh(root, 0);
    return null;
  } catch (error) {
    if (error instanceof Endangered) return error.danger;
    if (error instanceof RangeError) return TOO_DEEP;
    return null; // the parser says better what is wrong with it
  }
}

// `1:30:00` is a number in YAML 1.1, and the YAML parser moves all its digits for each one.
const LONG_SEXAGESIMAL = new RegExp(`(?::[0-5]?\\d){${SEXAGESIMAL_DIGITS_MAX}}`);

const danger = (code: string, message: string, offset: number): Danger => ({ code, message, offset });

const TOO_DEEP = danger(
  "relay-document-too-deep",
  `Its aliases written out, the document is nested more than ${DOCUMENT_DEPTH_MAX} levels deep.`,
  0,
);

class Endangered extends Error {
  readonly danger: Danger;

  constructor(found: Danger) {
    super(found.message);
    this.danger = found;
  }
}

class Weighing {
  /** A node that is being weighed stands in it without a weight: an alias within its own target is found out by that. */
  readonly #weights = new Map<YAMLNode, Weight | undefined>();
  #aliases = 0;
  #references = 0;
  #keyComparisons = 0;

  weigh(node: YAMLNode, depth: number): Weight {
    if (depth > DOCUMENT_DEPTH_MAX) throw new Endangered({ ...TOO_DEEP, offset: node.startPosition });
    const known = this.#weights.get(node);
    if (known) return known;
    if (this.#weights.has(node)) return { nodes: 1, depth: 0 };
    this.#weights.set(node, undefined);
    const weight = this.#weighContent(node, depth);
    this.#weights.set(node, weight);
    if (weight.nodes > DOCUMENT_NODES_MAX) {
      const message = `Its aliases written out, the document has more than ${DOCUMENT_NODES_MAX} values.`;
      throw new Endangered(danger("relay-document-too-complex", message, node.startPosition));
    }
    if (weight.depth > DOCUMENT_DEPTH_MAX) throw new Endangered({ ...TOO_DEEP, offset: node.startPosition });
    return weight;
  }

  #weighContent(node: YAMLNode, depth: number): Weight {
    switch (node.kind) {
      case Kind.MAP:
        return this.#weighMap(node, depth);
      case Kind.SEQ:
        return this.#weighAll((node as YAMLSequence).items, depth);
      case Kind.ANCHOR_REF:
        return this.#weighAlias(node as YAMLAnchorReference, depth);
      default:
        return { nodes: 1, depth: 0 };
    }
  }

  #weighMap({ mappings, startPosition }: YAMLNode, depth: number): Weight {
    this.#keyComparisons += mappings.length ** 2;
    if (this.#keyComparisons > KEY_COMPARISONS_MAX) {
      const message = `The objects of the document have too many members, ${mappings.length} the last one.`;
      throw new Endangered(danger("relay-document-too-complex", message, startPosition));
    }
    for (const { key } of mappings) if (key?.value === "$ref") this.#countReference(startPosition);
    return this.#weighAll(
      mappings.map(({ value }: YAMLNode) => value),
      depth,
    );
  }

  #weighAll(nodes: readonly (YAMLNode | null)[], depth: number): Weight {
    const total = { nodes: 1, depth: 0 };
    for (const node of nodes) {
      if (!node) continue;
      const weight = this.weigh(node, depth + 1);
      total.nodes += weight.nodes;
      total.depth = Math.max(total.depth, weight.depth + 1);
    }
    return total;
  }

  #weighAlias({ value, startPosition }: YAMLAnchorReference, depth: number): Weight {
    this.#aliases += 1;
    if (this.#aliases > DOCUMENT_ALIASES_MAX) {
      const message = `The document has more than ${DOCUMENT_ALIASES_MAX} aliases.`;
      throw new Endangered(danger("relay-too-many-aliases", message, startPosition));
    }
    return value ? this.weigh(value, depth) : { nodes: 1, depth: 0 };
  }

  #countReference(offset: number): void {
    this.#references += 1;
    if (this.#references <= DOCUMENT_REFERENCES_MAX) return;
    const message = `The document has more than ${DOCUMENT_REFERENCES_MAX} references.`;
    throw new Endangered(danger("relay-too-many-references", message, offset));
  }
}
