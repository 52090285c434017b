import { TITLE_CHARS_MAX } from "../limits.ts";
import { type Finding, Findings, type Path, quote } from "./findings.ts";
import { isRecord } from "./json-values.ts";
import { readMembers, readObject, readText } from "./read-fields.ts";
import { followReferences, newSource, type Place, placeAt, type Source } from "./references.ts";

/** What the rules of the Fortellis platform need to know of this relay. */
export type FortellisSettings = {
  /** Where publishers get their tokens. */
  tokenUrls: readonly string[];
  /** Those a document may use; null: any. */
  tags: readonly string[] | null;
};

const SERVER_NAMES = ["dev-http", "uat-http", "prod-http"];
const PASCAL_CASE = /^[A-Z][A-Za-z0-9]*$/;
const REQUIRED_HEADERS = ["X-Request-Id", "Data-Owner-Id"];

/** The rules that the Fortellis platform publishes for asynchronous APIs. */
export function checkFortellisRules(document: object, settings: FortellisSettings): Finding[] {
  const findings = new Findings();
  const source = newSource(document, findings);
  const root: Place = { value: document, path: [] };
  const major = readText(source, root, "asyncapi", TITLE_CHARS_MAX)?.startsWith("2.") === true ? 2 : 3;
  checkId(source, root);
  checkServers(source, root);
  checkSecurity(source, root, settings.tokenUrls);
  checkTags(source, major === 2 ? root : (placeAt(root, "info") ?? root), settings.tags);
  const operations = major === 2 ? operations2(source, root) : operations3(source, root);
  for (const operation of operations) checkOperation(source, operation);
  for (const message of messagesOf(source, operations)) checkMessage(source, message);
  return findings.all;
}

function checkId(source: Source, root: Place): void {
  if (!placeAt(root, "id")) source.findings.add("relay-fortellis-id", [], "The document has no `id`.");
}

function checkServers(source: Source, root: Place): void {
  const servers = readMembers(source, placeAt(root, "servers"));
  if (servers.length === 0) {
    const message = `The document has no servers; name them ${SERVER_NAMES.join(", ")}.`;
    source.findings.add("relay-fortellis-server-name", [], message);
  }
  for (const [name, entry] of servers) {
    if (!SERVER_NAMES.includes(name)) {
      const message = `The server ${quote(name)} is none of ${SERVER_NAMES.join(", ")}.`;
      source.findings.add("relay-fortellis-server-name", entry.path, message);
    }
    const server = readObject(source, entry);
    const protocol = server && placeAt(server, "protocol");
    if (protocol && protocol.value !== "http") {
      const message = `The protocol of the server ${quote(name)} is not http.`;
      source.findings.add("relay-fortellis-server-protocol", protocol.path, message);
    }
  }
}

function checkSecurity(source: Source, root: Place, tokenUrls: readonly string[]): void {
  const components = placeAt(root, "components");
  const schemes = readMembers(source, components && placeAt(components, "securitySchemes"));
  const urls = schemes.flatMap(([, entry]) => {
    const scheme = readObject(source, entry);
    const flows = scheme && placeAt(scheme, "type")?.value === "oauth2" && placeAt(scheme, "flows");
    const flow = flows && placeAt(flows, "clientCredentials");
    return (flow && placeAt(flow, "tokenUrl")) || [];
  });
  const [first] = urls;
  if (!first) {
    const message = "The document has no OAuth 2 scheme with the flow clientCredentials.";
    source.findings.add("relay-fortellis-security", components ? components.path : [], message);
  } else if (!urls.some(({ value }) => typeof value === "string" && tokenUrls.includes(value))) {
    const message = `The token endpoint of the client credentials is not this relay's, ${tokenUrls[0]}.`;
    source.findings.add("relay-fortellis-security", first.path, message);
  }
}

function checkTags(source: Source, holder: Place, allowed: readonly string[] | null): void {
  const tags = placeAt(holder, "tags");
  if (!allowed || !tags || !Array.isArray(tags.value)) return;
  for (const [index, value] of tags.value.entries()) {
    const tag = readObject(source, { value, path: [...tags.path, index] });
    const name = tag && readText(source, tag, "name", TITLE_CHARS_MAX);
    if (!tag || !name || allowed.includes(name)) continue;
    const message = `The tag ${quote(name)} is none of ${allowed.join(", ")}.`;
    source.findings.add("relay-fortellis-tags", [...tag.path, "name"], message);
  }
}

function operations2(source: Source, root: Place): Place[] {
  return readMembers(source, placeAt(root, "channels")).flatMap(([name, entry]) => {
    const channel = readObject(source, entry);
    const publish = channel && placeAt(channel, "publish");
    if (publish) refuseDirection(source, publish.path, `The channel ${quote(name)} is published to.`);
    const subscribe = channel && placeAt(channel, "subscribe");
    return (subscribe && readObject(source, subscribe)) ?? [];
  });
}

function operations3(source: Source, root: Place): Place[] {
  return readMembers(source, placeAt(root, "operations")).flatMap(([name, entry]) => {
    const operation = readObject(source, entry);
    const action = operation && placeAt(operation, "action");
    if (action && action.value !== "send") {
      refuseDirection(source, action.path, `The operation ${quote(name)} does not send.`);
      return [];
    }
    return operation ?? [];
  });
}

function refuseDirection(source: Source, path: Path, message: string): void {
  source.findings.add("relay-fortellis-subscribe-only", path, message);
}

function checkOperation(source: Source, operation: Place): void {
  const bindings = placeAt(operation, "bindings");
  const all = bindings && readObject(source, bindings);
  const http = all && placeAt(all, "http");
  const binding = http && readObject(source, http);
  if (binding && placeAt(binding, "method")?.value === "POST") return;
  const message = "The operation has no http binding with the method POST.";
  source.findings.add("relay-fortellis-http-binding", binding?.path ?? operation.path, message);
}

/** Every message that is sent, once. */
function messagesOf(source: Source, operations: Place[]): Place[] {
  const found = new Map<string, Place>();
  const add = (place: Place): void => {
    const message = readObject(source, place);
    const oneOf = message && placeAt(message, "oneOf");
    if (oneOf && Array.isArray(oneOf.value)) {
      for (const [index, value] of oneOf.value.entries()) add({ value, path: [...oneOf.path, index] });
    } else if (message) {
      found.set(JSON.stringify(message.path), message);
    }
  };
  for (const operation of operations) {
    const message = placeAt(operation, "message");
    if (message) add(message);
    const target = placeAt(operation, "channel");
    const channel = target && followReferences(source, target);
    for (const [, place] of readMembers(source, channel && placeAt(channel, "messages"))) add(place);
  }
  return [...found.values()];
}

function checkMessage(source: Source, message: Place): void {
  const name = placeAt(message, "name");
  if (typeof name?.value !== "string" || !PASCAL_CASE.test(name.value)) {
    const fault = "The message has no name in PascalCase.";
    source.findings.add("relay-fortellis-message-name", name?.path ?? message.path, fault);
  }
  const traits = placeAt(message, "traits");
  const parts = Array.isArray(traits?.value)
    ? traits.value.map((value, index) => ({ value, path: [...message.path, "traits", index] }))
    : [];
  const declared = new Set([message, ...parts].flatMap((part) => declaredHeaders(source, part)));
  for (const header of REQUIRED_HEADERS) {
    if (declared.has(header.toLowerCase())) continue;
    source.findings.add("relay-fortellis-headers", message.path, `The message declares no header ${header}.`);
  }
}

function declaredHeaders(source: Source, part: Place): string[] {
  const message = readObject(source, part);
  const headers = message && placeAt(message, "headers");
  const schema = headers && readObject(source, headers);
  const properties = schema && placeAt(schema, "properties");
  return isRecord(properties?.value) ? Object.keys(properties.value).map((name) => name.toLowerCase()) : [];
}
