import type { ApiMessage } from "./api-document.ts";
import { bundleSchema, type SchemaBudget } from "./bundle-schema.ts";
import { quote } from "./findings.ts";
import { MESSAGES_PER_CHANNEL_MAX, TITLE_CHARS_MAX, TRAITS_MAX } from "./limits.ts";
import { readObject, readText } from "./read-fields.ts";
import { followReferences, type Place, placeAt, type Source } from "./references.ts";

/** What reading a document's channels needs to know of it, and what it may still spend. */
export type ChannelReading = {
  source: Source;
  major: 2 | 3;
  /** Of the document, for messages that say none. */
  defaultContentType: string | null;
  budget: SchemaBudget;
};

// Schema languages that are JSON Schema, whatever version of AsyncAPI or draft they name.
const JSON_SCHEMA_FORMAT = /^application\/(vnd\.aai\.asyncapi|schema)(\+json|\+yaml)?\s*(;|$)/i;

/** Reads the messages of one channel: what each is called, and where it stands. */
export function readMessages(reading: ChannelReading, places: { name: string; place: Place }[]): ApiMessage[] {
  const { source } = reading;
  const beyond = places[MESSAGES_PER_CHANNEL_MAX];
  if (beyond) {
    const message = `A channel has more than ${MESSAGES_PER_CHANNEL_MAX} messages.`;
    source.findings.error("too-many-messages", beyond.place.path, message);
    return [];
  }
  return places.flatMap(({ name, place }) => {
    const message = readObject(source, place, "The message");
    if (!message) return [];
    const contentType = readTraitedText(reading, message, "contentType") ?? reading.defaultContentType;
    return [{ name, contentType, schema: readPayloadSchema(reading, message) }];
  });
}

/** A message's own word or that of its traits: in 2.x the last trait counts, from 3.0 on the message itself. */
export function readTraitedText(reading: ChannelReading, message: Place, key: string): string | null {
  const { source, major } = reading;
  const traits = placeAt(message, "traits");
  let fromTraits: string | null = null;
  for (let index = 0; traits && index < TRAITS_MAX; index++) {
    const item = placeAt(traits, index);
    const trait = item && readObject(source, item, "The trait");
    if (trait) fromTraits = readText(source, trait, key, TITLE_CHARS_MAX) ?? fromTraits;
  }
  const own = readText(source, message, key, TITLE_CHARS_MAX);
  return major === 2 ? (fromTraits ?? own) : (own ?? fromTraits);
}

/** The JSON Schema of a message's payload; null where it has none, or one in another schema language. */
function readPayloadSchema(reading: ChannelReading, message: Place): unknown {
  const { source, major, budget } = reading;
  const payload = placeAt(message, "payload");
  if (!payload) return null;
  // Where the schema's language is said: beside the payload in 2.x, around the schema from 3.0 on.
  const holder = major === 2 ? message : followReferences(source, payload);
  if (!holder) return null;
  const format = placeAt(holder, "schemaFormat");
  if (format && !(typeof format.value === "string" && JSON_SCHEMA_FORMAT.test(format.value))) {
    const language = typeof format.value === "string" ? quote(format.value) : "no known language";
    const remark = `The schema is in ${language}: the relay keeps it in the document and checks no event against it.`;
    source.findings.info("schema-format", format.path, remark);
    return null;
  }
  const schema = format && major === 3 ? placeAt(holder, "schema") : payload;
  return schema ? (bundleSchema(source, schema, budget) ?? null) : null;
}
