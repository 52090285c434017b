import type { Cost, Stage } from "./stage.ts";

/** One thing that a log does, measured on a log of that size. */
export type Operation = { name: string; measure(stage: Stage, size: number): Promise<Cost> };

/** A log that grows, and what it costs then. The operations come in an order in which none spoils the next one. */
export type Scenario = {
  name: string;
  /** Brings a log of one size to a larger one. */
  grow(stage: Stage, from: number, to: number): void;
  operations: Operation[];
};

/** How much a log grows in one call. */
export const GROWTH_MAX = 10_000;
