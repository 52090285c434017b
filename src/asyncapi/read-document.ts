import { err, ok, type Result } from "../kernel/result.ts";
import type { ApiDocument } from "./api-document.ts";
import { newSchemaBudget } from "./bundle-schema.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { quote } from "./findings.ts";
import { isRecord } from "./json-values.ts";
import { DESCRIPTION_CHARS_MAX, TAGS_MAX, TITLE_CHARS_MAX } from "./limits.ts";
import { parseText } from "./parse-text.ts";
import { readChannels } from "./read-channels.ts";
import { readName, readObject, readText } from "./read-fields.ts";
import { newSource, type Place, placeAt, type Source } from "./references.ts";

export type { ApiChannel, ApiDocument, ApiMessage } from "./api-document.ts";
export type { Diagnostic } from "./diagnostic.ts";

export type DocumentInvalid = { reason: "document_invalid"; diagnostics: Diagnostic[] };

const SPEC_VERSION = /^(?:(2)\.[0-6]|(3)\.[01])\.\d{1,3}$/;

/**
 * The door of this room: reads an AsyncAPI 2.0–2.6, 3.0 or 3.1 document, YAML or JSON. Bounded whatever the text, never
 * throws, never fetches. The diagnostics of a document that can be used are in it.
 */
export function readDocument(text: string): Result<ApiDocument, DocumentInvalid> {
  const { value, findings } = parseText(text);
  const document = findings.failed ? undefined : readRoot(newSource(value, findings));
  const { diagnostics } = findings;
  return findings.failed || !document
    ? err({ reason: "document_invalid", diagnostics })
    : ok({ ...document, diagnostics });
}

function readRoot(source: Source): Omit<ApiDocument, "diagnostics"> | undefined {
  const root: Place = { value: source.root, path: [] };
  const spec = readSpecVersion(source, root);
  if (!spec) return undefined;
  const { specVersion, major } = spec;

  const entry = placeAt(root, "info");
  if (!entry) source.findings.error("missing", [], '"info" is missing.');
  const info = entry && readObject(source, entry, '"info"');
  const about = info && {
    title: readName(source, info, "title", TITLE_CHARS_MAX),
    version: readName(source, info, "version", TITLE_CHARS_MAX),
    description: readText(source, info, "description", DESCRIPTION_CHARS_MAX),
  };
  const tags = info ? readTags(source, placeAt(major === 2 ? root : info, "tags")) : [];
  const defaultContentType = readText(source, root, "defaultContentType", TITLE_CHARS_MAX);
  const channels = readChannels({ source, major, defaultContentType, budget: newSchemaBudget() });
  return about && { specVersion, ...about, tags, channels };
}

function readSpecVersion(source: Source, root: Place): { specVersion: string; major: 2 | 3 } | undefined {
  const { findings } = source;
  if (!isRecord(root.value) || !placeAt(root, "asyncapi")) {
    findings.error(
      "not-asyncapi",
      [],
      'This is no AsyncAPI document: at its top an object has to say "asyncapi" and a version.',
    );
    return undefined;
  }
  const specVersion = readText(source, root, "asyncapi", TITLE_CHARS_MAX);
  if (specVersion === null) return undefined;
  const match = SPEC_VERSION.exec(specVersion);
  if (!match) {
    const message = `AsyncAPI ${quote(specVersion)} is not supported: the relay reads 2.0.0 to 2.6.0, 3.0.0 and 3.1.0.`;
    findings.error("asyncapi-version", ["asyncapi"], message);
    return undefined;
  }
  return { specVersion, major: match[1] ? 2 : 3 };
}

/** The names of an API's tags, each once. */
function readTags(source: Source, place: Place | undefined): string[] {
  if (!place) return [];
  if (!Array.isArray(place.value)) {
    source.findings.error("not-a-list", place.path, '"tags" is not a list.');
    return [];
  }
  if (place.value.length > TAGS_MAX) {
    source.findings.error("too-many-tags", place.path, `The document has more than ${TAGS_MAX} tags.`);
    return [];
  }
  const names = place.value.flatMap((value, index) => {
    const tag = readObject(source, { value, path: [...place.path, index] }, "The tag");
    return tag ? readName(source, tag, "name", TITLE_CHARS_MAX) : [];
  });
  return [...new Set(names)];
}
