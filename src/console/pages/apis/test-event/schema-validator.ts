import type { ErrorSchema, RJSFSchema, RJSFValidationError, ValidationData, ValidatorType } from "@rjsf/utils";
import { compileSchema, type Validator } from "../../../../json-schema/compile-schema.ts";
import { isRecord } from "../../../../json-schema/json-value.ts";
import type { Violation } from "../../../../json-schema/run.ts";
import { pointerTokens } from "./pointers.ts";

/**
 * The relay's own check of messages, as the form asks for one: it finds what the relay will find, and makes no code, which the
 * page's policy would not let run.
 */
export class SchemaValidator implements ValidatorType<unknown> {
  readonly #compiled = new WeakMap<object, Validator | null>();

  validateFormData(value: unknown, schema: RJSFSchema): ValidationData<unknown> {
    const violations = this.#violationsOf(value, schema);
    return { errors: violations.map(toFormError), errorSchema: errorsAtFields(violations) };
  }

  /** A part of the form's schema refers to the definitions of the whole. */
  isValid(schema: RJSFSchema, value: unknown, rootSchema: RJSFSchema): boolean {
    const { definitions } = rootSchema;
    const whole = schema === rootSchema || !definitions ? schema : { ...schema, definitions };
    // A choice that cannot be checked is not ruled out.
    return this.#compile(whole)?.matches(value) !== "invalid";
  }

  rawValidation<Result>(schema: RJSFSchema, value: unknown): { errors?: Result[] } {
    return { errors: this.#violationsOf(value, schema) as Result[] };
  }

  #violationsOf(value: unknown, schema: RJSFSchema): Violation[] {
    const verdict = this.#compile(schema)?.validate(value);
    return verdict?.outcome === "invalid" ? verdict.violations : [];
  }

  #compile(schema: RJSFSchema): Validator | null {
    const known = this.#compiled.get(schema);
    if (known !== undefined) return known;
    const compiled = compileSchema(schema, { badPatterns: "leave" });
    const validator = compiled.ok ? compiled.value : null;
    this.#compiled.set(schema, validator);
    return validator;
  }
}

const toFormError = ({ pointer, message, keyword }: Violation): RJSFValidationError => ({
  name: keyword,
  message,
  property: pointerTokens(pointer)
    .map((token) => `.${token}`)
    .join(""),
  stack: `${pointer || "The event"} ${message}`,
});

/** What is wrong, in a tree as the value's own: each message stands at its field. */
export function errorsAtFields(violations: { pointer: string; message: string }[]): ErrorSchema {
  const root: Record<string, unknown> = {};
  for (const { pointer, message } of violations) {
    let place = root;
    for (const token of pointerTokens(pointer)) {
      const next = Object.hasOwn(place, token) ? place[token] : undefined;
      const member = isRecord(next) ? next : {};
      // A member may have any name, and `__proto__` is one that plain assignment would not make.
      Object.defineProperty(place, token, { value: member, enumerable: true, configurable: true, writable: true });
      place = member;
    }
    const errors = Array.isArray(place.__errors) ? place.__errors : [];
    place.__errors = [...errors, message];
  }
  return root as ErrorSchema;
}
