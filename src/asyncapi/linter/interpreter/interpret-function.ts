import { Parser } from "acorn";
import { evaluateWith, unsupported } from "./expressions.ts";
import { compilePattern, declarePattern } from "./patterns.ts";
import { type Evaluate, type Frame, type FunctionNode, OUTER, RETURNED, type Runtime, Scope, THIS } from "./scope.ts";
import { compileBlock, declareVars, type Execute, RETURN } from "./statements.ts";

type Callable = (this: unknown, ...values: unknown[]) => unknown;

const runtime: Runtime = { compileFunction };

// What Ajv generates: constants from its own scope, then one function.
const CONSTANTS_THEN_FUNCTION = /^(?:const \w+ = scope\.\w+\[\d+\];?)*return function (\w+)\(/;

// Some of Ajv's validators also say which members they have looked at, so each call counts.
const KEEPS_EVALUATED = /\.evaluated\b/;

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
  const saysAllItDoes = !KEEPS_EVALUATED.test(body);
  // Of the validators that Ajv generates for AsyncAPI's own schema a document calls one in five: only those are parsed.
  return function (...values) {
    return deferred(() => make().apply(this, values) as Callable, saysAllItDoes ? new WeakSet() : undefined);
  };
}

/** By which name a function that was deferred knows itself: the one that its callers have. */
const knownAs = new WeakMap<Callable, Callable>();

/**
 * A validator that is made when it is first called. Its results are where its callers look for them: on itself. What was `valid`
 * once stays so: its references followed, a document leads to the same value from thousands of places.
 */
function deferred(make: () => Callable, valid: WeakSet<object> | undefined): Callable {
  let made: Callable | undefined;
  const self: Callable & { errors?: null } = function (value, ...rest) {
    const isObject = typeof value === "object" && value !== null;
    if (isObject && valid?.has(value)) {
      self.errors = null;
      return true;
    }
    if (!made) {
      made = make();
      knownAs.set(made, self);
    }
    const result = made.call(this, value, ...rest);
    if (isObject && result === true) valid?.add(value);
    return result;
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
