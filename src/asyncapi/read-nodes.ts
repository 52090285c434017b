import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair, Scalar } from "yaml";
import { DOCUMENT_ALIASES_MAX, DOCUMENT_DEPTH_MAX } from "../kernel/limits.ts";
import type { Range } from "./diagnostic.ts";
import { type Findings, type Path, quote } from "./findings.ts";
import { isRecord } from "./json-values.ts";
import { DOCUMENT_EXPANDED_CHARS_MAX } from "./limits.ts";

type Reading = {
  findings: Findings;
  rangeAt: (start: number, end: number) => Range;
  /** Filled here: what each alias stands for. */
  targets: Map<Alias, Node>;
};

/** A value, with what it would weigh and how deep it would be if every alias in it were written out. */
type Weighed = { value: unknown; chars: number; depth: number };

type YamlPair = Pair<Node, Node | null>;

const NOTHING: Weighed = { value: null, chars: 0, depth: 0 };
const VALUE_CHARS = 4; // a value beside its text: quotes, a comma, a line break

/** Turns YAML nodes into plain values, as JSON has them. Aliases and merge keys (`<<`) are resolved within bounds. */
export function readNodes(root: Node, reading: Reading): unknown {
  return new NodeReader(reading).read(root, []).value;
}

class NodeReader {
  readonly #findings: Findings;
  readonly #rangeAt: Reading["rangeAt"];
  readonly #targets: Reading["targets"];
  /** `weighed` is missing as long as the value is being read: an alias within its own target is found out by that. */
  readonly #anchors = new Map<string, { node: Node; weighed: Weighed | undefined }>();
  #aliases = 0;
  #aliasChars = 0;
  #exhausted = false;

  constructor({ findings, rangeAt, targets }: Reading) {
    this.#findings = findings;
    this.#rangeAt = rangeAt;
    this.#targets = targets;
  }

  read(node: Node | null, path: Path): Weighed {
    if (node === null) return NOTHING;
    if (isAlias(node)) return this.#readAlias(node, path);
    const anchor = "anchor" in node ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, { node, weighed: undefined });
    const weighed = this.#readValue(node, path);
    if (anchor !== undefined) this.#anchors.set(anchor, { node, weighed });
    return weighed;
  }

  #readValue(node: Node, path: Path): Weighed {
    if (isMap<Node, Node | null>(node)) return this.#readMap(node.items, path);
    if (isSeq<Node>(node)) return this.#readSeq(node.items, path);
    return isScalar(node) ? this.#readScalar(node, path) : NOTHING;
  }

  #readScalar(node: Scalar, path: Path): Weighed {
    const { value } = node;
    if (typeof value === "number" && !Number.isFinite(value)) {
      this.#report("number-invalid", node, path, "The number has no JSON form.");
    }
    return { value, chars: VALUE_CHARS + (typeof value === "string" ? value.length : 0), depth: 0 };
  }

  #readSeq(items: Node[], path: Path): Weighed {
    const value: unknown[] = [];
    let chars = VALUE_CHARS;
    let depth = 0;
    for (const [index, node] of items.entries()) {
      const item = this.read(node, [...path, index]);
      value.push(item.value);
      chars += item.chars;
      depth = Math.max(depth, item.depth);
    }
    return this.#bounded({ value, chars, depth: depth + 1 }, path);
  }

  #readMap(pairs: YamlPair[], path: Path): Weighed {
    const own = new Map<string, unknown>();
    const merged = new Map<string, unknown>();
    let chars = VALUE_CHARS;
    let depth = 0;
    for (const pair of pairs) {
      if (!isScalar(pair.key)) continue;
      const key = String(pair.key.value);
      const value = this.read(pair.value, [...path, key]);
      chars += key.length + VALUE_CHARS + value.chars;
      depth = Math.max(depth, value.depth);
      if (key === "<<" && pair.key.type === Scalar.PLAIN) {
        this.#merge(merged, value.value, pair.key, [...path, key]);
      } else if (own.has(key)) {
        this.#report("duplicate-key", pair.key, [...path, key], `The key ${quote(key)} is there twice.`);
      } else {
        own.set(key, value.value);
      }
    }
    for (const [key, value] of merged) if (!own.has(key)) own.set(key, value);
    // `fromEntries` defines its properties: a key named `__proto__` is one like any other.
    return this.#bounded({ value: Object.fromEntries(own), chars, depth: depth + 1 }, path);
  }

  /** Keys of the map itself win over merged ones, the first of several merged ones over later ones. */
  #merge(merged: Map<string, unknown>, source: unknown, key: Node, path: Path): void {
    for (const part of Array.isArray(source) ? source : [source]) {
      if (part === null && this.#findings.failed) continue; // an alias that could not be read: that is said already
      if (!isRecord(part)) {
        this.#report("merge-invalid", key, path, 'Only maps can be merged with "<<".');
        return;
      }
      for (const [name, value] of Object.entries(part)) if (!merged.has(name)) merged.set(name, value);
    }
  }

  #readAlias(alias: Alias, path: Path): Weighed {
    if (this.#exhausted) return NOTHING;
    const anchor = this.#anchors.get(alias.source);
    if (!anchor?.weighed) {
      const why = anchor ? "stands within the value it stands for" : "has no anchor before it";
      this.#report("alias-invalid", alias, path, `The alias ${quote(alias.source)} ${why}.`);
      return NOTHING;
    }
    this.#targets.set(alias, anchor.node);
    this.#aliases += 1;
    this.#aliasChars += anchor.weighed.chars;
    if (this.#aliases > DOCUMENT_ALIASES_MAX) {
      this.#exhausted = true;
      this.#report("too-many-aliases", alias, path, `The document has more than ${DOCUMENT_ALIASES_MAX} aliases.`);
    } else if (this.#aliasChars > DOCUMENT_EXPANDED_CHARS_MAX) {
      this.#exhausted = true;
      const message = `Written out, the aliases have more than ${DOCUMENT_EXPANDED_CHARS_MAX} characters.`;
      this.#report("aliases-too-large", alias, path, message);
    }
    return this.#exhausted ? NOTHING : anchor.weighed;
  }

  /** The text itself is not too deep; aliases in it may make it so. */
  #bounded(weighed: Weighed, path: Path): Weighed {
    if (weighed.depth <= DOCUMENT_DEPTH_MAX) return weighed;
    const message = `Its aliases written out, the document is nested more than ${DOCUMENT_DEPTH_MAX} levels deep.`;
    this.#findings.error("document-too-deep", path, message);
    return NOTHING;
  }

  #report(code: string, node: Node, path: Path, message: string): void {
    const [start, end] = node.range ?? [0, 0];
    this.#findings.error(code, path, message, this.#rangeAt(start, end));
  }
}
