import { REFERENCE_HOPS_MAX } from "../limits.ts";
import type { Findings, Path } from "./findings.ts";
import { isRecord, memberOf } from "./json-values.ts";

/** A value and where it stands in the document. */
export type Place = { value: unknown; path: Path };

/** Identifies a value by where it stands, so that references to it can be compared. */
export const identityOf = (place: Place): string => JSON.stringify(place.path);

/** The document that is being read, and where to say what is wrong with it. */
export type Source = {
  root: unknown;
  findings: Findings;
  /** What each `$ref` has led to: a schema of many references is copied for each message that uses it. */
  targets: Map<string, Place | undefined>;
  /** Where the schemas stand that were tried out: many messages may use one. */
  checkedSchemas: Set<string>;
};

export const newSource = (root: unknown, findings: Findings): Source => ({
  root,
  findings,
  targets: new Map(),
  checkedSchemas: new Set(),
});

export function placeAt(place: Place, key: string | number): Place | undefined {
  const member = memberOf(place.value, key);
  return member && { value: member.value, path: [...place.path, key] };
}

/** The text of a Reference Object's `$ref`. A member of that name that is no text is none. */
export function referenceOf(value: unknown): string | undefined {
  const ref = isRecord(value) ? memberOf(value, "$ref")?.value : undefined;
  return typeof ref === "string" ? ref : undefined;
}

/**
 * Follows references within the document until there is a value. undefined where they lead out of the document or nowhere,
 * which AsyncAPI's own rules refuse; and, with a finding, where they lead round in a circle.
 */
export function followReferences(source: Source, from: Place): Place | undefined {
  return follow(source, from, { from, hops: 0 });
}

/** One count for all hops of one question: a pointer may lead through references, which are followed by pointers. */
type Trail = { from: Place; hops: number };

function follow(source: Source, start: Place, trail: Trail): Place | undefined {
  let place: Place | undefined = start;
  for (let ref = referenceOf(start.value); place && ref !== undefined; ref = place && referenceOf(place.value)) {
    trail.hops += 1;
    if (trail.hops > REFERENCE_HOPS_MAX) {
      const message = "The reference leads to no value: it goes round in a circle.";
      source.findings.add("relay-reference-circular", trail.from.path, message);
      return undefined;
    }
    place = findTarget(source, ref, trail);
  }
  return place;
}

function findTarget(source: Source, ref: string, trail: Trail): Place | undefined {
  if (!ref.startsWith("#")) return undefined;
  if (!source.targets.has(ref)) source.targets.set(ref, walkPointer(source, ref.slice(1), trail));
  return source.targets.get(ref);
}

/** Goes where a pointer says, and on through references that stand in its way. */
function walkPointer(source: Source, fragment: string, trail: Trail): Place | undefined {
  const keys = readPointer(fragment);
  if (!keys) return undefined;
  let place: Place | undefined = { value: source.root, path: [] };
  for (const key of keys) {
    const next: Place | undefined = placeAt(place, key);
    const beyond: Place | undefined = next ? undefined : follow(source, place, trail);
    place = next ?? (beyond && placeAt(beyond, key));
    if (!place) return undefined;
  }
  return place;
}

/** A JSON Pointer in a URI fragment (RFC 6901 §6); undefined where it is malformed. */
export function readPointer(fragment: string): string[] | undefined {
  const pointer = decodePercent(fragment);
  if (pointer === "") return [];
  if (!pointer?.startsWith("/") || /~(?![01])/.test(pointer)) return undefined;
  return pointer
    .slice(1)
    .split("/")
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function decodePercent(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // a "%" that escapes nothing
  }
}
