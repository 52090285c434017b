import type { Pattern } from "acorn";
import { evaluateWith, tame, unsupported } from "./expressions.ts";
import type { Frame, Scope } from "./scope.ts";

/** Puts a value into the variables that a parameter or a declaration names. */
export type Bind = (frame: Frame, value: unknown) => void;

export function declarePattern(pattern: Pattern, scope: Scope): void {
  switch (pattern.type) {
    case "Identifier":
      scope.declare(pattern.name);
      return;
    case "AssignmentPattern":
      declarePattern(pattern.left, scope);
      return;
    case "ObjectPattern":
      for (const property of pattern.properties) {
        if (property.type === "RestElement") throw unsupported(property);
        declarePattern(property.value, scope);
      }
      return;
    default:
      throw unsupported(pattern);
  }
}

export function compilePattern(pattern: Pattern, scope: Scope): Bind {
  switch (pattern.type) {
    case "Identifier": {
      const { slot } = scope.find(pattern.name) ?? { slot: scope.declare(pattern.name) };
      return (frame, value) => {
        frame[slot] = value;
      };
    }
    case "AssignmentPattern": {
      const fallback = evaluateWith(pattern.right, scope);
      const bind = compilePattern(pattern.left, scope);
      return (frame, value) => bind(frame, value === undefined ? fallback(frame) : value);
    }
    case "ObjectPattern": {
      const members = pattern.properties.map((property) => {
        if (property.type === "RestElement" || property.key.type !== "Identifier") throw unsupported(property);
        return { key: property.key.name, bind: compilePattern(property.value, scope) };
      });
      return (frame, value) => {
        for (const { key, bind } of members) bind(frame, tame((value as Record<string, unknown>)[key]));
      };
    }
    default:
      throw unsupported(pattern);
  }
}
