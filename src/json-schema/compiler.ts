import { ALWAYS, all, never } from "./checks.ts";
import { Inheritance } from "./inheritance.ts";
import { isRecord, type JsonRecord, ownMember } from "./json-value.ts";
import { compileArrayChecks } from "./keywords/array-keywords.ts";
import { Keywords } from "./keywords/keywords.ts";
import { compileLogicChecks } from "./keywords/logic-keywords.ts";
import { compileNumberChecks } from "./keywords/number-keywords.ts";
import { compileObjectChecks } from "./keywords/object-keywords.ts";
import { compileStringChecks } from "./keywords/string-keywords.ts";
import { compileTypeCheck, compileValueChecks } from "./keywords/value-keywords.ts";
import { REFERENCE_HOPS_MAX } from "./limits.ts";
import type { Pattern } from "./patterns/pattern.ts";
import { SchemaDocument, type SchemaPlace } from "./references.ts";
import type { Check } from "./run.ts";
import type { SchemaFaults } from "./schema-fault.ts";
import type { SchemaPatterns } from "./schema-patterns.ts";
import type { Subschemas } from "./subschemas.ts";

/** One schema object. `inPlace`: the schemas that it applies to the same value, each with the place where it says so. */
type SchemaNode = {
  place: SchemaPlace;
  check: Check;
  state: "new" | "building" | "built";
  inPlace: { node: SchemaNode; pointer: string }[];
};

/** Turns schemas into closures, each once, as far as the root leads to them. */
export class SchemaCompiler implements Subschemas {
  readonly document: SchemaDocument;
  readonly #faults: SchemaFaults;
  readonly #patterns: SchemaPatterns;
  readonly #nodes = new Map<object, SchemaNode>();
  /** What references lead to is built after what refers to it: a long chain of references is no deep recursion. */
  readonly #waiting: SchemaNode[] = [];
  #current: SchemaNode | undefined;
  #inheritance: Inheritance | undefined;

  constructor(schema: unknown, patterns: SchemaPatterns, faults: SchemaFaults) {
    this.document = new SchemaDocument(schema, faults);
    this.#patterns = patterns;
    this.#faults = faults;
  }

  get inheritance(): Inheritance {
    this.#inheritance ??= new Inheritance(this.document);
    return this.#inheritance;
  }

  compileRoot(): Check {
    const check = this.compileNow(this.document.root);
    this.#refuseCircles();
    return check;
  }

  /** The check of any schema of the document, with all that it leads to. */
  compileNow(place: SchemaPlace): Check {
    const check = this.compile(place);
    for (let node = this.#waiting.pop(); node; node = this.#waiting.pop()) this.#build(node);
    return check;
  }

  compile(place: SchemaPlace): Check {
    if (place.value === true) return ALWAYS;
    if (place.value === false) return never("false");
    const node = this.#nodeOf(place);
    if (!node) return ALWAYS;
    this.#build(node);
    return node.state === "built" ? node.check : (value, run, at) => node.check(value, run, at);
  }

  compileInPlace(place: SchemaPlace): Check {
    const check = this.compile(place);
    this.#addEdge(place, place.pointer);
    return check;
  }

  compileLater(place: SchemaPlace): Check {
    const node = this.#nodeOf(place);
    if (!node) return this.compile(place);
    this.#waiting.push(node);
    return (value, run, at) => node.check(value, run, at);
  }

  compilePattern(source: string, pointer: string): Pattern | undefined {
    return this.#patterns.compile(source, pointer);
  }

  fault(pointer: string, message: string): void {
    this.#faults.add("schema_malformed", pointer, message);
  }

  #build(node: SchemaNode): void {
    if (node.state !== "new") return;
    node.state = "building";
    const outer = this.#current;
    this.#current = node;
    const schema = node.place.value as JsonRecord;
    const keywords = new Keywords(node.place, schema, this.document, this.#faults);
    const reference = keywords.value("$ref");
    node.check = reference === undefined ? this.#compileKeywords(keywords) : this.#compileReference(keywords);
    this.#current = outer;
    node.state = "built";
  }

  /** Draft-07 §8.3: what stands beside a `$ref` means nothing. */
  #compileReference(keywords: Keywords): Check {
    const reference = keywords.text("$ref");
    const target = reference === undefined ? undefined : this.#follow(reference, keywords.place);
    if (!target) return ALWAYS;
    this.#addEdge(target, keywords.pointerTo("$ref"));
    return this.compileLater(target);
  }

  /** What a reference leads to in the end: a check of its own for each one on the way would be a stack without bound. */
  #follow(reference: string, from: SchemaPlace): SchemaPlace | undefined {
    let target = this.document.resolve(reference, from);
    for (let hops = 1; target && isRecord(target.value); hops++) {
      const next = ownMember(target.value, "$ref");
      if (typeof next !== "string") return target;
      if (hops > REFERENCE_HOPS_MAX) {
        const message = "the reference leads to no schema: it goes round in a circle, or on and on";
        this.#faults.add("reference_circular", `${from.pointer}/$ref`, message);
        return undefined;
      }
      target = this.document.resolve(next, target);
    }
    return target;
  }

  #compileKeywords(keywords: Keywords): Check {
    const type = compileTypeCheck(keywords);
    const general = all([...compileValueChecks(keywords), ...compileLogicChecks(keywords, this)]);
    const text = all(compileStringChecks(keywords, this));
    const number = all(compileNumberChecks(keywords));
    const array = all(compileArrayChecks(keywords, this));
    const record = all(compileObjectChecks(keywords, this));

    // One function for all: a value as deep as an event may be has one such frame a level.
    return (value, run, at) => {
      if (!run.enter(value)) return false;
      let isValid = true;
      // What has the wrong type is not looked at further: the rest of the schema was not written for it.
      if (type && !type(value, run, at)) isValid = false;
      else {
        if (typeof value === "string") isValid = text === undefined || text(value, run, at);
        else if (typeof value === "number") isValid = number === undefined || number(value, run, at);
        else if (Array.isArray(value)) isValid = array === undefined || array(value, run, at);
        else if (typeof value === "object" && value !== null) {
          isValid = record === undefined || record(value as JsonRecord, run, at);
        }
        if (general && (isValid || run.goesOn)) isValid = general(value, run, at) && isValid;
      }
      run.leave();
      return isValid;
    };
  }

  #nodeOf(place: SchemaPlace): SchemaNode | undefined {
    if (!isRecord(place.value)) {
      if (typeof place.value !== "boolean") this.fault(place.pointer, "a schema is an object, true or false");
      return undefined;
    }
    const known = this.#nodes.get(place.value);
    if (known) return known;
    const node: SchemaNode = { place, check: ALWAYS, state: "new", inPlace: [] };
    this.#nodes.set(place.value, node);
    return node;
  }

  #addEdge(place: SchemaPlace, pointer: string): void {
    const node = isRecord(place.value) ? this.#nodeOf(place) : undefined;
    if (node) this.#current?.inPlace.push({ node, pointer });
  }

  /** A schema that comes back to itself without going into the value would never end. */
  #refuseCircles(): void {
    const done = new Set<SchemaNode>();
    for (const start of this.#nodes.values()) {
      const path = new Set<SchemaNode>();
      // Each entry is a schema that is being left, or an edge that is still to be followed.
      const pending: ({ leave: SchemaNode } | { node: SchemaNode; pointer: string })[] = [{ node: start, pointer: "" }];
      for (let next = pending.pop(); next; next = pending.pop()) {
        if ("leave" in next) {
          path.delete(next.leave);
          done.add(next.leave);
          continue;
        }
        if (path.has(next.node)) {
          this.#faults.add("reference_circular", next.pointer, "the schema refers to itself without end");
          return;
        }
        if (done.has(next.node)) continue;
        path.add(next.node);
        pending.push({ leave: next.node });
        for (const edge of next.node.inPlace) pending.push(edge);
      }
    }
  }
}
