import type {
  AnyNode,
  CatchClause,
  ForInStatement,
  ForOfStatement,
  ForStatement,
  Statement,
  TryStatement,
} from "acorn";
import { STATEMENT_CHARACTERS_PER_STEP, STEPS_PER_KEY } from "../../limits.ts";
import { spendSteps, TooManySteps } from "../../lint-steps.ts";
import { evaluateWith, unsupported } from "./expressions.ts";
import { compilePattern, declarePattern } from "./patterns.ts";
import { type Frame, RETURNED, type Scope } from "./scope.ts";

/** How a statement ended where it did not just end: what a loop or a function around it has to know. */
export type Completion = { kind: "return" | "break" | "continue"; label: string | null };

export const RETURN: Completion = { kind: "return", label: null };

/** Runs a part of the code; undefined: go on with the next. */
export type Execute = (frame: Frame) => Completion | undefined;

/** The body of a function or a block, its own variables declared. */
export function compileBlock(statements: readonly Statement[], scope: Scope): Execute {
  for (const statement of statements) {
    if (statement.type === "FunctionDeclaration") scope.declare(statement.id.name);
    if (statement.type === "VariableDeclaration" && statement.kind !== "var") declareAll(statement, scope);
  }
  // Functions are there before the first statement runs.
  const isFunction = ({ type }: Statement): boolean => type === "FunctionDeclaration";
  const ordered = [...statements.filter(isFunction), ...statements.filter((statement) => !isFunction(statement))];
  const parts = ordered.map((statement) => compileStatement(statement, scope, []));
  const steps = statements.reduce((sum, statement) => sum + stepsOf(statement), 0);
  return (frame) => {
    spendSteps(steps);
    for (let index = 0; index < parts.length; index++) {
      const completion = parts[index]?.(frame);
      if (completion) return completion;
    }
    return undefined;
  };
}

/** What a statement takes by its length, the statements within it left aside: they count when they are run. */
function stepsOf(statement: Statement): number {
  if (/^(?:Block|Labeled|Try|For|ForIn|ForOf|Empty)Statement$/.test(statement.type)) return 1;
  if (statement.type === "FunctionDeclaration") return 1;
  return stepsOfCode(statement.type === "IfStatement" ? statement.test : statement);
}

const stepsOfCode = ({ start, end }: { start: number; end: number }): number =>
  Math.ceil((end - start) / STATEMENT_CHARACTERS_PER_STEP);

/** `var` belongs to the function, wherever it stands in it. */
export function declareVars(node: unknown, scope: Scope): void {
  if (Array.isArray(node)) {
    for (const item of node) declareVars(item, scope);
  } else if (isStatement(node)) {
    if (node.type === "VariableDeclaration" && node.kind === "var") declareAll(node, scope);
    for (const member of Object.values(node)) declareVars(member, scope);
  }
}

const isStatement = (value: unknown): value is AnyNode =>
  typeof value === "object" &&
  value !== null &&
  /(?:Statement|Clause|VariableDeclaration)$/.test(String(Reflect.get(value, "type")));

type Declaration = Extract<AnyNode, { type: "VariableDeclaration" }>;

function declareAll(declaration: Declaration, scope: Scope): void {
  for (const { id } of declaration.declarations) declarePattern(id, scope);
}

function compileStatement(node: Statement, scope: Scope, labels: readonly string[]): Execute {
  switch (node.type) {
    case "EmptyStatement":
      return () => undefined;
    case "ExpressionStatement": {
      const value = evaluateWith(node.expression, scope);
      return (frame) => {
        value(frame);
        return undefined;
      };
    }
    case "VariableDeclaration":
      return compileDeclaration(node, scope);
    case "FunctionDeclaration": {
      if (!node.id) throw unsupported(node);
      const make = scope.runtime.compileFunction(node, scope);
      const slot = scope.declare(node.id.name);
      return (frame) => {
        frame[slot] = make(frame);
        return undefined;
      };
    }
    case "ReturnStatement": {
      const value = node.argument ? evaluateWith(node.argument, scope) : () => undefined;
      return (frame) => {
        frame[RETURNED] = value(frame);
        return RETURN;
      };
    }
    case "IfStatement": {
      const test = evaluateWith(node.test, scope);
      const yes = compileStatement(node.consequent, scope, []);
      const no = node.alternate ? compileStatement(node.alternate, scope, []) : () => undefined;
      return (frame) => (test(frame) ? yes(frame) : no(frame));
    }
    case "BlockStatement":
      return compileBlock(node.body, scope.openBlock());
    case "LabeledStatement": {
      const label = node.label.name;
      const body = compileStatement(node.body, scope, [...labels, label]);
      return (frame) => {
        const completion = body(frame);
        return completion?.kind === "break" && completion.label === label ? undefined : completion;
      };
    }
    case "BreakStatement":
    case "ContinueStatement": {
      const kind = node.type === "BreakStatement" ? "break" : "continue";
      const completion: Completion = { kind, label: node.label?.name ?? null };
      return () => completion;
    }
    case "ForStatement":
      return compileFor(node, scope, labels);
    case "ForInStatement":
    case "ForOfStatement":
      return compileForEach(node, scope, labels);
    case "TryStatement":
      return compileTry(node, scope);
    case "ThrowStatement": {
      const error = evaluateWith(node.argument, scope);
      return (frame) => {
        throw error(frame);
      };
    }
    default:
      throw unsupported(node);
  }
}

function compileDeclaration(node: Declaration, scope: Scope): Execute {
  const parts = node.declarations
    // A `var` without a value leaves what is there.
    .filter(({ init }) => init || node.kind !== "var")
    .map(({ id, init }) => ({
      bind: compilePattern(id, scope),
      value: init ? evaluateWith(init, scope) : () => undefined,
    }));
  return (frame) => {
    for (const { bind, value } of parts) bind(frame, value(frame));
    return undefined;
  };
}

/** What a loop does after a turn: goes on with the next one ("next"), ends, or hands on how the turn ended. */
function afterTurn(completion: Completion, labels: readonly string[]): Completion | "next" | undefined {
  const isOwn = completion.label === null || labels.includes(completion.label);
  if (completion.kind === "continue" && isOwn) return "next";
  return completion.kind === "break" && completion.label === null ? undefined : completion;
}

function compileFor(node: ForStatement, outer: Scope, labels: readonly string[]): Execute {
  const scope = outer.openLoop();
  const { init } = node;
  if (init?.type === "VariableDeclaration" && init.kind !== "var") declareAll(init, scope);
  const start =
    init && (init.type === "VariableDeclaration" ? compileDeclaration(init, scope) : evaluateWith(init, scope));
  const test = node.test ? evaluateWith(node.test, scope) : () => true;
  const update = node.update ? evaluateWith(node.update, scope) : () => undefined;
  const body = compileStatement(node.body, scope, []);
  return (frame) => {
    for (start?.(frame); test(frame); update(frame)) {
      spendSteps(1);
      const completion = body(frame);
      if (!completion) continue;
      const after = afterTurn(completion, labels);
      if (after !== "next") return after;
    }
    return undefined;
  };
}

function compileForEach(node: ForInStatement | ForOfStatement, outer: Scope, labels: readonly string[]): Execute {
  const scope = outer.openLoop();
  const { left } = node;
  const [declarator] = left.type === "VariableDeclaration" ? left.declarations : [];
  if (left.type !== "VariableDeclaration" || !declarator) throw unsupported(left);
  if (left.kind !== "var") declareAll(left, scope);
  const bind = compilePattern(declarator.id, scope);
  const over = evaluateWith(node.right, scope);
  const body = compileStatement(node.body, scope, []);
  const list =
    node.type === "ForInStatement" ? enumerate : (value: unknown): Iterable<unknown> => value as Iterable<unknown>;
  return (frame) => {
    for (const item of list(over(frame))) {
      spendSteps(1);
      bind(frame, item);
      const completion = body(frame);
      if (!completion) continue;
      const after = afterTurn(completion, labels);
      if (after !== "next") return after;
    }
    return undefined;
  };
}

function enumerate(value: unknown): string[] {
  const keys: string[] = [];
  for (const key in value as object) keys.push(key);
  spendSteps(keys.length * STEPS_PER_KEY);
  return keys;
}

function compileTry(node: TryStatement, scope: Scope): Execute {
  const body = compileBlock(node.block.body, scope.openBlock());
  const recover = node.handler && compileHandler(node.handler, scope.openBlock());
  const finish = node.finalizer && compileBlock(node.finalizer.body, scope.openBlock());
  const attempt: Execute = (frame) => {
    try {
      return body(frame);
    } catch (error) {
      if (!recover || error instanceof TooManySteps) throw error;
      return recover(frame, error);
    }
  };
  return finish ? finishWith(attempt, finish) : attempt;
}

/** What `finally` returns counts for more than what was returned or thrown before it, but for a run that is out of steps. */
function finishWith(attempt: Execute, finish: Execute): Execute {
  return (frame) => {
    let completion: Completion | undefined;
    try {
      completion = attempt(frame);
    } catch (error) {
      if (error instanceof TooManySteps) throw error;
      const last = finish(frame);
      if (last) return last;
      throw error;
    }
    const returned = frame[RETURNED];
    const last = finish(frame);
    if (last) return last;
    frame[RETURNED] = returned;
    return completion;
  };
}

function compileHandler(
  { param, body }: CatchClause,
  scope: Scope,
): (frame: Frame, error: unknown) => Completion | undefined {
  if (param) declarePattern(param, scope);
  const bind = param ? compilePattern(param, scope) : () => undefined;
  const recover = compileBlock(body.body, scope.openBlock());
  return (frame, error) => {
    bind(frame, error);
    return recover(frame);
  };
}
