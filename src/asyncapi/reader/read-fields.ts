import { TITLE_CHARS_MAX } from "../limits.ts";
import { quote } from "./findings.ts";
import { isRecord } from "./json-values.ts";
import { followReferences, type Place, placeAt, type Source } from "./references.ts";

const CONTROL = /\p{Cc}/u;

/** An object, what it may refer to followed; undefined where it is none. */
export function readObject(source: Source, place: Place): Place | undefined {
  const target = followReferences(source, place);
  return target && isRecord(target.value) ? target : undefined;
}

/** The members of an object that may be missing. */
export function readMembers(source: Source, place: Place | undefined): [string, Place][] {
  const object = place && readObject(source, place);
  if (!object || !isRecord(object.value)) return [];
  return Object.entries(object.value).map(([key, value]) => [key, { value, path: [...object.path, key] }]);
}

/** A text that may be missing; null, and a finding, where it is too long. */
export function readText(source: Source, holder: Place, key: string, charsMax: number): string | null {
  const place = placeAt(holder, key);
  if (typeof place?.value !== "string") return null;
  if (place.value.length <= charsMax) return place.value;
  source.findings.add("relay-text-too-long", place.path, `${quote(key)} has more than ${charsMax} characters.`);
  return null;
}

/** A text of one line that must be there. */
export function readName(source: Source, holder: Place, key: string): string {
  const place = placeAt(holder, key);
  const name = typeof place?.value === "string" ? place.value.trim() : undefined;
  if (!place || name === undefined) return "";
  const refuse = (fault: string) => source.findings.add("relay-name", place.path, `${quote(key)} ${fault}.`);
  if (name === "") refuse("is empty");
  if (name.length > TITLE_CHARS_MAX) refuse(`has more than ${TITLE_CHARS_MAX} characters`);
  if (CONTROL.test(name)) refuse("has a control character");
  return name;
}
