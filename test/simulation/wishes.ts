import { OWNERS } from "./cast.ts";
import type { Published } from "./watched.ts";

/** What a subscription wants: as its log is told, and as the oracle knows it without asking a validator. */
export type Wish = { filter: string | null; wants(event: Published): boolean };

export const EVERYTHING: Wish = { filter: null, wants: () => true };

const ofData = (schema: unknown): unknown => ({ properties: { data: schema } });

const wish = (schema: unknown, wants: Wish["wants"]): Wish => ({ filter: JSON.stringify(schema), wants });

/** Filters on each thing that one can look at, one that costs too much for some events, and one that nothing passes. */
export const WISHES: Wish[] = [
  EVERYTHING,
  wish(ofData({ properties: { n: { maximum: 5 } } }), ({ n }) => n <= 5),
  wish(ofData({ properties: { n: { minimum: 3 } } }), ({ n }) => n >= 3),
  wish(
    { properties: { key: { enum: ["k1", "k2", null] } } },
    ({ key }) => key === null || key === "k1" || key === "k2",
  ),
  wish({ required: ["key"], properties: { owner: { not: { const: OWNERS[1] } } } }, ({ owner }) => owner !== OWNERS[1]),
  wish(ofData({ properties: { items: { items: { type: "integer" } } } }), ({ isLarge }) => !isLarge),
  wish({ properties: { channel: { const: "another" } } }, () => false),
];

/** The wish that a filter says. */
export function wishOf(filter: string | null): Wish {
  const known = WISHES.find((one) => one.filter === filter);
  if (!known) throw new Error(`nobody wishes ${filter}`);
  return known;
}
