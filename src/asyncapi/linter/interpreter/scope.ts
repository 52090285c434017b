import type {
  AnonymousFunctionDeclaration,
  ArrowFunctionExpression,
  FunctionDeclaration,
  FunctionExpression,
} from "acorn";

/** What one call of an interpreted function works on: the three registers below, then a slot for each of its variables. */
export type Frame = unknown[];

/** The frame of the call in which this function was made: how a closure sees what is around it. */
export const OUTER = 0;
export const THIS = 1;
export const RETURNED = 2;
const REGISTERS = 3;

/** A part of the code that gives a value. */
export type Evaluate = (frame: Frame) => unknown;

export type FunctionNode =
  | FunctionExpression
  | ArrowFunctionExpression
  | FunctionDeclaration
  | AnonymousFunctionDeclaration;

/** What every piece of code of one run shares. */
export type Runtime = {
  compileFunction(node: FunctionNode, scope: Scope): Evaluate;
};

/** How many slots the frame of a function needs; grows as its blocks are compiled. */
export type FrameLayout = { size: number };

/** The names of one block, each with its slot. Blocks of one function share its frame. */
export class Scope {
  readonly runtime: Runtime;
  readonly layout: FrameLayout;
  /** Whether the code is run again and again within one call. Its variables have one slot for all turns, which no closure may see. */
  readonly isLoop: boolean;
  readonly #outer: Scope | null;
  readonly #slots = new Map<string, number>();

  private constructor(runtime: Runtime, layout: FrameLayout, outer: Scope | null, isLoop = false) {
    this.runtime = runtime;
    this.layout = layout;
    this.isLoop = isLoop;
    this.#outer = outer;
  }

  static root(runtime: Runtime): Scope {
    return new Scope(runtime, { size: REGISTERS }, null);
  }

  openFunction(): Scope {
    return new Scope(this.runtime, { size: REGISTERS }, this);
  }

  openBlock(): Scope {
    return new Scope(this.runtime, this.layout, this, this.isLoop);
  }

  openLoop(): Scope {
    return new Scope(this.runtime, this.layout, this, true);
  }

  declare(name: string): number {
    const slot = this.#slots.get(name) ?? this.layout.size++;
    this.#slots.set(name, slot);
    return slot;
  }

  /** Where a variable is: how many functions further out, and its slot there; undefined: in no scope. */
  find(name: string): { depth: number; slot: number } | undefined {
    let depth = 0;
    for (let scope: Scope | null = this; scope; scope = scope.#outer) {
      const slot = scope.#slots.get(name);
      if (slot !== undefined) return { depth, slot };
      if (scope.#outer && scope.#outer.layout !== scope.layout) depth += 1;
    }
    return undefined;
  }
}

/** The frame of a function further out. */
export function frameAt(frame: Frame, depth: number): Frame {
  let found = frame;
  for (let n = 0; n < depth; n++) found = found[OUTER] as Frame;
  return found;
}
