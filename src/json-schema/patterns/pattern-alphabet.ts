import type { StepBudget } from "../step-budget.ts";
import type { PatternMemory } from "./pattern-memory.ts";
import type { CharacterSet } from "./pattern-syntax.ts";

/** What stands beside a position: nothing, a character of a word (`\w`), or another one. */
export type Side = "edge" | "word" | "other";

/** What a pattern cannot tell apart: one symbol for all characters that its sets hold alike. `id` is -1 for one that is not remembered. */
export type PatternSymbol = { id: number; holds: boolean[]; side: Side; marks: number };

/** Stands for the end of the text, where there is no character. */
export const END = -1;

const ASCII_CODES = 128;
const CODE_POINTS = 0x110000;
const SYMBOL_CELLS = 8;
const WORD = /^\w$/;

/** Turns characters into symbols. */
export class PatternAlphabet {
  readonly #sets: CharacterSet[];
  /** Whether the pattern asks for the boundaries of words. */
  readonly #words: boolean;
  readonly #memory: PatternMemory;
  #ascii: PatternSymbol[] = [];
  #others = new Map<number, PatternSymbol>();
  #known = new Map<string, PatternSymbol>();

  constructor(sets: CharacterSet[], words: boolean, memory: PatternMemory) {
    this.#sets = sets;
    this.#words = words;
    this.#memory = memory;
    memory.register(() => {
      this.#ascii = [];
      this.#others = new Map();
      this.#known = new Map();
    });
  }

  /** The symbol of a character, or of END, at a position with these marks: one bit for each look-around that has found something. */
  symbolOf(codePoint: number, marks: number, budget: StepBudget): PatternSymbol {
    const isAscii = marks === 0 && codePoint >= 0 && codePoint < ASCII_CODES;
    const key = isAscii ? codePoint : marks * (CODE_POINTS + 1) + codePoint + 1;
    const known = isAscii ? this.#ascii[key] : this.#others.get(key);
    if (known) return known;
    budget.steps -= this.#sets.length;
    const symbol = this.#findSymbol(codePoint, marks);
    if (isAscii) this.#ascii[key] = symbol;
    else if (this.#memory.take(SYMBOL_CELLS)) this.#others.set(key, symbol);
    return symbol;
  }

  #findSymbol(codePoint: number, marks: number): PatternSymbol {
    const holds = this.#sets.map((set) => codePoint !== END && set.has(codePoint));
    const side = this.#sideOf(codePoint);
    const signature = `${side} ${marks} ${holds.map(Number).join("")}`;
    const known = this.#known.get(signature);
    if (known) return known;
    const isKept = this.#memory.take(SYMBOL_CELLS + holds.length);
    const symbol = { id: isKept ? this.#known.size : -1, holds, side, marks };
    if (isKept) this.#known.set(signature, symbol);
    return symbol;
  }

  #sideOf(codePoint: number): Side {
    if (codePoint === END) return "edge";
    return this.#words && WORD.test(String.fromCodePoint(codePoint)) ? "word" : "other";
  }
}
