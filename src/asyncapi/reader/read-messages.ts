import { compileSchema } from "../../json-schema/compile-schema.ts";
import type { ApiMessage } from "../api-document.ts";
import { CountedPatterns } from "../counted-patterns.ts";
import { EXAMPLES_KEPT_MAX, MESSAGES_PER_CHANNEL_MAX, TITLE_CHARS_MAX, TRAITS_MAX } from "../limits.ts";
import { type Bundling, bundleSchema, payForExample } from "./bundle-schema.ts";
import { quote } from "./findings.ts";
import { checkHeaderNames } from "./header-names.ts";
import { readObject, readText } from "./read-fields.ts";
import { followReferences, type Place, placeAt, type Source } from "./references.ts";

/** What reading a document's channels needs to know of it, and what it may still spend. */
export type ChannelReading = Bundling & {
  major: 2 | 3;
  /** Of the document, for messages that say none. */
  defaultContentType: string | null;
};

// What the relay checks payloads against: AsyncAPI's own schemas, and JSON Schema draft-07.
const CHECKED_FORMAT =
  /^application\/(?:vnd\.aai\.asyncapi(?:\+json|\+yaml)?(?:\s*;.*)?|schema(?:\+json|\+yaml)?(?:\s*;\s*version="?draft-0?7"?)?)\s*$/i;
const JSON_MEDIA_TYPE = /^application\/(?:[^;\s]+\+)?json\s*(?:;|$)/i;

/** Reads the messages of one channel: what each is called, and where it stands. */
export function readMessages(reading: ChannelReading, places: { name: string; place: Place }[]): ApiMessage[] {
  const { source } = reading;
  const beyond = places[MESSAGES_PER_CHANNEL_MAX];
  if (beyond) {
    const message = `A channel has more than ${MESSAGES_PER_CHANNEL_MAX} messages.`;
    source.findings.add("relay-too-many-messages", beyond.place.path, message);
    return [];
  }
  return places.flatMap(({ name, place }) => {
    const message = readObject(source, place);
    if (!message) return [];
    const contentType = readTraitedText(reading, message, "contentType") ?? reading.defaultContentType;
    if (contentType !== null && !JSON_MEDIA_TYPE.test(contentType)) {
      const fault = `The message ${quote(name)} is ${quote(contentType)}: the relay takes only JSON.`;
      source.findings.add("relay-content-type", message.path, fault);
    }
    for (const part of [message, ...readTraits(reading, message)]) checkHeaderNames(source, part);
    const schema = readPayloadSchema(reading, message);
    return [{ name, contentType, schema, examples: readExamples(reading, message) }];
  });
}

function readTraits({ source }: ChannelReading, message: Place): Place[] {
  const traits = placeAt(message, "traits");
  if (!traits || !Array.isArray(traits.value)) return [];
  return traits.value.slice(0, TRAITS_MAX).flatMap((value, index) => {
    return readObject(source, { value, path: [...traits.path, index] }) ?? [];
  });
}

/** A message's own word or that of its traits: in 2.x the last trait counts, from 3.0 on the message itself. */
export function readTraitedText(reading: ChannelReading, message: Place, key: string): string | null {
  const { source, major } = reading;
  const words = readTraits(reading, message).map((trait) => readText(source, trait, key, TITLE_CHARS_MAX));
  const fromTraits = words.findLast((word) => word !== null) ?? null;
  const own = readText(source, message, key, TITLE_CHARS_MAX);
  return major === 2 ? (fromTraits ?? own) : (own ?? fromTraits);
}

/** The payloads of a message's first examples. */
function readExamples({ source, budget }: ChannelReading, message: Place): unknown[] {
  const examples = placeAt(message, "examples");
  if (!examples || !Array.isArray(examples.value)) return [];
  return examples.value.slice(0, EXAMPLES_KEPT_MAX).flatMap((value, index) => {
    const example = readObject(source, { value, path: [...examples.path, index] });
    const payload = example && placeAt(example, "payload");
    return payload && payForExample(budget, payload.value) ? [payload.value] : [];
  });
}

/** The JSON Schema of a message's payload; null where it has none, or one in another schema language. */
function readPayloadSchema(reading: ChannelReading, message: Place): unknown {
  const { source, major } = reading;
  const payload = placeAt(message, "payload");
  if (!payload) return null;
  // Where the schema's language is said: beside the payload in 2.x, around the schema from 3.0 on.
  const holder = major === 2 ? message : followReferences(source, payload);
  if (!holder) return null;
  const format = placeAt(holder, "schemaFormat");
  if (format && !(typeof format.value === "string" && CHECKED_FORMAT.test(format.value))) {
    const language = typeof format.value === "string" ? quote(format.value) : "no known language";
    const remark = `The schema is in ${language}: the relay keeps it in the document and checks no event against it.`;
    source.findings.add("relay-schema-format", format.path, remark);
    return null;
  }
  const place = format && major === 3 ? placeAt(holder, "schema") : payload;
  if (!place) return null;
  const schema = bundleSchema(reading, place);
  if (schema === undefined) return null;
  checkUse(source, place, schema);
  return schema;
}

/** Finds what keeps a schema, or a part of it, from being checked when something is published; each schema is looked at once. */
function checkUse(source: Source, place: Place, schema: unknown): void {
  const { path } = followReferences(source, place) ?? place;
  const identity = JSON.stringify(path);
  if (source.checkedSchemas.has(identity)) return;
  source.checkedSchemas.add(identity);
  const compiled = compileSchema(schema, { badPatterns: "leave", patterns: new CountedPatterns() });
  const faults = compiled.ok ? compiled.value.uncheckedPatterns : [compiled.error];
  for (const { pointer, message } of faults) {
    const where = pointer === "" ? "" : ` at ${quote(pointer)}`;
    source.findings.add("relay-schema-unchecked", path, `Not checked at publish${where}: ${message}.`);
  }
}
