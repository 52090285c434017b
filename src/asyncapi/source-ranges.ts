import { type Alias, isAlias, isCollection, isMap, isScalar, isSeq, type Node, type Pair } from "yaml";
import type { Range } from "./diagnostic.ts";
import type { Path } from "./findings.ts";

/**
 * Where a path stands in the text: its value, or its key where the value is a collection (which would mark half the text)
 * or nothing at all. A path that leads nowhere stands where it ends.
 */
export function rangeOfPath(
  root: Node,
  path: Path,
  targets: ReadonlyMap<Alias, Node>,
  rangeAt: (start: number, end: number) => Range,
): Range {
  let node = root;
  let key: Node | null = null;
  for (const step of path) {
    const found = stepInto(isAlias(node) ? (targets.get(node) ?? node) : node, step);
    if (!found) break;
    key = found.key ?? key;
    node = found.value ?? found.key ?? node;
  }
  const [start, end] = (key && standsForValue(node) ? key : node).range ?? [0, 0];
  return rangeAt(start, end);
}

function stepInto(node: Node, step: string | number): { key: Node | null; value: Node | null } | undefined {
  if (isSeq<Node>(node) && typeof step === "number") {
    const item = node.items[step];
    return item && { key: null, value: item };
  }
  if (!isMap<Node, Node | null>(node)) return undefined;
  return node.items.find((pair: Pair<Node, Node | null>) => isScalar(pair.key) && pair.key.value === String(step));
}

const standsForValue = (node: Node): boolean =>
  isCollection(node) || (isScalar(node) && node.range?.[0] === node.range?.[1]);
