import { quote } from "./findings.ts";
import { isRecord } from "./json-values.ts";
import { followReferences, type Place, placeAt, type Source } from "./references.ts";

const CONTROL = /\p{Cc}/u;

/** An object, what it may refer to followed; undefined, and a finding, where it is none. */
export function readObject(source: Source, place: Place, what: string): Place | undefined {
  const target = followReferences(source, place);
  if (!target || isRecord(target.value)) return target;
  source.findings.error("not-an-object", target.path, `${what} is not an object.`);
  return undefined;
}

/** The members of an object that may be missing. */
export function readMembers(source: Source, place: Place | undefined, what: string): [string, Place][] {
  const object = place && readObject(source, place, what);
  if (!object || !isRecord(object.value)) return [];
  return Object.entries(object.value).map(([key, value]) => [key, { value, path: [...object.path, key] }]);
}

/** A text that may be missing; null, and a finding, where it is no text or too long. */
export function readText(source: Source, holder: Place, key: string, charsMax: number): string | null {
  const place = placeAt(holder, key);
  if (!place) return null;
  if (typeof place.value !== "string") {
    source.findings.error(
      "not-a-text",
      place.path,
      `${quote(key)} is not a text. Put it in quotes if it looks like a number.`,
    );
    return null;
  }
  if (place.value.length > charsMax) {
    source.findings.error("text-too-long", place.path, `${quote(key)} has more than ${charsMax} characters.`);
    return null;
  }
  return place.value;
}

/** A text of one line that must be there. */
export function readName(source: Source, holder: Place, key: string, charsMax: number): string {
  const found = placeAt(holder, key);
  const text = readText(source, holder, key, charsMax)?.trim();
  if (text === undefined) {
    if (!found) source.findings.error("missing", holder.path, `${quote(key)} is missing.`);
    return "";
  }
  const path = [...holder.path, key];
  if (text === "") source.findings.error("empty", path, `${quote(key)} is empty.`);
  if (CONTROL.test(text)) source.findings.error("control-character", path, `${quote(key)} has a control character.`);
  return text;
}
