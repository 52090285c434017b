import { LocalReferences } from "../../asyncapi/local-references.ts";
import { isRecord, type JsonRecord, memberOf } from "../../asyncapi/reader/json-values.ts";

/** What the parser calls the key that a value stands under, from 3.0 on. */
const UNIQUE_ID = "x-parser-unique-object-id";

/**
 * A document of the directory as its renderer takes it: every reference is what it leads to, so that a value that refers to
 * itself holds itself, and traits are part of what has them. Without its servers: they are the relay, of which the console tells.
 * null where it is no document of AsyncAPI 2 or 3.
 */
export function resolveDocument(document: unknown): JsonRecord | null {
  const { servers: _, ...rest } = isRecord(document) ? document : {};
  const major = /^([23])\./.exec(String(rest.asyncapi))?.[1];
  if (major === undefined) return null;
  const resolved = followAll(rest);
  if (major === "2") complete2(resolved);
  else complete3(resolved);
  return resolved;
}

/** A copy in which no reference is left but those that lead nowhere. Without recursion: a chain of references may be long. */
function followAll(root: JsonRecord): JsonRecord {
  const references = new LocalReferences(root);
  const copies = new Map<object, object>();
  const pending: [object, object][] = [];
  const copy = (value: unknown): unknown => {
    const target = references.follow(value) ?? value;
    if (typeof target !== "object" || target === null) return target;
    const known = copies.get(target);
    if (known) return known;
    const fresh = Array.isArray(target) ? [] : {};
    copies.set(target, fresh);
    pending.push([target, fresh]);
    return fresh;
  };
  const resolved = copy(root) as JsonRecord;
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [from, to] = next;
    for (const [key, value] of Object.entries(from)) setMember(to, key, copy(value));
  }
  return resolved;
}

/** Also one that is called `__proto__`. */
const setMember = (holder: object, key: string, value: unknown): void =>
  void Object.defineProperty(holder, key, { value, configurable: true, enumerable: true, writable: true });

/** Whether a document, each value written out wherever it is meant, has more values than this: of one that holds itself, always. */
export function standsForMore(document: JsonRecord, valuesMax: number): boolean {
  const pending: unknown[] = [document];
  for (let count = 0; pending.length > 0; count++) {
    const value = pending.pop();
    const members = typeof value === "object" && value !== null ? Object.values(value) : [];
    if (count + pending.length + members.length > valuesMax) return true;
    pending.push(...members);
  }
  return false;
}

const recordAt = (holder: unknown, key: string): JsonRecord | undefined => {
  const value = memberOf(holder, key)?.value;
  return isRecord(value) ? value : undefined;
};

const recordsAt = (holder: unknown, key: string): [string, JsonRecord][] =>
  Object.entries(recordAt(holder, key) ?? {}).filter((entry): entry is [string, JsonRecord] => isRecord(entry[1]));

/** In 2.x traits come last: what they say counts. */
function complete2(document: JsonRecord): void {
  const channels = recordsAt(document, "channels").map(([, channel]) => channel);
  const operations = channels.flatMap((channel) => [recordAt(channel, "publish"), recordAt(channel, "subscribe")]);
  const withTraits = [
    ...operations,
    ...operations.flatMap((operation) => messagesOf2(operation)),
    ...recordsAt(recordAt(document, "components"), "messages").map(([, message]) => message),
  ];
  for (const holder of new Set(withTraits)) if (holder) applyTraits(holder, (own, traits) => [own, ...traits]);
  // To a channel without operations the relay takes events too.
  if (operations.every((operation) => operation === undefined))
    for (const channel of channels) setMember(channel, "subscribe", {});
}

/** The messages of an operation of 2.x: one, or each of those it is `oneOf`. */
export function messagesOf2(operation: JsonRecord | undefined): JsonRecord[] {
  const message = recordAt(operation, "message");
  if (!message) return [];
  const oneOf = memberOf(message, "oneOf")?.value;
  return Array.isArray(oneOf) ? [...new Set(oneOf.filter(isRecord))] : [message];
}

/** From 3.0 on traits come first: what has them says more. */
function complete3(document: JsonRecord): void {
  const components = recordAt(document, "components");
  const channels = [...recordsAt(document, "channels"), ...recordsAt(components, "channels")];
  const messages = [
    ...channels.flatMap(([, channel]) => recordsAt(channel, "messages")),
    ...recordsAt(components, "messages"),
  ];
  if (recordsAt(document, "operations").length === 0) setMember(document, "operations", sendToAll(document));
  const operations = [...recordsAt(document, "operations"), ...recordsAt(components, "operations")];
  for (const holder of new Set([...operations, ...messages].map(([, holder]) => holder)))
    applyTraits(holder, (own, traits) => [...traits, own]);
  for (const [key, channel] of channels) if (typeof channel.address !== "string") setMember(channel, "address", key);
  for (const [key, holder] of [...channels, ...operations, ...messages])
    if (memberOf(holder, UNIQUE_ID) === undefined) setMember(holder, UNIQUE_ID, key);
}

/** A document without operations leaves open who sends: the relay takes events to all of its channels. */
const sendToAll = (document: JsonRecord): JsonRecord =>
  Object.fromEntries(recordsAt(document, "channels").map(([key, channel]) => [key, { action: "send", channel }]));

/** Merges traits into what has them, which stays the same object: others refer to it. `order`: who comes later, counts. */
function applyTraits(holder: JsonRecord, order: (own: JsonRecord, traits: JsonRecord[]) => JsonRecord[]): void {
  const traits = memberOf(holder, "traits")?.value;
  if (!Array.isArray(traits)) return;
  const own = { ...holder };
  for (const key of Object.keys(holder)) delete holder[key];
  for (const part of order(own, traits.filter(isRecord)))
    for (const [key, value] of Object.entries(part))
      setMember(holder, key, mergePatch(memberOf(holder, key)?.value, value));
}

/** RFC 7396, which AsyncAPI merges traits by; `null` takes a member away. */
function mergePatch(before: unknown, patch: unknown): unknown {
  if (!isRecord(patch) || !isRecord(before)) return patch;
  const merged = { ...before };
  for (const [key, value] of Object.entries(patch))
    if (value === null) delete merged[key];
    else setMember(merged, key, mergePatch(memberOf(merged, key)?.value, value));
  return merged;
}
