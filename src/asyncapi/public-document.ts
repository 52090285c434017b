import { LocalReferences } from "./local-references.ts";
import { isRecord, type JsonRecord, jsonNumber, memberOf } from "./reader/json-values.ts";
import { referenceOf } from "./reader/references.ts";

/** What belongs to the publisher's own servers, wherever it stands: how to reach them, and how to show oneself to them. */
const OF_A_CHANNEL = ["servers", "bindings"];
const OF_AN_OPERATION = ["security", "bindings"];
const OF_COMPONENTS = [
  "servers",
  "serverVariables",
  "serverBindings",
  "channelBindings",
  "operationBindings",
  "securitySchemes",
];

/**
 * An AsyncAPI document as others than its publisher may see it. Its servers are the relay, and with the publisher's servers
 * goes all that is about them only: variables, bindings of servers, channels and operations, security and its schemes, also
 * where a reference leads to it out of an extension. Everything else stays as the publisher wrote it, and what refers to
 * something that is gone refers to the relay. `document` is any parsed JSON value; a valid document stays one.
 */
export function publicDocument(document: unknown, relayOrigin: string): unknown {
  if (!isRecord(document)) return {};
  const references = new LocalReferences(document);
  const shown = assemble(new Disguise(document, references), document, references, new URL(relayOrigin));
  return redirect(shown, references, new LocalReferences(shown));
}

function assemble(
  disguise: Disguise,
  document: JsonRecord,
  references: LocalReferences,
  origin: URL,
): Record<string, unknown> {
  const relay = String(memberOf(document, "asyncapi")?.value).startsWith("2.") ? relayOf2(origin) : relayOf3(origin);
  const rest = Object.entries(document).filter(([key]) => key !== "servers" && key !== "components");
  const isHead = ([key]: [string, unknown]) => ["asyncapi", "id", "info"].includes(key);
  const components = disguise.show(references.follow(memberOf(document, "components")?.value));
  return Object.fromEntries([
    ...rest.filter(isHead).map(([key, value]) => [key, disguise.show(value)]),
    ["servers", { relay: relay.server }],
    ...rest.filter((entry) => !isHead(entry)).map(([key, value]) => [key, disguise.show(value)]),
    ["components", { ...(isRecord(components) && components), securitySchemes: { relay: relay.scheme } }],
  ]);
}

/** Finds what is the publisher's own: objects that are shown empty, and members that are not shown. */
class Disguise {
  readonly #references: LocalReferences;
  readonly #emptied = new Set<unknown>();
  readonly #without = new Map<unknown, readonly string[]>();
  /** References to channels and operations. What stands beside a `$ref` means nothing, and could be anything: it is not shown. */
  readonly #bare = new Set<unknown>();

  constructor(document: JsonRecord, references: LocalReferences) {
    this.#references = references;
    const components = this.#member(document, "components");
    for (const key of OF_COMPONENTS) for (const value of this.#members(components, key)) this.#empty(value);
    for (const holder of [document, components]) {
      for (const server of this.#members(holder, "servers")) this.#hideServer(server);
      for (const channel of this.#members(holder, "channels")) this.#hideInChannel(channel);
      for (const operation of this.#members(holder, "operations")) this.#hideInOperation(operation);
    }
    for (const trait of this.#members(components, "operationTraits")) this.#hideInOperation(trait);
    this.#without.set(components, OF_COMPONENTS);
  }

  /** A copy without it, of numbers that JSON knows. */
  show(value: unknown): unknown {
    if (typeof value === "number") return jsonNumber(value);
    if (Array.isArray(value)) return value.map((item) => this.show(item));
    if (!isRecord(value)) return value;
    if (this.#emptied.has(value)) return {};
    if (this.#bare.has(value)) return { $ref: referenceOf(value) };
    const without = this.#without.get(value) ?? [];
    const members = Object.entries(value).filter(([key]) => !without.includes(key));
    return Object.fromEntries(members.map(([key, member]) => [key, this.show(member)]));
  }

  #hideServer(server: unknown): void {
    this.#empty(server);
    for (const variable of this.#members(server, "variables")) this.#empty(variable);
    this.#empty(this.#member(server, "bindings"));
    for (const scheme of this.#members(server, "security")) this.#empty(scheme);
  }

  #hideInChannel(channel: unknown): void {
    for (const server of this.#members(channel, "servers")) this.#hideServer(server);
    this.#empty(this.#member(channel, "bindings"));
    for (const side of ["publish", "subscribe"]) this.#hideInOperation(this.#member(channel, side));
    this.#hideWithin(channel, OF_A_CHANNEL);
  }

  #hideInOperation(operation: unknown): void {
    for (const part of [operation, ...this.#members(operation, "traits")]) {
      for (const scheme of this.#members(part, "security")) this.#empty(scheme);
      this.#empty(this.#member(part, "bindings"));
      this.#hideWithin(part, OF_AN_OPERATION);
    }
  }

  #hideWithin(value: unknown, keys: readonly string[]): void {
    let part = value;
    while (referenceOf(part) !== undefined && !this.#bare.has(part)) {
      this.#bare.add(part);
      part = this.#references.step(part);
    }
    this.#without.set(this.#references.follow(value), keys);
  }

  #empty(value: unknown): void {
    this.#emptied.add(this.#references.follow(value));
  }

  #member(holder: unknown, key: string): unknown {
    return this.#references.follow(memberOf(this.#references.follow(holder), key)?.value);
  }

  #members(holder: unknown, key: string): unknown[] {
    const value = this.#member(holder, key);
    return isRecord(value) || Array.isArray(value) ? Object.values(value) : [];
  }
}

type Relay = { server: JsonRecord; scheme: JsonRecord };

const DESCRIPTION = "The event relay: it delivers the events of every channel to the endpoints of its subscribers.";

/** Where an app's API key and secret become an access token. */
const tokenUrlOf = (origin: URL): string => `${origin.origin}/oauth2/default/v1/token`;

const schemeOf = (flow: JsonRecord): JsonRecord => ({
  type: "oauth2",
  description: "The API key and the secret of a subscriber's app.",
  flows: { clientCredentials: flow },
});

const protocolOf = (origin: URL): string => origin.protocol.replace(":", "");

const relayOf2 = (origin: URL): Relay => ({
  server: {
    url: origin.origin,
    protocol: protocolOf(origin),
    description: DESCRIPTION,
    security: [{ relay: [] }],
  },
  scheme: schemeOf({ tokenUrl: tokenUrlOf(origin), scopes: {} }),
});

const relayOf3 = (origin: URL): Relay => ({
  server: {
    host: origin.host,
    protocol: protocolOf(origin),
    description: DESCRIPTION,
    security: [{ $ref: "#/components/securitySchemes/relay" }],
  },
  scheme: schemeOf({ tokenUrl: tokenUrlOf(origin), availableScopes: {} }),
});

/** References to what is not there any more lead to the relay. */
function redirect(value: unknown, before: LocalReferences, now: LocalReferences): unknown {
  if (Array.isArray(value)) return value.map((item) => redirect(item, before, now));
  if (!isRecord(value)) return value;
  const isLost = before.follow(value) !== undefined && now.follow(value) === undefined;
  return isLost
    ? { $ref: "#/servers/relay" }
    : Object.fromEntries(Object.entries(value).map(([key, member]) => [key, redirect(member, before, now)]));
}
