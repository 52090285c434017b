import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type LintProfile, lintDocument, RELAY_PROFILE, readDocument } from "../../../src/asyncapi/lint-document.ts";
import { FORTELLIS_RULES, RELAY_RULES, type RuleCode } from "../../../src/asyncapi/rules.ts";
import { document2, document3, lintErrors } from "../../support/asyncapi.ts";
import { listSpecs, readSpec } from "../../support/specs.ts";

const TOKEN_URL = "https://relay.example/oauth2/default/v1/token";
const FORTELLIS: LintProfile = { name: "fortellis", tokenUrls: [TOKEN_URL], tags: ["service", "parts"] };

// The first document of each version compiles AsyncAPI's schema for it.
const SLOW = { timeout: 60_000 };

type Fields = Record<string, unknown>;

/** A document that keeps the rules of the Fortellis platform. */
function fortellisDocument(
  change: (parts: {
    root: Fields;
    server: Fields;
    channel: Fields;
    operation: Fields;
    message: Fields;
    flow: Fields;
  }) => void = () => {},
): string {
  const server: Fields = { url: "https://api.example.com", protocol: "http" };
  const headers = {
    type: "object",
    properties: { "X-Request-Id": { type: "string" }, "Data-Owner-Id": { type: "string" } },
  };
  const message: Fields = { messageId: "m", name: "OrderCreated", headers, payload: { type: "object" } };
  const operation: Fields = { operationId: "o", message, bindings: { http: { type: "request", method: "POST" } } };
  const channel: Fields = { subscribe: operation };
  const flow: Fields = { tokenUrl: TOKEN_URL, scopes: {} };
  const root: Fields = {
    asyncapi: "2.6.0",
    id: "urn:com:example:orders",
    info: { title: "Orders", version: "1" },
    servers: { "dev-http": server },
    tags: [{ name: "service" }],
    channels: { orders: channel },
    components: { securitySchemes: { oauth: { type: "oauth2", flows: { clientCredentials: flow } } } },
  };
  change({ root, server, channel, operation, message, flow });
  return JSON.stringify(root);
}

const sent = (message: Fields): string => document2({ c: { subscribe: { message } } });
const many = (count: number, name: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${name}${i}`, {}]));

const BREAKS: Record<RuleCode, string> = {
  "relay-document-too-large": "x".repeat(1024 * 1024 + 1),
  "relay-document-too-deep": `a: ${"[".repeat(200)}${"]".repeat(200)}`,
  "relay-document-too-complex": `a: &a [1,1,1,1,1,1,1,1,1,1]\n${Array.from({ length: 6 }, (_, i) => `b${i}: &b${i} [${`*${i === 0 ? "a" : `b${i - 1}`},`.repeat(10)}]`).join("\n")}`,
  "relay-too-many-aliases": `a: &a 1\nb: [${"*a,".repeat(1001)}]`,
  "relay-too-many-references": `a: [${"{$ref: '#/b'},".repeat(10_001)}]`,
  "relay-reference-circular": document3(
    { c: { address: "c", messages: { m: { $ref: "#/components/messages/a" } } } },
    { components: { messages: { a: { $ref: "#/components/messages/b" }, b: { $ref: "#/components/messages/a" } } } },
  ),
  "relay-name": document3({ c: { address: "c" } }, { info: { title: " ", version: "1" } }),
  "relay-text-too-long": document3({ c: { address: "c", title: "x".repeat(300) } }),
  "relay-too-many-tags": document2({ c: {} }, { tags: Array.from({ length: 101 }, (_, i) => ({ name: `t${i}` })) }),
  "relay-channels-missing": document2({}),
  "relay-too-many-channels": document2(many(201, "c")),
  "relay-nothing-sent": document2({ c: { publish: {} } }),
  "relay-channel-not-sent": document2({ c: { publish: {} }, d: { subscribe: {} } }),
  "relay-channel-address": document3({ c: { address: "a//b" } }),
  "relay-channel-address-missing": document3({ c: {} }),
  "relay-channel-duplicate": document3({ a: { address: "x" }, b: { address: "/x" } }),
  "relay-channel-overlap": document2({ "a/{x}": {}, "{y}/b": {} }),
  "relay-too-many-messages": document3({ c: { address: "c", messages: many(101, "m") } }),
  "relay-content-type": sent({ contentType: "text/plain" }),
  "relay-schema-format": sent({
    schemaFormat: "application/vnd.apache.avro;version=1.9.0",
    payload: { type: "string" },
  }),
  "relay-schema-unchecked": sent({ payload: { type: "string", pattern: "(a)\\1" } }),
  "relay-schemas-too-large": document3(
    {
      c: {
        address: "c",
        messages: Object.fromEntries(
          Array.from({ length: 40 }, (_, i) => [`m${i}`, { payload: { $ref: "#/components/schemas/S" } }]),
        ),
      },
    },
    { components: { schemas: { S: { type: "object", description: "x".repeat(40_000) } } } },
  ),
  "relay-header-name": sent({ headers: { type: "object", properties: { dataOwnerId: { type: "string" } } } }),
  "relay-tags": document2({ c: {} }),
  "relay-contact": document2({ c: {} }),
  "relay-fortellis-server-name": fortellisDocument(({ root, server }) =>
    Object.assign(root, { servers: { prod: server } }),
  ),
  "relay-fortellis-server-protocol": fortellisDocument(({ server }) => Object.assign(server, { protocol: "https" })),
  "relay-fortellis-security": fortellisDocument(({ flow }) =>
    Object.assign(flow, { tokenUrl: "https://other.example/token" }),
  ),
  "relay-fortellis-http-binding": fortellisDocument(({ operation }) =>
    Object.assign(operation, { bindings: { http: { type: "request", method: "PUT" } } }),
  ),
  "relay-fortellis-id": fortellisDocument(({ root }) => Object.assign(root, { id: undefined })),
  "relay-fortellis-subscribe-only": fortellisDocument(({ channel }) =>
    Object.assign(channel, { publish: { operationId: "p" } }),
  ),
  "relay-fortellis-message-name": fortellisDocument(({ message }) => Object.assign(message, { name: "order-created" })),
  "relay-fortellis-headers": fortellisDocument(({ message }) =>
    Object.assign(message, { headers: { type: "object", properties: { "X-Request-Id": { type: "string" } } } }),
  ),
  "relay-fortellis-tags": fortellisDocument(({ root }) => Object.assign(root, { tags: [{ name: "sales" }] })),
};

const RULES = { ...RELAY_RULES, ...FORTELLIS_RULES };
const codes = Object.keys(RULES) as RuleCode[];
const profileOf = (code: RuleCode): LintProfile => (code in FORTELLIS_RULES ? FORTELLIS : RELAY_PROFILE);

describe("the relay's rules", SLOW, () => {
  it.each(codes)("%s fires, with its severity", async (code) => {
    const { diagnostics } = await lintDocument(BREAKS[code], profileOf(code));
    const found = diagnostics.filter((diagnostic) => diagnostic.code === code);
    expect(found.length).toBeGreaterThan(0);
    for (const { severity } of found) expect(severity).toBe(RULES[code].severity);
  });

  it("are all kept by a document that leaves nothing to say", async () => {
    const { valid, diagnostics } = await lintDocument(readSpec("relay.asyncapi.yaml"), RELAY_PROFILE);
    expect({ valid, diagnostics }).toEqual({ valid: true, diagnostics: [] });
    const codesOf = async (text: string) => (await lintDocument(text, FORTELLIS)).diagnostics.map(({ code }) => code);
    expect((await codesOf(fortellisDocument())).filter((code) => code.startsWith("relay-"))).toEqual(["relay-contact"]);
  });

  it("of the platform are not asked of others", async () => {
    const { diagnostics } = await lintDocument(document2({ c: {} }), RELAY_PROFILE);
    expect(diagnostics.filter(({ code }) => code.startsWith("relay-fortellis"))).toEqual([]);
  });

  it("allow any tag where the operator names none", async () => {
    const anyTag: LintProfile = { ...FORTELLIS, tags: null };
    expect(await lintErrors(BREAKS["relay-fortellis-tags"], anyTag)).toEqual([]);
  });

  it("hold for 3.x documents of the platform too", async () => {
    const message = { name: "orderCreated", payload: { type: "object" } };
    const text = document3(
      { orders: { address: "orders", messages: { m: message } } },
      {
        operations: {
          in: { action: "receive", channel: { $ref: "#/channels/orders" } },
          out: { action: "send", channel: { $ref: "#/channels/orders" } },
        },
      },
    );
    const { diagnostics } = await lintDocument(text, FORTELLIS);
    const found = new Set(diagnostics.map(({ code }) => code).filter((code) => code.startsWith("relay-fortellis")));
    expect([...found].sort()).toEqual(
      ["headers", "http-binding", "id", "message-name", "security", "server-name", "subscribe-only"].map(
        (rule) => `relay-fortellis-${rule}`,
      ),
    );
  });

  it("are documented, each with its severity", () => {
    const readme = readFileSync(join(import.meta.dirname, "../../../README.md"), "utf8");
    for (const code of codes)
      expect(readme).toContain(`| \`${code}\` | ${RULES[code].severity} | ${RULES[code].says} |`);
  });
});

describe("a document with a key `__proto__` where the relay reads", SLOW, () => {
  it("is refused: AsyncAPI's parser stumbles over it too, and says so", async () => {
    const text =
      '{"asyncapi":"3.0.0","info":{"title":"T","version":"1"},"channels":{"c":{"address":"c","messages":{"m":{"payload":{"const":{"__proto__":1,"constructor":2}}}}}}}';
    expect(await lintErrors(text)).toEqual(["uncaught-error"]);
    expect((await readDocument(text)).ok).toBe(false);
  });
});

describe("the documents in specs", SLOW, () => {
  it.each(listSpecs())("%s breaks no rule", async (name) => {
    const { valid, diagnostics } = await lintDocument(readSpec(name), RELAY_PROFILE);
    expect(valid).toBe(true);
    expect(diagnostics.filter(({ code }) => code !== "asyncapi-latest-version")).toEqual([]);
  });
});
