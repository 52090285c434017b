import { ok, type Result } from "../../kernel/result.ts";
import type { StepBudget } from "../step-budget.ts";
import { END, PatternAlphabet } from "./pattern-alphabet.ts";
import { type MachineState, PatternMachine } from "./pattern-machine.ts";
import type { PatternMemory } from "./pattern-memory.ts";
import { compileTree, countStates, type Look, type PatternPrograms } from "./pattern-program.ts";
import { type PatternFault, readPattern } from "./pattern-syntax.ts";

/**
 * A regular expression whose matching takes time in proportion to the text, whoever wrote it. The platform's own engine
 * backtracks: `(a+)+$` over thirty characters would hold an isolate for minutes. `unicode` as the flag `u`; by default wherever
 * the pattern allows it.
 */
export function compilePattern(
  source: string,
  memory: PatternMemory,
  unicode?: boolean,
): Result<Pattern, PatternFault> {
  const tree = readPattern(source, unicode);
  if (!tree.ok) return tree;
  const programs = compileTree(tree.value);
  return programs.ok ? ok(new Pattern(programs.value, memory)) : programs;
}

export class Pattern {
  /** Its size: characters, when repetitions are written out. */
  readonly states: number;
  readonly #unicode: boolean;
  readonly #memory: PatternMemory;
  readonly #alphabet: PatternAlphabet;
  readonly #main: PatternMachine;
  readonly #looks: { machine: PatternMachine; direction: Look["direction"] }[];

  constructor(programs: PatternPrograms, memory: PatternMemory) {
    this.states = countStates(programs);
    this.#unicode = programs.unicode;
    this.#memory = memory;
    this.#alphabet = new PatternAlphabet(programs.sets, programs.words, memory);
    this.#main = new PatternMachine(programs.main, memory);
    this.#looks = programs.looks.map(({ program, direction }) => ({
      machine: new PatternMachine(program, memory),
      direction,
    }));
  }

  /** Whether there is a match anywhere in the text. Without meaning when the budget's steps run out: it is below zero then. */
  matches(text: string, budget: StepBudget): boolean {
    budget.steps -= (text.length + 1) * (1 + this.#looks.length);
    if (budget.steps < 0) return false;
    this.#memory.tidy();
    const marks = this.#looks.length > 0 ? this.#markLooks(text, budget) : undefined;
    let state = this.#main.start;
    for (let at = 0; ; at++) {
      const codePoint = this.#characterAfter(text, at);
      state = this.#main.step(state, this.#alphabet.symbolOf(codePoint, marks?.[at] ?? 0, budget), budget);
      if (state.settled || codePoint === END) return state.matched;
      if (codePoint > 0xffff) at += 1;
    }
  }

  /** For each position of the text, the look-arounds that find something there. */
  #markLooks(text: string, budget: StepBudget): Uint16Array {
    const marks = new Uint16Array(text.length + 1);
    for (const [index, { machine, direction }] of this.#looks.entries()) {
      const forward = direction === "forward";
      let state: MachineState = machine.start;
      for (let at = forward ? 0 : text.length; budget.steps >= 0; ) {
        const codePoint = forward ? this.#characterAfter(text, at) : this.#characterBefore(text, at);
        state = machine.step(state, this.#alphabet.symbolOf(codePoint, marks[at] ?? 0, budget), budget);
        if (state.matched) marks[at] = (marks[at] ?? 0) | (1 << index);
        if (codePoint === END) break;
        at += (codePoint > 0xffff ? 2 : 1) * (forward ? 1 : -1);
      }
    }
    return marks;
  }

  #characterAfter(text: string, at: number): number {
    if (at >= text.length) return END;
    return this.#unicode ? (text.codePointAt(at) ?? END) : text.charCodeAt(at);
  }

  #characterBefore(text: string, at: number): number {
    if (at === 0) return END;
    const pair = this.#unicode && at > 1 ? (text.codePointAt(at - 2) ?? 0) : 0;
    return pair > 0xffff ? pair : text.charCodeAt(at - 1);
  }
}
