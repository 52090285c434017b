import { CHANNELS_PER_API_MAX } from "../../kernel/limits.ts";
import type { ApiChannel, ApiMessage, ApiParameter } from "../api-document.ts";
import { DESCRIPTION_CHARS_MAX, MESSAGES_PER_CHANNEL_MAX, TITLE_CHARS_MAX } from "../limits.ts";
import { bundleSchema, startChannel } from "./bundle-schema.ts";
import { checkCollisions, parametersOf, readAddress } from "./channel-address.ts";
import { type Path, quote } from "./findings.ts";
import { readMembers, readObject, readText } from "./read-fields.ts";
import { type ChannelReading, readMessages, readTraitedText } from "./read-messages.ts";
import { type Direction, readDirections } from "./read-operations.ts";
import { followReferences, identityOf, type Place, placeAt } from "./references.ts";

/** Every channel that the API sends to, with all messages that may be published to it. */
export function readChannels(reading: ChannelReading): ApiChannel[] {
  const { source, major } = reading;
  const { findings } = source;
  const place = placeAt({ value: source.root, path: [] }, "channels");
  const entries = readMembers(source, place);
  if (entries.length === 0) {
    const message = "The document has no channels: there would be nothing to publish to.";
    findings.add("relay-channels-missing", place?.path ?? [], message);
  }
  if (entries.length > CHANNELS_PER_API_MAX) {
    const message = `The document has ${entries.length} channels; an API may have ${CHANNELS_PER_API_MAX}.`;
    findings.add("relay-too-many-channels", place?.path ?? [], message);
    return [];
  }
  const channels = entries.flatMap(([key, entry]) => {
    const channel = readObject(source, entry);
    return channel ? { key, entry, channel } : [];
  });
  const sent = findSent(reading, channels);
  if (entries.length > 0 && sent.length === 0) {
    const operation = major === 2 ? "with an operation `subscribe`" : "that an operation with `action: send` is for";
    findings.add("relay-nothing-sent", place?.path ?? [], `There is no channel ${operation}: nothing to publish to.`);
  }
  const found = sent.flatMap((channel) => readChannel(reading, channel) ?? []);
  checkCollisions(found, findings);
  return found.map(({ path: _, ...channel }) => channel);
}

type FoundChannel = { key: string; entry: Place; channel: Place };
type SentChannel = FoundChannel & { direction: Extract<Direction, { isSent: true }> };

function findSent({ source, major }: ChannelReading, channels: FoundChannel[]): SentChannel[] {
  const directionOf = readDirections(
    source,
    major,
    channels.map(({ channel }) => channel),
  );
  return channels.flatMap((found) => {
    const direction = directionOf(found.channel);
    if (direction.isSent) return { ...found, direction };
    const message = `Nothing is sent to the channel ${quote(found.key)}: it cannot be published or subscribed to here.`;
    source.findings.add("relay-channel-not-sent", found.entry.path, message);
    return [];
  });
}

function readChannel(
  reading: ChannelReading,
  { key, entry, channel, direction }: SentChannel,
): (ApiChannel & { path: Path }) | undefined {
  const { source, major, budget } = reading;
  const named = major === 2 ? { text: key, path: entry.path } : findAddress(reading, key, channel);
  const address = named && readAddress(named.text, named.path, source.findings);
  startChannel(budget);
  const messages =
    major === 2 ? readOperationMessages(reading, channel) : readChannelMessages(reading, channel, direction.messages);
  const title = readText(source, channel, "title", TITLE_CHARS_MAX);
  const description =
    readText(source, channel, "description", DESCRIPTION_CHARS_MAX) ??
    readText(source, channel, "summary", DESCRIPTION_CHARS_MAX);
  if (!named || address === undefined) return undefined;
  const parameters = readParameters(reading, channel, address);
  return { address, title, description, messages, parameters, path: named.path };
}

/** The parameters of an address in their order, each with the schema of its values where one is declared. */
function readParameters(reading: ChannelReading, channel: Place, address: string): ApiParameter[] {
  const { source, major } = reading;
  const declared = new Map(readMembers(source, placeAt(channel, "parameters")));
  return parametersOf(address).map((name) => {
    const entry = declared.get(name);
    const parameter = entry && readObject(source, entry);
    if (!parameter) return { name, schema: null };
    const schema = placeAt(parameter, "schema");
    if (major === 2) return { name, schema: schema ? (bundleSchema(reading, schema) ?? null) : null };
    return { name, schema: schemaOfParameter(parameter) };
  });
}

/** From 3.0 on a parameter is a text, and what is said of it has the names that JSON Schema gives it. */
function schemaOfParameter(parameter: Place): unknown {
  const keywords = ["description", "enum", "default", "examples"].flatMap((keyword) => {
    const place = placeAt(parameter, keyword);
    return place ? [[keyword, place.value] as const] : [];
  });
  return keywords.length === 0 ? null : { type: "string", ...Object.fromEntries(keywords) };
}

/** From 3.0 on a channel's key is only its name in the document, and its address may be unknown. */
function findAddress(
  { source: { findings } }: ChannelReading,
  key: string,
  channel: Place,
): { text: string; path: Path } | undefined {
  const place = placeAt(channel, "address");
  if (!place) {
    const remark = `The channel has no address: the relay takes its key, ${quote(key)}.`;
    findings.add("relay-channel-address-missing", channel.path, remark);
    return { text: key, path: channel.path };
  }
  if (typeof place.value === "string") return { text: place.value, path: place.path };
  const fault = place.value === null ? "is unknown (null): nothing can be published to it" : "is not a text";
  findings.add("relay-channel-address", place.path, `The address of the channel ${quote(key)} ${fault}.`);
  return undefined;
}

function readChannelMessages(reading: ChannelReading, channel: Place, sent: Set<string> | null): ApiMessage[] {
  const { source } = reading;
  const entries = readMembers(source, placeAt(channel, "messages")).map(([name, place]) => ({ name, place }));
  // An operation may refer to a message of the channel, or to what that one refers to.
  const isSent = ({ place }: { place: Place }): boolean => {
    const target = followReferences(source, place);
    return !sent || sent.has(identityOf(place)) || (target !== undefined && sent.has(identityOf(target)));
  };
  return readMessages(reading, entries.filter(isSent));
}

/** In 2.x messages belong to operations. */
function readOperationMessages(reading: ChannelReading, channel: Place): ApiMessage[] {
  const { source } = reading;
  const entry = placeAt(channel, "subscribe");
  const operation = entry && readObject(source, entry);
  const message = operation && placeAt(operation, "message");
  const found = new Map<string, { name: string; place: Place }>();
  const names = new Set<string>();
  for (const place of message ? listAlternatives(reading, message) : []) {
    if (found.has(identityOf(place))) continue;
    found.set(identityOf(place), { name: makeUnique(nameMessage(reading, place), names), place });
  }
  return readMessages(reading, [...found.values()]);
}

/** A message, or each of those it is `oneOf`. */
function listAlternatives({ source }: ChannelReading, entry: Place): Place[] {
  const message = readObject(source, entry);
  const oneOf = message && placeAt(message, "oneOf");
  if (!message || !oneOf) return message ? [message] : [];
  if (!Array.isArray(oneOf.value)) return [];
  if (oneOf.value.length > MESSAGES_PER_CHANNEL_MAX) {
    const fault = `A message is one of more than ${MESSAGES_PER_CHANNEL_MAX}.`;
    source.findings.add("relay-too-many-messages", oneOf.path, fault);
    return [];
  }
  return oneOf.value.flatMap((value, index) => followReferences(source, { value, path: [...oneOf.path, index] }) ?? []);
}

/** In 2.x a message may have an id, a name, a key among the components, or none of them. */
function nameMessage(reading: ChannelReading, message: Place): string {
  const key = message.path[0] === "components" ? message.path.at(-1) : undefined;
  return (
    readText(reading.source, message, "messageId", TITLE_CHARS_MAX) ??
    readTraitedText(reading, message, "name") ??
    String(key ?? "message")
  );
}

function makeUnique(wanted: string, names: Set<string>): string {
  let name = wanted;
  for (let n = 2; names.has(name); n++) name = `${wanted}-${n}`;
  names.add(name);
  return name;
}
