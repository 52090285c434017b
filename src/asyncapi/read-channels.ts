import { CHANNELS_PER_API_MAX } from "../kernel/limits.ts";
import type { ApiChannel, ApiMessage } from "./api-document.ts";
import { startChannel } from "./bundle-schema.ts";
import { checkCollisions, parametersOf, readAddress } from "./channel-address.ts";
import { type Path, quote } from "./findings.ts";
import { isRecord } from "./json-values.ts";
import { DESCRIPTION_CHARS_MAX, MESSAGES_PER_CHANNEL_MAX, TITLE_CHARS_MAX } from "./limits.ts";
import { readMembers, readObject, readText } from "./read-fields.ts";
import { type ChannelReading, readMessages, readTraitedText } from "./read-messages.ts";
import { followReferences, type Place, placeAt } from "./references.ts";

/** Every channel of a document, with all messages that may be published to it. */
export function readChannels(reading: ChannelReading): ApiChannel[] {
  const { findings, root } = reading.source;
  const place = placeAt({ value: root, path: [] }, "channels");
  const entries = readMembers(reading.source, place, '"channels"');
  if (entries.length === 0 && (!place || isRecord(place.value))) {
    findings.error(
      "channels-missing",
      place?.path ?? [],
      "The document has no channels: there would be nothing to publish to.",
    );
  }
  if (entries.length > CHANNELS_PER_API_MAX) {
    const message = `The document has ${entries.length} channels; an API may have ${CHANNELS_PER_API_MAX}.`;
    findings.error("too-many-channels", place?.path ?? [], message);
    return [];
  }
  const found = entries.flatMap(([key, entry]) => readChannel(reading, key, entry) ?? []);
  checkCollisions(found, findings);
  return found.map(({ path: _, ...channel }) => channel);
}

function readChannel(reading: ChannelReading, key: string, entry: Place): (ApiChannel & { path: Path }) | undefined {
  const { source, major, budget } = reading;
  const channel = readObject(source, entry, "The channel");
  if (!channel) return undefined;
  const named = major === 2 ? { text: key, path: entry.path } : findAddress(reading, key, channel);
  const address = named && readAddress(named.text, named.path, source.findings);
  startChannel(budget);
  const messages = major === 2 ? readOperationMessages(reading, channel) : readChannelMessages(reading, channel);
  const title = readText(source, channel, "title", TITLE_CHARS_MAX);
  const description =
    readText(source, channel, "description", DESCRIPTION_CHARS_MAX) ??
    readText(source, channel, "summary", DESCRIPTION_CHARS_MAX);
  if (!named || address === undefined) return undefined;
  return { address, title, description, messages, parameters: parametersOf(address), path: named.path };
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
    findings.info("channel-address-missing", channel.path, remark);
    return { text: key, path: channel.path };
  }
  if (typeof place.value === "string") return { text: place.value, path: place.path };
  const fault = place.value === null ? "is unknown (null): nothing can be published to it" : "is not a text";
  findings.error("channel-address", place.path, `The address of the channel ${quote(key)} ${fault}.`);
  return undefined;
}

function readChannelMessages(reading: ChannelReading, channel: Place): ApiMessage[] {
  const entries = readMembers(reading.source, placeAt(channel, "messages"), '"messages"');
  return readMessages(
    reading,
    entries.map(([name, place]) => ({ name, place })),
  );
}

/** In 2.x messages belong to operations. Whichever side an operation describes, its messages go through the channel. */
function readOperationMessages(reading: ChannelReading, channel: Place): ApiMessage[] {
  const { source } = reading;
  const found = new Map<string, { name: string; place: Place }>();
  const names = new Set<string>();
  for (const side of ["publish", "subscribe"]) {
    const entry = placeAt(channel, side);
    const operation = entry && readObject(source, entry, "The operation");
    const message = operation && placeAt(operation, "message");
    for (const place of message ? listAlternatives(reading, message) : []) {
      const identity = JSON.stringify(place.path);
      if (found.has(identity)) continue;
      const name = makeUnique(nameMessage(reading, place), names);
      found.set(identity, { name, place });
    }
  }
  return readMessages(reading, [...found.values()]);
}

/** A message, or each of those it is `oneOf`. */
function listAlternatives({ source }: ChannelReading, entry: Place): Place[] {
  const message = readObject(source, entry, "The message");
  const oneOf = message && placeAt(message, "oneOf");
  if (!message || !oneOf) return message ? [message] : [];
  if (!Array.isArray(oneOf.value)) {
    source.findings.error("not-a-list", oneOf.path, '"oneOf" is not a list of messages.');
    return [];
  }
  if (oneOf.value.length > MESSAGES_PER_CHANNEL_MAX) {
    const fault = `A message is one of more than ${MESSAGES_PER_CHANNEL_MAX}.`;
    source.findings.error("too-many-messages", oneOf.path, fault);
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
