import type {
  AnyNode,
  AssignmentExpression,
  BinaryExpression,
  CallExpression,
  Expression,
  Literal,
  MemberExpression,
  ObjectExpression,
  PrivateIdentifier,
  SpreadElement,
  Super,
  UnaryExpression,
  UpdateExpression,
} from "acorn";
import { ITEMS_PER_STEP, STEPS_PER_KEY } from "../../limits.ts";
import { spendSteps } from "../../lint-steps.ts";
import { type Evaluate, type Frame, frameAt, OUTER, type Scope, THIS } from "./scope.ts";

type Callable = (...values: unknown[]) => unknown;
type Holder = Record<PropertyKey, unknown>;

/** What the code may use besides its own variables: nothing that reaches out of it. */
const GLOBALS: Record<string, unknown> = {
  Array: { isArray: Array.isArray },
  Infinity,
  JSON,
  Math,
  NaN,
  Number,
  Object: { assign: Object.assign, keys: countedKeys },
  RegExp,
  String,
  isFinite,
  isNaN,
  parseFloat,
  parseInt,
  undefined,
};

function countedKeys(value: object): string[] {
  const keys = Object.keys(value);
  spendSteps(keys.length * STEPS_PER_KEY);
  return keys;
}

// The bundler means something else by the word `Function`.
const { constructor: REAL_FUNCTION } = () => undefined;
const HARMLESS = (): undefined => undefined;

/** Whatever is read may be a way out: `[].constructor.constructor` runs any text, and Object leads to it by other names. */
export const tame = (value: unknown): unknown => (value === REAL_FUNCTION || value === Object ? HARMLESS : value);

export const unsupported = (node: AnyNode): SyntaxError =>
  new SyntaxError(`generated code has a ${node.type}, which the interpreter does not know`);

export function evaluateWith(node: Expression | SpreadElement | Super | PrivateIdentifier, scope: Scope): Evaluate {
  switch (node.type) {
    case "Literal":
      return compileLiteral(node);
    case "Identifier":
      return compileVariable(node.name, scope);
    case "ThisExpression":
      return (frame) => frame[THIS];
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      return scope.runtime.compileFunction(node, scope);
    case "ArrayExpression":
      return compileList(node.elements, scope);
    case "ObjectExpression":
      return compileObject(node, scope);
    case "UnaryExpression":
      return compileUnary(node, scope);
    case "UpdateExpression":
      return compileUpdate(node, scope);
    case "BinaryExpression":
      return compileBinary(node, scope);
    case "LogicalExpression": {
      const left = evaluateWith(node.left, scope);
      const right = evaluateWith(node.right, scope);
      if (node.operator === "&&") return (frame) => left(frame) && right(frame);
      if (node.operator === "||") return (frame) => left(frame) || right(frame);
      return (frame) => left(frame) ?? right(frame);
    }
    case "ConditionalExpression": {
      const test = evaluateWith(node.test, scope);
      const yes = evaluateWith(node.consequent, scope);
      const no = evaluateWith(node.alternate, scope);
      return (frame) => (test(frame) ? yes(frame) : no(frame));
    }
    case "AssignmentExpression":
      return compileAssignment(node, scope);
    case "MemberExpression":
      return compileMember(node, scope);
    case "CallExpression":
      return compileCall(node, scope);
    case "NewExpression": {
      const callee = evaluateWith(node.callee, scope);
      const list = compileList(node.arguments, scope);
      return (frame) => Reflect.construct(callee(frame) as Callable, list(frame));
    }
    case "SequenceExpression": {
      const parts = node.expressions.map((part) => evaluateWith(part, scope));
      return (frame) => parts.reduce<unknown>((_, part) => part(frame), undefined);
    }
    default:
      throw unsupported(node);
  }
}

function compileLiteral({ regex, value }: Literal): Evaluate {
  if (regex) return () => new RegExp(regex.pattern, regex.flags);
  return () => value;
}

function compileVariable(name: string, scope: Scope): Evaluate {
  const found = scope.find(name);
  if (!found) {
    if (!Object.hasOwn(GLOBALS, name)) throw new ReferenceError(`generated code uses ${name}, which is not there`);
    const value = GLOBALS[name];
    return () => value;
  }
  const { depth, slot } = found;
  // Nearly every variable is in one of these two places.
  if (depth === 0) return (frame) => frame[slot];
  if (depth === 1) return (frame) => (frame[OUTER] as Frame)[slot];
  return (frame) => frameAt(frame, depth)[slot];
}

function compileList(nodes: readonly (Expression | SpreadElement | null)[], scope: Scope): (frame: Frame) => unknown[] {
  const parts = nodes.map((node) => (node ? evaluateWith(node, scope) : () => undefined));
  return (frame) => {
    const values: unknown[] = [];
    for (let index = 0; index < parts.length; index++) values.push(parts[index]?.(frame));
    return values;
  };
}

function compileObject(node: ObjectExpression, scope: Scope): Evaluate {
  const members = node.properties.map((property) => {
    if (property.type === "SpreadElement" || property.kind !== "init" || property.computed) throw unsupported(property);
    return { key: compileKey(property, property.key, scope), value: evaluateWith(property.value, scope) };
  });
  return (frame) => {
    const object: Holder = {};
    for (const { key, value } of members) object[key(frame)] = value(frame);
    return object;
  };
}

function compileKey(
  { computed }: { computed: boolean },
  key: Expression | PrivateIdentifier,
  scope: Scope,
): (frame: Frame) => PropertyKey {
  if (computed) return evaluateWith(key, scope) as (frame: Frame) => PropertyKey;
  if (key.type !== "Identifier" && key.type !== "Literal") throw unsupported(key);
  const name = key.type === "Identifier" ? key.name : String(key.value);
  return () => name;
}

function compileUnary(node: UnaryExpression, scope: Scope): Evaluate {
  const value = evaluateWith(node.argument, scope);
  switch (node.operator) {
    case "!":
      return (frame) => !value(frame);
    case "-":
      return (frame) => -(value(frame) as number);
    case "+":
      return (frame) => Number(value(frame));
    case "typeof":
      return (frame) => typeof value(frame);
    case "void":
      return (frame) => {
        value(frame);
      };
    default:
      throw unsupported(node);
  }
}

type Operation = (left: unknown, right: unknown) => unknown;

const OPERATIONS: Record<string, (left: Evaluate, right: Evaluate) => Evaluate> = {
  "===": (left, right) => (frame) => left(frame) === right(frame),
  "!==": (left, right) => (frame) => left(frame) !== right(frame),
  // biome-ignore lint/suspicious/noDoubleEquals: what the code says
  "==": (left, right) => (frame) => left(frame) == right(frame),
  // biome-ignore lint/suspicious/noDoubleEquals: what the code says
  "!=": (left, right) => (frame) => left(frame) != right(frame),
  "<": (left, right) => (frame) => (left(frame) as number) < (right(frame) as number),
  ">": (left, right) => (frame) => (left(frame) as number) > (right(frame) as number),
  "<=": (left, right) => (frame) => (left(frame) as number) <= (right(frame) as number),
  ">=": (left, right) => (frame) => (left(frame) as number) >= (right(frame) as number),
  "+": (left, right) => (frame) => (left(frame) as number) + (right(frame) as number),
  "-": (left, right) => (frame) => (left(frame) as number) - (right(frame) as number),
  "*": (left, right) => (frame) => (left(frame) as number) * (right(frame) as number),
  "/": (left, right) => (frame) => (left(frame) as number) / (right(frame) as number),
  "%": (left, right) => (frame) => (left(frame) as number) % (right(frame) as number),
  in: (left, right) => (frame) => (left(frame) as PropertyKey) in (right(frame) as object),
  instanceof: (left, right) => (frame) => left(frame) instanceof (right(frame) as Callable),
};

function compileBinary(node: BinaryExpression, scope: Scope): Evaluate {
  const operation = Object.hasOwn(OPERATIONS, node.operator) ? OPERATIONS[node.operator] : undefined;
  if (!operation) throw unsupported(node);
  return operation(evaluateWith(node.left, scope), evaluateWith(node.right, scope));
}

/** Something that can be assigned to: a member of an object, or a slot of a frame. */
type Place = { holder: Evaluate; key: (frame: Frame) => PropertyKey };

function compilePlace(node: AnyNode, scope: Scope): Place {
  if (node.type === "Identifier") {
    const found = scope.find(node.name);
    if (!found) throw new ReferenceError(`generated code assigns to ${node.name}, which is not there`);
    const { depth, slot } = found;
    return { holder: depth === 0 ? (frame) => frame : (frame) => frameAt(frame, depth), key: () => slot };
  }
  if (node.type !== "MemberExpression") throw unsupported(node);
  return { holder: evaluateWith(node.object, scope), key: compileKey(node, node.property, scope) };
}

function compileAssignment(node: AssignmentExpression, scope: Scope): Evaluate {
  const value = evaluateWith(node.right, scope);
  const own = node.left.type === "Identifier" ? scope.find(node.left.name) : undefined;
  if (node.operator === "=" && own?.depth === 0) {
    const { slot } = own;
    return (frame) => {
      frame[slot] = value(frame);
      return frame[slot];
    };
  }
  const { holder, key } = compilePlace(node.left, scope);
  const put = (combine: Operation | null): Evaluate => {
    return (frame) => {
      const target = holder(frame) as Holder;
      const name = key(frame);
      const next = combine ? combine(target[name], value(frame)) : value(frame);
      target[name] = next;
      return next;
    };
  };
  switch (node.operator) {
    case "=":
      return put(null);
    case "+=":
      return put((before, added) => (before as number) + (added as number));
    default:
      throw unsupported(node);
  }
}

function compileUpdate({ argument, operator, prefix }: UpdateExpression, scope: Scope): Evaluate {
  const { holder, key } = compilePlace(argument, scope);
  const change = operator === "++" ? 1 : -1;
  return (frame) => {
    const target = holder(frame) as Holder;
    const name = key(frame);
    const before = Number(target[name]);
    target[name] = before + change;
    return prefix ? before + change : before;
  };
}

function compileMember(node: MemberExpression, scope: Scope): Evaluate {
  const { holder, key } = compilePlace(node, scope);
  if (!node.computed && node.property.type === "Identifier") {
    const { name } = node.property;
    return (frame) => tame((holder(frame) as Holder)[name]);
  }
  return (frame) => tame((holder(frame) as Holder)[key(frame)]);
}

function compileCall(node: CallExpression, scope: Scope): Evaluate {
  if (node.optional) throw unsupported(node);
  const list = compileList(node.arguments, scope);
  if (node.callee.type === "MemberExpression") {
    const { holder, key } = compilePlace(node.callee, scope);
    return (frame) => {
      const target = holder(frame) as Holder;
      const name = key(frame);
      // The errors of each item of a list are added by it to all before.
      if (name === "concat") spendSteps(Number(target.length) / ITEMS_PER_STEP);
      return Reflect.apply(tame(target[name]) as Callable, target, list(frame));
    };
  }
  const callee = evaluateWith(node.callee, scope);
  return (frame) => Reflect.apply(callee(frame) as Callable, undefined, list(frame));
}
