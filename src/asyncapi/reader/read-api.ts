import type { ApiDocument } from "../api-document.ts";
import { DESCRIPTION_CHARS_MAX, TAGS_MAX, TITLE_CHARS_MAX } from "../limits.ts";
import { newSchemaBudget } from "./bundle-schema.ts";
import { type Finding, Findings } from "./findings.ts";
import { Heirs } from "./heirs.ts";
import { isRecord } from "./json-values.ts";
import { readChannels } from "./read-channels.ts";
import { readName, readObject, readText } from "./read-fields.ts";
import { newSource, type Place, placeAt, type Source } from "./references.ts";

/** What the relay takes from a document, and which of its own rules the document breaks. */
export type Reading = {
  /** null: it cannot be read. */ api: ApiDocument | null;
  findings: Finding[];
};

// The rules ask one after the other for the same reading of a document.
const readings = new WeakMap<object, Reading>();

/**
 * Reads a document's value, its references not followed. What AsyncAPI's own rules refuse is passed over here: the reading means
 * something only where they found no error.
 */
export function readApi(document: object): Reading {
  const known = readings.get(document);
  if (known) return known;
  const findings = new Findings();
  const api = tryRead(newSource(document, findings));
  const reading = { api, findings: findings.all };
  readings.set(document, reading);
  return reading;
}

/** The parser's objects keep their keys in order by a proxy, which throws where a key is `__proto__`: the parser itself stumbles there too. */
function tryRead(source: Source): ApiDocument | null {
  try {
    return readRoot(source);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return null;
  }
}

function readRoot(source: Source): ApiDocument {
  const root: Place = { value: source.root, path: [] };
  const specVersion = readText(source, root, "asyncapi", TITLE_CHARS_MAX) ?? "";
  const major = specVersion.startsWith("2.") ? 2 : 3;
  const entry = placeAt(root, "info");
  const info = (entry && readObject(source, entry)) ?? { value: {}, path: ["info"] };
  const contact = placeAt(info, "contact");
  if (!contact) source.findings.add("relay-contact", info.path, "The document names no contact.");
  return {
    specVersion,
    title: readName(source, info, "title"),
    version: readName(source, info, "version"),
    description: readText(source, info, "description", DESCRIPTION_CHARS_MAX),
    tags: readTags(source, major === 2 ? root : info),
    channels: readChannels({
      source,
      major,
      defaultContentType: readText(source, root, "defaultContentType", TITLE_CHARS_MAX),
      heirs: new Heirs(source),
      budget: newSchemaBudget(),
    }),
  };
}

/** The names of an API's tags, each once. */
function readTags(source: Source, holder: Place): string[] {
  const place = placeAt(holder, "tags");
  const tags = place && Array.isArray(place.value) ? place.value : [];
  if (tags.length === 0) source.findings.add("relay-tags", holder.path, "The document has no tags.");
  if (place && tags.length > TAGS_MAX) {
    source.findings.add("relay-too-many-tags", place.path, `The document has more than ${TAGS_MAX} tags.`);
    return [];
  }
  const names = tags.flatMap((value, index) => {
    const tag = readObject(source, { value, path: [...holder.path, "tags", index] });
    return (tag && isRecord(tag.value) && readText(source, tag, "name", TITLE_CHARS_MAX)) || [];
  });
  return [...new Set(names)];
}
