import { err, ok, type Result } from "../../kernel/result.ts";
import { PATTERN_LOOKS_MAX, PATTERN_STATES_MAX } from "../limits.ts";
import type { CharacterSet, PatternFault, PatternNode, PatternTree } from "./pattern-syntax.ts";

/** What must hold between two characters. `look`: whether a look-around found something there. */
export type Assertion =
  | { kind: "edge"; side: "before" | "after" }
  | { kind: "boundary"; negated: boolean }
  | { kind: "look"; look: number; negated: boolean };

/** A state of a Thompson automaton, by the index of those that follow it. */
export type ProgramState =
  | { kind: "character"; set: number; next: number }
  | { kind: "fork"; next: number[] }
  | { kind: "assertion"; assertion: Assertion; next: number }
  | { kind: "match" };

/** `anchored`: a match begins nowhere but at the first character it is shown. */
export type Program = { states: ProgramState[]; start: number; anchored: boolean };

/** A look-around: where its program, run over the whole text in its direction, has a match that ends. */
export type Look = { program: Program; direction: "forward" | "backward" };

/** Looks stand in the order in which they can be answered: an inner one before its outer. */
export type PatternPrograms = { main: Program; looks: Look[]; sets: CharacterSet[]; unicode: boolean; words: boolean };

/** Writes the tree out as automata; their states are what a pattern costs. */
export function compileTree({ root, unicode }: PatternTree): Result<PatternPrograms, PatternFault> {
  const compiler = new ProgramCompiler();
  const main = compiler.compile(root, "forward");
  if (compiler.fault) return err(compiler.fault);
  return ok({ main, looks: compiler.looks, sets: compiler.sets, unicode, words: compiler.words });
}

export const countStates = ({ main, looks }: PatternPrograms): number =>
  looks.reduce((sum, { program }) => sum + program.states.length, main.states.length);

class ProgramCompiler {
  readonly looks: Look[] = [];
  readonly sets: CharacterSet[] = [];
  words = false;
  fault: PatternFault | undefined;
  readonly #setsBySource = new Map<string, number>();
  readonly #looksByNode = new Map<PatternNode, number>();
  #statesLeft = PATTERN_STATES_MAX;

  compile(root: PatternNode, direction: Look["direction"]): Program {
    const states: ProgramState[] = [];
    const emitter = new Emitter(this, states, direction);
    const start = emitter.emit(root, emitter.add({ kind: "match" }));
    return { states, start, anchored: isAnchored(root, direction) };
  }

  /** Takes one state from what a pattern may have; false when there is none left. */
  pay(): boolean {
    this.#statesLeft -= 1;
    if (this.#statesLeft >= 0) return true;
    this.fault ??= {
      reason: "pattern_too_large",
      message: `has more than ${PATTERN_STATES_MAX} characters when its repetitions are written out`,
    };
    return false;
  }

  setOf(set: CharacterSet): number {
    const known = this.#setsBySource.get(set.source);
    if (known !== undefined) return known;
    this.#setsBySource.set(set.source, this.sets.length);
    return this.sets.push(set) - 1;
  }

  lookOf(node: PatternNode & { kind: "look" }): number {
    const known = this.#looksByNode.get(node);
    if (known !== undefined) return known;
    // What lies ahead is found from the end of the text backwards: its matches then end where they are asked for.
    const direction = node.direction === "ahead" ? "backward" : "forward";
    const program = this.compile(node.part, direction);
    if (this.looks.length === PATTERN_LOOKS_MAX) {
      this.fault ??= { reason: "pattern_unsupported", message: `has more than ${PATTERN_LOOKS_MAX} look-arounds` };
      return 0;
    }
    this.#looksByNode.set(node, this.looks.length);
    return this.looks.push({ program, direction }) - 1;
  }
}

/** Emits states from the last to the first, so that each knows what follows it. */
class Emitter {
  readonly #compiler: ProgramCompiler;
  readonly #states: ProgramState[];
  readonly #direction: Look["direction"];

  constructor(compiler: ProgramCompiler, states: ProgramState[], direction: Look["direction"]) {
    this.#compiler = compiler;
    this.#states = states;
    this.#direction = direction;
  }

  add(state: ProgramState): number {
    return this.#compiler.pay() ? this.#states.push(state) - 1 : 0;
  }

  /** The state where `node` begins, when `next` follows it. */
  emit(node: PatternNode, next: number): number {
    switch (node.kind) {
      case "character":
        return this.add({ kind: "character", set: this.#compiler.setOf(node.set), next });
      case "sequence": {
        const parts = this.#direction === "forward" ? node.parts.toReversed() : node.parts;
        return parts.reduce((following, part) => this.emit(part, following), next);
      }
      case "choice":
        return this.add({ kind: "fork", next: node.options.map((option) => this.emit(option, next)) });
      case "repeat":
        return this.#emitRepeat(node, next);
      default:
        return this.add({ kind: "assertion", assertion: this.#assertionOf(node), next });
    }
  }

  #emitRepeat({ part, min, max }: PatternNode & { kind: "repeat" }, next: number): number {
    let entry = next;
    if (max === Number.POSITIVE_INFINITY) {
      const fork: ProgramState = { kind: "fork", next: [next] };
      entry = this.add(fork);
      fork.next.push(this.emit(part, entry));
    } else {
      for (let n = min; n < max && !this.#compiler.fault; n++) {
        entry = this.add({ kind: "fork", next: [this.emit(part, entry), next] });
      }
    }
    for (let n = 0; n < min && !this.#compiler.fault; n++) {
      const following = entry;
      entry = this.emit(part, following);
      if (entry === following) break; // nothing, however often
    }
    return entry;
  }

  #assertionOf(node: PatternNode & { kind: "edge" | "boundary" | "look" }): Assertion {
    if (node.kind === "boundary") {
      this.#compiler.words = true;
      return { kind: "boundary", negated: node.negated };
    }
    if (node.kind === "look") return { kind: "look", look: this.#compiler.lookOf(node), negated: node.negated };
    return { kind: "edge", side: (node.side === "start") === (this.#direction === "forward") ? "before" : "after" };
  }
}

/** Whether every match begins at the edge that comes first in this direction. */
function isAnchored(node: PatternNode, direction: Look["direction"]): boolean {
  if (node.kind === "edge") return node.side === (direction === "forward" ? "start" : "end");
  if (node.kind === "choice") return node.options.every((option) => isAnchored(option, direction));
  if (node.kind === "repeat") return node.min > 0 && isAnchored(node.part, direction);
  if (node.kind !== "sequence") return false;
  const first = direction === "forward" ? node.parts[0] : node.parts.at(-1);
  return first !== undefined && isAnchored(first, direction);
}
