import { Parser } from "acorn";
import { evaluateWith, unsupported } from "./expressions.ts";
import { compilePattern, declarePattern } from "./patterns.ts";
import {
  type Evaluate,
  type Frame,
  type FunctionNode,
  OUTER,
  RETURNED,
  type Runtime,
  Scope,
  THIS,
  TooManySteps,
} from "./scope.ts";
import { compileBlock, declareVars, type Execute, RETURN } from "./statements.ts";

type Callable = (this: unknown, ...values: unknown[]) => unknown;

let stepsLeft = Number.POSITIVE_INFINITY;

/**
 * How many calls and turns of loops interpreted code may make from now on. One count for the isolate: whoever sets it has to
 * run to its end without waiting for anything outside.
 */
export function limitSteps(stepsMax: number): void {
  stepsLeft = stepsMax;
}

export const ranOutOfSteps = (): boolean => stepsLeft < 0;

/** Takes what other work has cost from the same count. */
export function spendSteps(steps: number): void {
  stepsLeft -= steps;
  if (stepsLeft < 0) throw new TooManySteps("the code makes too many steps");
}

const runtime: Runtime = { step: () => spendSteps(1), compileFunction };

// What Ajv generates: constants from its own scope, then one function.
const CONSTANTS_THEN_FUNCTION = /^(?:const \w+ = scope\.\w+\[\d+\];?)*return function (\w+)\(/;

/** Without the check for names that are declared twice: it compares each with all others, and generated code declares thousands. */
class GeneratedCodeParser extends Parser {
  declareName(): void {}
}

/**
 * Does what `new Function(...parameters, body)` does, on a platform that forbids it: the code is parsed and turned into
 * closures. It sees its parameters and the language's own objects, nothing of the platform. It knows the part of JavaScript that the code
 * generators of Ajv and Nimma use; a SyntaxError says what else was there.
 */
export function interpretFunction(parameters: string[], body: string): Callable {
  const make = () => {
    const node = GeneratedCodeParser.parseExpressionAt(`(function(${parameters.join(",")}){${body}\n})`, 0, {
      ecmaVersion: 2022,
    });
    return evaluateWith(node, Scope.root(runtime))([]) as Callable;
  };
  if (!CONSTANTS_THEN_FUNCTION.test(body)) return make();
  // Of the validators that Ajv generates for AsyncAPI's own schema a document calls one in five: only those are parsed.
  return function (...values) {
    return deferred(() => make().apply(this, values) as Callable);
  };
}

/** By which name a function that was deferred knows itself: the one that its callers have. */
const knownAs = new WeakMap<Callable, Callable>();

/** A function that is made when it is first called. Its results are where its callers look for them: on itself. */
function deferred(make: () => Callable): Callable {
  let made: Callable | undefined;
  const self: Callable = function (...values) {
    if (!made) {
      made = make();
      knownAs.set(made, self);
    }
    return made.apply(this, values);
  };
  return self;
}

function compileFunction(node: FunctionNode, scope: Scope): Evaluate {
  // Ajv writes one for an `$async` schema, and the parser takes the promise for an answer.
  if (node.async) return () => () => Promise.resolve();
  if (node.generator || scope.isLoop) throw unsupported(node);
  const isArrow = node.type === "ArrowFunctionExpression";
  let body: FunctionBody | undefined;
  return (outer) => {
    const call = (self: unknown, values: unknown[], me: Callable): unknown => {
      runtime.step();
      body ??= compileBody(node, scope);
      const frame: Frame = new Array(body.size());
      frame[OUTER] = outer;
      frame[THIS] = self;
      if (body.ownSlot !== null) frame[body.ownSlot] = knownAs.get(me) ?? me;
      body.bind(frame, values);
      return body.run(frame) === RETURN ? frame[RETURNED] : undefined;
    };
    const made: Callable = isArrow
      ? (...values) => call(outer[THIS], values, made)
      : function (...values) {
          return call(this, values, made);
        };
    return made;
  };
}

type FunctionBody = {
  size(): number;
  bind(frame: Frame, values: unknown[]): void;
  run: Execute;
  /** Where the function finds itself by its own name. */
  ownSlot: number | null;
};

function compileBody(node: FunctionNode, outer: Scope): FunctionBody {
  const scope = outer.openFunction();
  const ownSlot = node.type === "FunctionExpression" && node.id ? scope.declare(node.id.name) : null;
  for (const parameter of node.params) declarePattern(parameter, scope);
  const binds = node.params.map((parameter) => compilePattern(parameter, scope));
  declareVars(node.body, scope);
  return {
    size: () => scope.layout.size,
    bind: (frame, values) => {
      for (let index = 0; index < binds.length; index++) binds[index]?.(frame, values[index]);
    },
    run: compileRun(node, scope),
    ownSlot,
  };
}

function compileRun({ body }: FunctionNode, scope: Scope): Execute {
  if (body.type === "BlockStatement") return compileBlock(body.body, scope);
  const value = evaluateWith(body, scope);
  return (frame) => {
    frame[RETURNED] = value(frame);
    return RETURN;
  };
}
