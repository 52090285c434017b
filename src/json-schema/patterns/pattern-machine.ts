import type { StepBudget } from "../step-budget.ts";
import type { PatternSymbol, Side } from "./pattern-alphabet.ts";
import type { PatternMemory } from "./pattern-memory.ts";
import type { Assertion, Program } from "./pattern-program.ts";

/**
 * The states of a program that are possible after a character. `matched`: a match ended before that character.
 * `settled`: nothing that follows can change whether there is one. `next`: where each symbol leads, as far as it has been asked for.
 */
export type MachineState = {
  members: number[];
  before: Side;
  matched: boolean;
  settled: boolean;
  next: (MachineState | undefined)[];
};

const STATE_CELLS = 8;
const EXHAUSTED: MachineState = { members: [], before: "edge", matched: false, settled: true, next: [] };

/**
 * Runs a program over texts, all its possibilities at once: the time is a product of the length of the text and of the
 * program at worst, and one look-up a character as soon as the machine has seen such characters before (a DFA made lazily).
 */
export class PatternMachine {
  readonly #program: Program;
  readonly #memory: PatternMemory;
  #states = new Map<string, MachineState>();
  #start: MachineState;
  /** When each state of the program was last visited, in closures. */
  readonly #visits: Uint32Array;
  #closures = 0;

  constructor(program: Program, memory: PatternMemory) {
    this.#program = program;
    this.#memory = memory;
    this.#visits = new Uint32Array(program.states.length);
    this.#start = this.#newStart();
    memory.register(() => {
      this.#states = new Map();
      this.#start = this.#newStart();
    });
  }

  get start(): MachineState {
    return this.#start;
  }

  /** Leads to a state that is settled and has not matched when the budget runs out. */
  step(state: MachineState, symbol: PatternSymbol, budget: StepBudget): MachineState {
    return state.next[symbol.id] ?? this.#advance(state, symbol, budget);
  }

  #newStart(): MachineState {
    return { members: [this.#program.start], before: "edge", matched: false, settled: false, next: [] };
  }

  #advance(state: MachineState, symbol: PatternSymbol, budget: StepBudget): MachineState {
    const members = new Set<number>();
    const closure = this.#closeOver(state, symbol);
    budget.steps -= closure.length;
    if (budget.steps < 0) return EXHAUSTED;
    let matched = false;
    for (const index of closure) {
      const reached = this.#program.states[index];
      if (reached?.kind === "match") matched = true;
      else if (reached?.kind === "character" && symbol.holds[reached.set]) members.add(reached.next);
    }
    const following = this.#intern(
      [...members].sort((a, b) => a - b),
      symbol.side,
      matched,
    );
    if (symbol.id >= 0 && this.#memory.take(1)) state.next[symbol.id] = following;
    return following;
  }

  #intern(members: number[], before: Side, matched: boolean): MachineState {
    const key = `${before} ${matched} ${members.join(" ")}`;
    const known = this.#states.get(key);
    if (known) return known;
    const settled = matched || (this.#program.anchored && members.length === 0);
    const state: MachineState = { members, before, matched, settled, next: [] };
    if (this.#memory.take(STATE_CELLS + members.length)) this.#states.set(key, state);
    return state;
  }

  /** Every state of the program that can be reached before the symbol, by forks and by assertions that hold there. */
  #closeOver(state: MachineState, symbol: PatternSymbol): number[] {
    this.#closures = (this.#closures + 1) >>> 0;
    const reached: number[] = [];
    const visit = (index: number): void => {
      if (this.#visits[index] === this.#closures) return;
      this.#visits[index] = this.#closures;
      reached.push(index);
    };
    for (const member of state.members) visit(member);
    if (!this.#program.anchored) visit(this.#program.start);
    // The list grows while it is walked.
    for (const index of reached) {
      const at = this.#program.states[index];
      if (at?.kind === "fork") at.next.forEach(visit);
      else if (at?.kind === "assertion" && holds(at.assertion, state.before, symbol)) visit(at.next);
    }
    return reached;
  }
}

function holds(assertion: Assertion, before: Side, { side: after, marks }: PatternSymbol): boolean {
  switch (assertion.kind) {
    case "edge":
      return (assertion.side === "before" ? before : after) === "edge";
    case "boundary":
      return ((before === "word") !== (after === "word")) !== assertion.negated;
    case "look":
      return ((marks & (1 << assertion.look)) !== 0) !== assertion.negated;
  }
}
