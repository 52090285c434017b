import { type ChangeKind, Changes, type Path } from "./changes.ts";
import type { CompareBudget, Schema } from "./compare-budget.ts";
import { COMPARE_DEPTH_MAX } from "./limits.ts";
import { areSameValues, type Versions } from "./meaning.ts";
import { SchemaReader } from "./reading.ts";

/** The way to a schema from the root, last key first. */
export type Trail = { key: string | number; above: Trail | null; depth: number } | null;

export const at = (above: Trail, ...keys: (string | number)[]): Trail =>
  keys.reduce<Trail>((trail, key) => ({ key, above: trail, depth: (trail?.depth ?? 0) + 1 }), above);

type Visit = { before: unknown; after: unknown; trail: Trail };

/** Compares one schema with its next version, and asks for a visit of those within. */
type Compare = (walk: SchemaWalk, before: Schema, after: Schema, trail: Trail) => void;

/** Goes through two schemas side by side, from the top down, and to no two of their schemas twice. */
export class SchemaWalk {
  readonly versions: Versions;
  readonly #changes: Changes;
  readonly #prefix: Path;
  readonly #seen = new Map<Schema, Set<Schema>>();
  readonly #pending: Visit[];
  readonly #found: Visit[] = [];
  #isCut = false;

  constructor(before: unknown, after: unknown, { changes, prefix, budget }: WalkOptions) {
    this.versions = { before: new SchemaReader(before, budget), after: new SchemaReader(after, budget), budget };
    this.#changes = changes;
    this.#prefix = prefix;
    this.#pending = [{ before, after, trail: null }];
  }

  run(compare: Compare): void {
    const { budget } = this.versions;
    for (let next = this.#pending.pop(); next && !budget.exhausted; next = this.#pending.pop()) {
      this.#step(compare, next);
      for (let found = this.#found.pop(); found; found = this.#found.pop()) this.#pending.push(found);
    }
    if (!budget.exhausted && !this.#isCut) return;
    this.#changes.add("unclassified", this.#prefix, "The schemas are too large or too deep to be compared in full.");
  }

  visit(before: unknown, after: unknown, trail: Trail): void {
    if ((trail?.depth ?? 0) > COMPARE_DEPTH_MAX) this.#isCut = true;
    else this.#found.push({ before, after, trail });
  }

  /** A visit after all others: what is found there may have been said of a place that leads to it. */
  visitLast(before: unknown, after: unknown, trail: Trail): void {
    this.#pending.unshift({ before, after, trail });
  }

  /** Nothing when the budget is exhausted: what one version was still read for may have been left out in the other. */
  report(kind: ChangeKind, trail: Trail, message: string): void {
    if (this.versions.budget.exhausted) return;
    const keys: Path = [];
    for (let place = trail; place; place = place.above) keys.push(place.key);
    this.#changes.add(kind, [...this.#prefix, ...keys.reverse()], message);
  }

  #step(compare: Compare, { before, after, trail }: Visit): void {
    this.versions.budget.spend();
    const [known, next] = [this.versions.before.read(before), this.versions.after.read(after)];
    if (known === undefined || next === undefined) {
      if (known === next && areSameValues(this.versions, [before, after])) return;
      this.report("unclassified", trail, "The relay cannot read this schema, or could not read it before.");
      return;
    }
    const met = this.#seen.get(known) ?? new Set();
    if (met.has(next)) return;
    this.#seen.set(known, met.add(next));
    this.versions.budget.spend(known, next);
    compare(this, known, next, trail);
  }
}

export type WalkOptions = { changes: Changes; prefix: Path; budget: CompareBudget };

export const newWalkOptions = (budget: CompareBudget): WalkOptions => ({ changes: new Changes(), prefix: [], budget });
