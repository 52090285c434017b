import { readMembers, readObject } from "./read-fields.ts";
import { followReferences, identityOf, type Place, placeAt, type Source } from "./references.ts";

/** What a document says of who sends to a channel. */
export type Direction =
  | { isSent: false }
  /** `messages`: where those that are sent stand in the document; null: all of the channel's. */
  | { isSent: true; messages: Set<string> | null };

/**
 * Which channels the API sends to. Only those can have subscribers. A document without any operation leaves it open: then all of
 * them are.
 */
export function readDirections(source: Source, major: 2 | 3, channels: Place[]): (channel: Place) => Direction {
  const directions = major === 2 ? directions2(channels) : directions3(source);
  return (channel) => {
    if (directions === null) return { isSent: true, messages: null };
    return directions.get(identityOf(channel)) ?? { isSent: false };
  };
}

/** In 2.x an operation is named after what others do: they subscribe to what the API sends. */
function directions2(channels: Place[]): Map<string, Direction> | null {
  const directions = new Map<string, Direction>();
  let operations = 0;
  for (const channel of channels) {
    const isSent = placeAt(channel, "subscribe") !== undefined;
    if (isSent || placeAt(channel, "publish")) operations += 1;
    if (isSent) directions.set(identityOf(channel), { isSent: true, messages: null });
  }
  return operations === 0 ? null : directions;
}

function directions3(source: Source): Map<string, Direction> | null {
  const operations = readMembers(source, placeAt({ value: source.root, path: [] }, "operations"));
  if (operations.length === 0) return null;
  const directions = new Map<string, Direction>();
  for (const [, entry] of operations) {
    const operation = readObject(source, entry);
    const target = operation && placeAt(operation, "channel");
    const channel = target && followReferences(source, target);
    if (!operation || !channel || placeAt(operation, "action")?.value !== "send") continue;
    const before = directions.get(identityOf(channel));
    const messages = readSentMessages(source, operation);
    // Several operations may send to one channel, each some of its messages.
    const all = messages === null || (before?.isSent && before.messages === null);
    const known = before?.isSent ? (before.messages ?? []) : [];
    directions.set(identityOf(channel), { isSent: true, messages: all ? null : new Set([...known, ...messages]) });
  }
  return directions;
}

function readSentMessages(source: Source, operation: Place): string[] | null {
  const list = placeAt(operation, "messages");
  if (!list || !Array.isArray(list.value)) return null;
  return list.value.flatMap((value, index) => {
    const message = followReferences(source, { value, path: [...list.path, index] });
    return message ? identityOf(message) : [];
  });
}
