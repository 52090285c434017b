import { STEPS_PER_DEPENDANT, STEPS_PER_DEPENDENCY } from "../../limits.ts";
import { spendSteps } from "../../lint-steps.ts";

type Edges = Map<string, Set<string>>;

/**
 * Stands in for the DepGraph by which references are resolved, with circles allowed. That one looks through all edges of a node
 * for each new one; and it is asked for a node's dependencies once for each dependant, one after the other: here they are worked
 * out once. What references in a chain or from everywhere to everywhere cost is counted.
 */
export class DepGraph<T> {
  readonly #data = new Map<string, T | string>();
  readonly #outgoing: Edges = new Map();
  readonly #incoming: Edges = new Map();
  #order: string[] | null = null;
  #asked: { name: string; dependencies: string[] } | null = null;

  addNode(name: string, data?: T): void {
    if (this.hasNode(name)) return;
    this.#order = null;
    this.#data.set(name, data ?? name);
    this.#outgoing.set(name, new Set());
    this.#incoming.set(name, new Set());
  }

  hasNode(name: string): boolean {
    return this.#data.has(name);
  }

  getNodeData(name: string): T | string {
    const data = this.#data.get(name);
    if (data === undefined) throw new Error(`Node does not exist: ${name}`);
    return data;
  }

  setNodeData(name: string, data: T): void {
    this.#data.set(name, data);
  }

  addDependency(from: string, to: string): void {
    edgesOf(from, this.#outgoing).add(to);
    edgesOf(to, this.#incoming).add(from);
    this.#order = null;
    this.#asked = null;
  }

  /** All that depend on a node, also by way of others; the furthest first. */
  dependantsOf(name: string): string[] {
    const found = search([name], this.#incoming).filter((node) => node !== name);
    spendSteps(found.length * STEPS_PER_DEPENDANT);
    return found;
  }

  /** All that a node depends on, also by way of others; the furthest first. */
  dependenciesOf(name: string): string[] {
    if (this.#asked?.name !== name) {
      this.#asked = { name, dependencies: search([name], this.#outgoing).filter((node) => node !== name) };
    }
    const { dependencies } = this.#asked;
    spendSteps(dependencies.length * STEPS_PER_DEPENDENCY);
    return dependencies;
  }

  /** All nodes, each after those that it depends on, as far as there are no circles. */
  overallOrder(): string[] {
    this.#order ??= this.#findOrder();
    spendSteps(this.#order.length * STEPS_PER_DEPENDENCY);
    return this.#order;
  }

  #findOrder(): string[] {
    const nodes = [...this.#data.keys()];
    const isRoot = (node: string): boolean => edgesOf(node, this.#incoming).size === 0;
    return search([...nodes.filter(isRoot), ...nodes], this.#outgoing);
  }
}

function edgesOf(node: string, edges: Edges): Set<string> {
  const found = edges.get(node);
  if (!found) throw new Error(`Node does not exist: ${node}`);
  return found;
}

/** What the edges lead to from these nodes, depth first, each node once and after those that it leads to. */
function search(from: string[], edges: Edges): string[] {
  const entered = new Set<string>();
  const left = new Set<string>();
  const path = from.toReversed();
  for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
    if (entered.has(node)) {
      left.add(node);
      path.pop();
      continue;
    }
    entered.add(node);
    const next = [...edgesOf(node, edges)];
    spendSteps(1 + next.length);
    for (const neighbour of next.toReversed()) if (!entered.has(neighbour)) path.push(neighbour);
  }
  return [...left];
}
