import type { Severity } from "./diagnostic.ts";

/** A rule of the relay's own. Its code is stable: clients may act on it. */
export type Rule = { severity: Severity; says: string };

/** What the relay asks of every document, beside the rules of AsyncAPI itself. */
export const RELAY_RULES = {
  "relay-document-too-large": { severity: "error", says: "A document has at most 1 MiB." },
  "relay-document-too-deep": { severity: "error", says: "A document is nested at most 128 levels deep." },
  "relay-document-too-complex": {
    severity: "error",
    says: "Aliases written out and references followed, a document is small enough to be checked.",
  },
  "relay-too-many-aliases": { severity: "error", says: "A document has at most 1,000 YAML aliases." },
  "relay-too-many-references": { severity: "error", says: "A document has at most 10,000 references." },
  "relay-reference-circular": { severity: "error", says: "A reference leads to a value, not round in a circle." },
  "relay-name": { severity: "error", says: "Title and version are one line of 1 to 256 characters." },
  "relay-text-too-long": { severity: "error", says: "Names have at most 256 characters, descriptions 16 KiB." },
  "relay-too-many-tags": { severity: "error", says: "A document has at most 100 tags." },
  "relay-channels-missing": { severity: "error", says: "There is at least one channel." },
  "relay-too-many-channels": { severity: "error", says: "An API has at most 200 channels." },
  "relay-nothing-sent": {
    severity: "error",
    says: "At least one channel is sent to: in 2.x by an operation `subscribe`, from 3.0 on by one with `action: send`.",
  },
  "relay-channel-not-sent": {
    severity: "warning",
    says: "A channel that the application only receives from is no topic of the relay.",
  },
  "relay-channel-address": { severity: "error", says: "A channel's address can be the path of a URL." },
  "relay-channel-address-missing": {
    severity: "info",
    says: "A channel of a 3.x document has an address; where it has none the relay takes its key.",
  },
  "relay-channel-duplicate": { severity: "error", says: "No two channels have the same address." },
  "relay-channel-overlap": {
    severity: "error",
    says: "No path matches the addresses of two channels with parameters.",
  },
  "relay-too-many-messages": { severity: "error", says: "A channel has at most 100 messages." },
  "relay-content-type": {
    severity: "error",
    says: "Messages are JSON: `application/json`, or a type that ends in `+json`.",
  },
  "relay-schema-format": {
    severity: "warning",
    says: "Payloads are checked against JSON Schema draft-07 and AsyncAPI schemas. Others are shown, and check nothing.",
  },
  "relay-schema-unchecked": {
    severity: "warning",
    says: "A payload schema can be checked at publish. One that cannot checks nothing, or all but the part that is named.",
  },
  "relay-schemas-too-large": {
    severity: "error",
    says: "The schemas of a channel, with what they refer to, have at most 1 MiB, those of a document 4 MiB.",
  },
  "relay-header-name": {
    severity: "warning",
    says: "A declared header that the relay reads is spelled as the relay reads it.",
  },
  "relay-tags": { severity: "info", says: "Tags let subscribers find the API in the directory." },
  "relay-contact": { severity: "info", says: "A contact lets subscribers ask." },
} as const satisfies Record<string, Rule>;

/** What the Fortellis platform asks of a document on top: `?profile=fortellis`. */
export const FORTELLIS_RULES = {
  "relay-fortellis-server-name": {
    severity: "error",
    says: "Servers are named `dev-http`, `uat-http` and `prod-http`.",
  },
  "relay-fortellis-server-protocol": { severity: "error", says: "The protocol of every server is `http`." },
  "relay-fortellis-security": {
    severity: "error",
    says: "There is an OAuth 2 scheme of client credentials with the relay's token endpoint.",
  },
  "relay-fortellis-http-binding": { severity: "error", says: "Every operation has an http binding with method POST." },
  "relay-fortellis-id": { severity: "error", says: "The document has an `id` of its own." },
  "relay-fortellis-subscribe-only": { severity: "error", says: "Channels are subscribed to, never published to." },
  "relay-fortellis-message-name": { severity: "error", says: "Every message has a name in PascalCase." },
  "relay-fortellis-headers": {
    severity: "error",
    says: "Every message declares the headers `X-Request-Id` and `Data-Owner-Id`.",
  },
  "relay-fortellis-tags": { severity: "error", says: "Tags are those of the operator's list." },
} as const satisfies Record<string, Rule>;

export type RuleCode = keyof typeof RELAY_RULES | keyof typeof FORTELLIS_RULES;
