import { SchemaCompiler } from "../compiler.ts";
import type { JsonRecord } from "../json-value.ts";
import { SAMPLE_CHARS_MAX, SAMPLE_DEPTH_MAX, SAMPLE_ITEMS_MAX, SAMPLE_STEPS_MAX, SAMPLE_TRIES_MAX } from "../limits.ts";
import { measureSchema } from "../measure-schema.ts";
import type { SchemaPlace } from "../references.ts";
import { type Check, Run } from "../run.ts";
import { SchemaFaults } from "../schema-fault.ts";
import { SchemaPatterns } from "../schema-patterns.ts";
import { SampleForm } from "./sample-form.ts";
import { takeApart } from "./schema-parts.ts";

/**
 * A JSON value that looks like one of the schema's: what it gives as an example or as a default, else one made of its keywords.
 * It matches the schema wherever that can be found with few tries; null where the schema makes no sense at all.
 */
export function sampleValue(schema: unknown): unknown {
  const faults = new SchemaFaults();
  measureSchema(schema, faults);
  return faults.first ? null : (new Sampler(schema, faults).sampleRoot() ?? null);
}

/** A value to be tried. A `fixed` one comes for every `nth`: of those, the nth that matches is taken. */
type Candidate = { value: unknown; fixed: boolean };

class Sampler {
  readonly #compiler: SchemaCompiler;
  readonly #run = new Run(SAMPLE_STEPS_MAX, undefined);
  #triesLeft = SAMPLE_TRIES_MAX;
  #charsLeft = SAMPLE_CHARS_MAX;
  /** The schemas that values are being made for, from the outermost on. */
  readonly #open: JsonRecord[] = [];

  constructor(schema: unknown, faults: SchemaFaults) {
    this.#compiler = new SchemaCompiler(schema, new SchemaPatterns(faults, true), faults);
  }

  sampleRoot(): unknown {
    return this.#sample([this.#compiler.document.root], 0, 0);
  }

  /** The nth value that matches all schemas; where none is found, the first that was tried; undefined where nothing was. */
  #sample(places: SchemaPlace[], nth: number, depth: number): unknown {
    if (depth > SAMPLE_DEPTH_MAX || !this.#mayTry()) return undefined;
    const checks = places.map((place) => this.#compiler.compileNow(place));
    let tried: unknown;
    let matching: unknown;
    let skips = nth;
    for (let turn = 0, turns = 1; turn < turns; turn++) {
      const taken = takeApart(places, this.#compiler.document, turn);
      turns = Math.max(turns, taken.turns); // another choice may lead to more of them
      for (const { value, fixed } of this.#candidatesOf(new SampleForm(taken.parts, this.#compiler), nth, depth)) {
        const isGood = !fixed || this.#pay(value);
        if (isGood) tried ??= value;
        if (!this.#mayTry()) return matching ?? tried;
        if (!isGood || !this.#matches(checks, value)) continue;
        if (!fixed || skips === 0) return value;
        skips -= 1;
        matching = value;
      }
    }
    return matching ?? tried;
  }

  #matches(checks: Check[], value: unknown): boolean {
    // Where no steps are left, nothing says that the value does not match.
    return checks.every((check) => check(value, this.#run, undefined) || this.#run.steps < 0);
  }

  #mayTry(): boolean {
    this.#triesLeft -= 1;
    return this.#triesLeft >= 0;
  }

  /** A value that is put together is paid for piece by piece. */
  #pay(piece: unknown): boolean {
    const chars = JSON.stringify(piece).length;
    if (chars > this.#charsLeft) return false;
    this.#charsLeft -= chars;
    return true;
  }

  *#candidatesOf(form: SampleForm, nth: number, depth: number): Generator<Candidate> {
    for (const value of form.given()) yield { value, fixed: true };
    for (const type of form.types()) {
      if (type === "object") {
        for (const scope of ["all", "required"] as const) {
          yield { value: this.#within(form, () => this.#sampleObject(form, scope, nth, depth)), fixed: false };
        }
      } else if (type === "array") {
        yield { value: this.#within(form, () => this.#sampleArray(form, nth, depth)), fixed: false };
      } else {
        for (const value of form.scalars(type)) yield { value, fixed: true };
      }
    }
  }

  #within<T>(form: SampleForm, make: () => T): T {
    this.#open.push(...form.schemas);
    const made = make();
    this.#open.length -= form.schemas.length;
    return made;
  }

  #sampleObject(form: SampleForm, scope: "all" | "required", nth: number, depth: number): JsonRecord {
    const members = new Map<string, unknown>();
    const add = (name: string, isNeeded: boolean): void => {
      const places = form.memberPlaces(name);
      if (members.has(name) || (!isNeeded && this.#isBetterWithout(places))) return;
      const value = form.discriminate(name) ?? this.#sample(places, nth, depth + 1);
      if (value !== undefined) members.set(name, value);
    };
    for (const name of form.required()) add(name, true);
    if (scope === "all")
      for (const name of form.named()) if (members.size < form.most("maxProperties")) add(name, false);
    const least = form.least("minProperties");
    for (const name of least > members.size ? this.#moreNames(form, depth) : []) {
      if (members.size >= Math.min(least, SAMPLE_ITEMS_MAX)) break;
      add(name, true);
    }
    return Object.fromEntries(members);
  }

  /** Names for members that the schema asks for by their number. */
  *#moreNames(form: SampleForm, depth: number): Generator<string> {
    yield* form.named();
    yield* form.patternedNames();
    const places = form.placesOf("propertyNames");
    for (let n = 0; n < SAMPLE_ITEMS_MAX; n++) {
      const name = places.length > 0 ? this.#sample(places, n, depth + 1) : `property${n + 1}`;
      if (typeof name === "string") yield name;
    }
  }

  #sampleArray(form: SampleForm, nth: number, depth: number): unknown[] {
    const contained = form.placesOf("contains");
    const least = Math.max(form.least("minItems"), contained.length > 0 ? 1 : 0);
    const wanted = Math.max(least, form.listedItems(), 1);
    const count = Math.min(wanted, form.most("maxItems"), SAMPLE_ITEMS_MAX);
    const items: unknown[] = [];
    for (let index = 0; index < count; index++) {
      const places = form.itemPlaces(index);
      if (index >= least && this.#isBetterWithout(places)) break;
      const asked = index === 0 ? [...places, ...contained] : places;
      const item = this.#sample(asked, form.isUnique ? nth + index : nth, depth + 1);
      if (item === undefined) break;
      items.push(item);
    }
    return items;
  }

  /** Whether a value that may be left out cannot be made, or would never end. */
  #isBetterWithout(places: SchemaPlace[]): boolean {
    if (this.#triesLeft < 0 || places.some(({ value }) => value === false)) return true;
    const { parts } = takeApart(places, this.#compiler.document, 0);
    return parts.some(({ schema }) => this.#open.includes(schema));
  }
}
