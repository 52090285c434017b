import { Resolver } from "@stoplight/spectral-ref-resolver";
import { STEPS_PER_RESOLVED_NODE } from "../limits.ts";
import { spendSteps } from "../lint-steps.ts";

type Address = { href(): string };

/** Refuses what stands outside the document. One message for each address: those that say the same are taken for one. */
async function refuse(address: Address): Promise<never> {
  throw new Error(
    `${address.href()} is outside the document, and the relay fetches nothing. Put all into one document.`,
  );
}

/**
 * Follows the references of a document, and goes no further where they lead to too much: each of thirty schemas that refers twice
 * to the next stands for a billion values, which the rules would visit one by one.
 */
export class BoundedResolver extends Resolver {
  constructor() {
    super({ resolvers: { http: { resolve: refuse }, https: { resolve: refuse }, file: { resolve: refuse } } });
  }

  override async resolve(...asked: Parameters<Resolver["resolve"]>): ReturnType<Resolver["resolve"]> {
    // It would remember every address that any document ever named.
    this.uriCache.purge();
    const resolved = await super.resolve(...asked);
    spendSteps(countNodes(resolved.result, new Map()) * STEPS_PER_RESOLVED_NODE);
    return resolved;
  }
}

/** How many values a tree has in which equal parts are one object. */
function countNodes(value: unknown, known: Map<object, number>): number {
  if (typeof value !== "object" || value === null) return 1;
  const before = known.get(value);
  if (before !== undefined) return before;
  known.set(value, 1); // a circle ends here
  let nodes = 1;
  for (const member of Object.values(value)) nodes += countNodes(member, known);
  known.set(value, nodes);
  return nodes;
}
