import { never } from "../checks.ts";
import { type JsonRecord, quote } from "../json-value.ts";
import { SCHEMA_QUOTE_CHARS_MAX } from "../limits.ts";
import type { Pattern } from "../patterns/pattern.ts";
import type { Check, Place, Run } from "../run.ts";
import type { Subschemas } from "../subschemas.ts";
import { compileDiscriminator } from "./discriminator.ts";
import { isNames, type Keywords } from "./keywords.ts";

/** What only objects are asked. */
export function compileObjectChecks(keywords: Keywords, subschemas: Subschemas): Check<JsonRecord>[] {
  const checks: Check<JsonRecord>[] = [];
  const least = keywords.count("minProperties");
  if (least !== undefined) {
    const message = `must have ${least} or more properties`;
    checks.push((record, run, at) => namesOf(record, run).length >= least || run.fail(at, "minProperties", message));
  }
  const most = keywords.count("maxProperties");
  if (most !== undefined) {
    const message = `must have ${most} or fewer properties`;
    checks.push((record, run, at) => namesOf(record, run).length <= most || run.fail(at, "maxProperties", message));
  }
  const members = compileMembers(keywords, subschemas);
  const discriminator = compileDiscriminator(keywords, subschemas);
  return [
    ...checks,
    ...(members ? [members] : []),
    ...compileDependencies(keywords, subschemas),
    ...(discriminator ? [discriminator] : []),
  ];
}

/** A step for each name: a large object's are put in order whenever they are asked for. */
function namesOf(record: JsonRecord, run: Run): string[] {
  const names = Object.keys(record);
  run.steps -= names.length;
  return names;
}

/** What the schema says about members: by name, by pattern, about all others, and about every name. */
type MemberRules = {
  named: Map<string, { check: Check | undefined; isRequired: boolean }>;
  patterns: { pattern: Pattern; check: Check }[];
  others: Check | undefined;
  names: Check | undefined;
};

/** `properties`, `patternProperties`, `additionalProperties`, `propertyNames` and `required`, in one pass over the members. */
function compileMembers(keywords: Keywords, subschemas: Subschemas): Check<JsonRecord> | undefined {
  const rules = readMemberRules(keywords, subschemas);
  const required = keywords.names("required") ?? [];
  for (const name of required) rules.named.set(name, { check: rules.named.get(name)?.check, isRequired: true });
  if (rules.named.size + rules.patterns.length === 0 && !rules.others && !rules.names) return undefined;
  const isPlain = rules.patterns.length === 0 && !rules.names;

  return (record, run, at) => {
    const names = namesOf(record, run);
    let isValid = true;
    let missing = required.length;
    for (const name of names) {
      const rule = rules.named.get(name);
      if (rule?.isRequired) missing -= 1;
      const check = rule?.check ?? (isPlain ? rules.others : undefined);
      const isGood = isPlain
        ? check === undefined || check(record[name], run, run.within(at, name))
        : checkMember(rules, check, name, record[name], run, at);
      if (isGood) continue;
      if (!run.goesOn) return false;
      isValid = false;
    }
    return missing === 0 ? isValid : failMissing(required, record, run, at);
  };
}

function readMemberRules(keywords: Keywords, subschemas: Subschemas): MemberRules {
  const named = new Map<string, { check: Check | undefined; isRequired: boolean }>();
  for (const [name, place] of keywords.schemaMap("properties") ?? []) {
    named.set(name, { check: subschemas.compile(place), isRequired: false });
  }
  const patterned = keywords.schemaMap("patternProperties") ?? [];
  const patterns = patterned.flatMap(([source, place]) => {
    const pattern = subschemas.compilePattern(source, place.pointer);
    return pattern ? [{ pattern, check: subschemas.compile(place) }] : [];
  });
  const additional = keywords.schema("additionalProperties");
  // Where a pattern is left unchecked, nobody knows which members are the others.
  const hasOthers = additional !== undefined && patterns.length === patterned.length;
  const isForbidden = additional?.value === false;
  const others = hasOthers && (isForbidden ? never("additionalProperties") : subschemas.compile(additional));
  const names = keywords.schema("propertyNames");
  return { named, patterns, others: others || undefined, names: names && subschemas.compile(names) };
}

/** What a schema with patterns, or with a rule about names, asks of a member; `check` is what it asks of that name. */
function checkMember(
  rules: MemberRules,
  check: Check | undefined,
  name: string,
  value: unknown,
  run: Run,
  at: Place,
): boolean {
  const place = run.within(at, name);
  let isValid = check === undefined || check(value, run, place);
  let isOther = check === undefined;
  for (const patterned of rules.patterns) {
    if (!patterned.pattern.matches(name, run)) continue;
    isOther = false;
    if (!patterned.check(value, run, place)) isValid = false;
  }
  if (isOther && rules.others && !rules.others(value, run, place)) isValid = false;
  if (rules.names && !run.ask(rules.names, name)) {
    isValid = run.fail(place, "propertyNames", "has a name that the schema excludes");
  }
  return isValid;
}

function failMissing(required: string[], record: JsonRecord, run: Run, at: Place): false {
  for (const name of required) {
    if (!run.goesOn) return false;
    if (!Object.hasOwn(record, name)) run.fail(at, "required", `must have ${quote(name, SCHEMA_QUOTE_CHARS_MAX)}`);
  }
  return false;
}

/** `dependencies`: what must be so when a member is there. */
function compileDependencies(keywords: Keywords, subschemas: Subschemas): Check<JsonRecord>[] {
  return (keywords.schemaMap("dependencies", "lists") ?? []).map(([name, place]) => {
    if (!isNames(place.value)) {
      const check = subschemas.compileInPlace(place);
      return (record, run, at) => {
        run.steps -= 1;
        return !Object.hasOwn(record, name) || check(record, run, at);
      };
    }
    const needed = place.value;
    const because = `because it has ${quote(name, SCHEMA_QUOTE_CHARS_MAX)}`;
    return (record, run, at) => {
      run.steps -= 1 + needed.length;
      const missing = Object.hasOwn(record, name) && needed.find((other) => !Object.hasOwn(record, other));
      if (typeof missing !== "string") return true;
      return run.fail(at, "dependencies", `must have ${quote(missing, SCHEMA_QUOTE_CHARS_MAX)}, ${because}`);
    };
  });
}
