import { describe, expect, it } from "vitest";
import { publicDocument } from "../../../src/asyncapi/public-document.ts";

const ORIGIN = "https://relay.example";
const ADDRESS = "broker.publisher.example";

// biome-ignore lint/suspicious/noExplicitAny: documents are looked into freely.
const show = (document: unknown, origin = ORIGIN): any => publicDocument(document, origin);

const document2 = (more: Record<string, unknown> = {}) => ({
  asyncapi: "2.6.0",
  info: { title: "Orders", version: "1.0.0" },
  channels: { orders: { subscribe: { message: { payload: { type: "object" } } } } },
  ...more,
});

const document3 = (more: Record<string, unknown> = {}) => ({
  asyncapi: "3.0.0",
  info: { title: "Orders", version: "1.0.0" },
  channels: { orders: { address: "orders", messages: { placed: { payload: { type: "object" } } } } },
  operations: { send: { action: "send", channel: { $ref: "#/channels/orders" } } },
  ...more,
});

const RELAY_2 = {
  relay: {
    url: ORIGIN,
    protocol: "https",
    description: expect.any(String),
    security: [{ relay: [] }],
  },
};

const RELAY_3 = {
  relay: {
    host: "relay.example",
    protocol: "https",
    description: expect.any(String),
    security: [{ $ref: "#/components/securitySchemes/relay" }],
  },
};

describe("a document shown to others", () => {
  it("has the relay for its server, in the words of its version", () => {
    expect(show(document2()).servers).toEqual(RELAY_2);
    expect(show(document3()).servers).toEqual(RELAY_3);
    expect(show(document2()).components.securitySchemes.relay).toEqual({
      type: "oauth2",
      description: expect.any(String),
      flows: { clientCredentials: { tokenUrl: `${ORIGIN}/oauth2/default/v1/token`, scopes: {} } },
    });
    expect(show(document3()).components.securitySchemes.relay.flows.clientCredentials).toEqual({
      tokenUrl: `${ORIGIN}/oauth2/default/v1/token`,
      availableScopes: {},
    });
  });

  it("names a local relay as it is", () => {
    expect(show(document2(), "http://127.0.0.1:8787").servers.relay).toMatchObject({
      url: "http://127.0.0.1:8787",
      protocol: "http",
    });
    expect(show(document3(), "http://127.0.0.1:8787").servers.relay).toMatchObject({
      host: "127.0.0.1:8787",
      protocol: "http",
    });
  });

  it("keeps everything else as it was written, in its order, and changes nothing in place", () => {
    const document = document2({
      "x-source": `https://${ADDRESS}`,
      id: "urn:publisher:orders",
      servers: { production: { url: ADDRESS, protocol: "kafka" } },
      tags: [{ name: "orders" }],
      components: { schemas: { Order: { description: `Sent by ${ADDRESS}` } }, messages: {} },
    });
    const before = structuredClone(document);
    const shown = show(document);
    expect(document).toEqual(before);
    expect(Object.keys(shown)).toEqual([
      "asyncapi",
      "info",
      "id",
      "servers",
      "channels",
      "x-source",
      "tags",
      "components",
    ]);
    const { servers: _, components, ...rest } = shown;
    const { servers: __, components: ___, ...restBefore } = before as Record<string, unknown>;
    expect(rest).toEqual(restBefore);
    expect(components).toMatchObject({ schemas: { Order: { description: `Sent by ${ADDRESS}` } }, messages: {} });
  });

  it("has no list of servers, bindings or security where 2.x puts them", () => {
    const operation = { security: [{ login: [] }], bindings: { sqs: { queue: ADDRESS } }, message: { payload: {} } };
    const shown = show(
      document2({
        servers: { production: { url: ADDRESS, protocol: "kafka", security: [{ login: [] }] } },
        channels: {
          orders: { servers: ["production"], bindings: { ibmmq: { destination: ADDRESS } }, subscribe: operation },
          shared: { $ref: "#/components/channels/shared" },
        },
        components: {
          channels: { shared: { servers: ["production"], publish: { traits: [{ bindings: {} }], ...operation } } },
          securitySchemes: { login: { type: "openIdConnect", openIdConnectUrl: `https://${ADDRESS}` } },
          serverBindings: { kafka: { schemaRegistryUrl: ADDRESS } },
          operationTraits: { audited: { summary: "Audited", security: [{ login: [] }], bindings: { amqp: {} } } },
        },
      }),
    );
    expect(JSON.stringify(shown)).not.toContain(ADDRESS);
    expect(shown.channels).toEqual({
      orders: { subscribe: { message: { payload: {} } } },
      shared: { $ref: "#/components/channels/shared" },
    });
    expect(shown.components).toEqual({
      channels: { shared: { publish: { traits: [{}], message: { payload: {} } } } },
      operationTraits: { audited: { summary: "Audited" } },
      securitySchemes: { relay: expect.anything() },
    });
  });

  it("has none where 3.x puts them", () => {
    const login = { $ref: "#/components/securitySchemes/login" };
    const shown = show(
      document3({
        servers: { production: { $ref: "#/components/servers/production" } },
        channels: {
          orders: {
            address: "orders",
            servers: [{ $ref: "#/servers/production" }],
            bindings: { $ref: "#/components/channelBindings/queue" },
          },
        },
        operations: {
          send: {
            action: "send",
            channel: { $ref: "#/channels/orders" },
            security: [login],
            traits: [{ $ref: "#/components/operationTraits/audited" }],
          },
        },
        components: {
          servers: { production: { host: ADDRESS, protocol: "kafka", variables: { port: { enum: [ADDRESS] } } } },
          serverVariables: { port: { enum: [ADDRESS] } },
          channelBindings: { queue: { amqp: { queue: { name: ADDRESS } } } },
          operationTraits: { audited: { title: "Audited", security: [login] } },
          securitySchemes: {
            login: {
              type: "oauth2",
              flows: { clientCredentials: { tokenUrl: `https://${ADDRESS}`, availableScopes: {} } },
            },
          },
        },
      }),
    );
    expect(JSON.stringify(shown)).not.toContain(ADDRESS);
    expect(shown.channels).toEqual({ orders: { address: "orders" } });
    expect(shown.operations.send).toEqual({
      action: "send",
      channel: { $ref: "#/channels/orders" },
      traits: [{ $ref: "#/components/operationTraits/audited" }],
    });
    expect(Object.keys(shown.components)).toEqual(["operationTraits", "securitySchemes"]);
  });
});

describe("what stands beside a reference", () => {
  const own = { bindings: { http: { "x-url": ADDRESS } }, security: [{ type: "userPassword", description: ADDRESS }] };
  const shared = { $ref: "#/components/channels/shared" };
  const audited = { $ref: "#/components/operationTraits/audited" };

  it.each<[string, Record<string, unknown>]>([
    ["a channel of 2.x", document2({ channels: { orders: { ...shared, ...own, servers: [ADDRESS] } } })],
    ["a channel of 2.x, in its operation", document2({ channels: { orders: { ...shared, subscribe: own } } })],
    ["a channel", document3({ channels: { orders: { ...shared, ...own } } })],
    ["an operation", document3({ operations: { send: { $ref: "#/components/operations/send", ...own } } })],
    ["a trait", document3({ operations: { send: { action: "send", traits: [{ ...audited, ...own }] } } })],
    [
      "a reference on the way",
      document3({ channels: { orders: { $ref: "#/x-way" } }, "x-way": { ...shared, ...own } }),
    ],
  ])("is not shown: %s", (_, document) => {
    const components = {
      channels: { shared: { address: "orders" } },
      operations: { send: { action: "send" } },
      operationTraits: { audited: { summary: "Audited" } },
    };
    const shown = show({ ...document, components });
    expect(JSON.stringify(shown)).not.toContain(ADDRESS);
    expect(JSON.stringify(shown)).toContain('{"$ref":"#/components/');
  });

  it("stays where it belongs to a schema", () => {
    const payload = { $ref: "#/components/schemas/Order", description: "An order" };
    const components = { schemas: { Order: { type: "object" } } };
    const channels = { orders: { address: "orders", messages: { placed: { payload } } } };
    expect(show(document3({ channels, components })).channels).toEqual(channels);
  });
});

describe("a server that hides", () => {
  it.each([
    ["in an extension", "#/x-hosts/a"],
    ["behind a reference to a reference", "#/x-hosts/b"],
    ["behind an escaped name", "#/x-hosts/c~1d%20e"],
    ["behind a reference in the way of a pointer", "#/x-way/a"],
    ["in a list", "#/x-list/0"],
  ])("%s is found there", (_, $ref) => {
    const server = () => ({ url: ADDRESS, protocol: "kafka" });
    const shown = show(
      document2({
        servers: { production: { $ref } },
        "x-hosts": { a: server(), b: { $ref: "#/x-hosts/a" }, "c/d e": server() },
        "x-way": { $ref: "#/x-hosts" },
        "x-list": [server(), "kept"],
      }),
    );
    expect(shown.servers).toEqual(RELAY_2);
    const [list, hosts] = [shown["x-list"], shown["x-hosts"]];
    expect(list).toEqual($ref === "#/x-list/0" ? [{}, "kept"] : [server(), "kept"]);
    expect(hosts.a).toEqual(["#/x-list/0", "#/x-hosts/c~1d%20e"].includes($ref) ? server() : {});
    expect(hosts["c/d e"]).toEqual($ref === "#/x-hosts/c~1d%20e" ? {} : server());
  });

  it("behind a thousand references is found", () => {
    const hops = Array.from({ length: 1_000 }, (_, hop) => [`h${hop}`, { $ref: `#/x-hops/h${hop + 1}` }]);
    const shown = show(
      document2({
        servers: { production: { $ref: "#/x-hops/h0" } },
        "x-hops": { ...Object.fromEntries(hops), h1000: { url: ADDRESS } },
      }),
    );
    expect(JSON.stringify(shown)).not.toContain(ADDRESS);
  });

  it("with all the others behind one reference is found", () => {
    const shown = show(
      document3({
        servers: { $ref: "#/x-servers" },
        channels: { $ref: "#/x-channels" },
        components: { $ref: "#/x-components" },
        "x-servers": { production: { host: ADDRESS } },
        "x-channels": { orders: { servers: [{ host: ADDRESS }], address: "orders" } },
        "x-components": { servers: { staging: { host: ADDRESS } }, schemas: { Order: {} } },
      }),
    );
    expect(JSON.stringify(shown)).not.toContain(ADDRESS);
    expect(shown["x-channels"]).toEqual({ orders: { address: "orders" } });
    expect(shown.components).toEqual({ schemas: { Order: {} }, securitySchemes: expect.anything() });
  });

  it("takes its variables, bindings and security schemes with it, wherever they are", () => {
    const shown = show(
      document3({
        servers: {
          production: {
            host: "{host}",
            variables: { host: { $ref: "#/x-parts/variable" } },
            bindings: { $ref: "#/x-parts/binding" },
            security: [{ $ref: "#/x-parts/scheme" }],
            tags: [{ $ref: "#/components/tags/all" }],
          },
        },
        components: { tags: { all: { name: "all" } } },
        "x-parts": {
          variable: { enum: [ADDRESS] },
          binding: { kafka: { schemaRegistryUrl: ADDRESS } },
          scheme: { type: "openIdConnect", openIdConnectUrl: ADDRESS },
        },
      }),
    );
    expect(shown["x-parts"]).toEqual({ variable: {}, binding: {}, scheme: {} });
    expect(shown.components.tags).toEqual({ all: { name: "all" } });
  });
});

describe("a reference to what is gone", () => {
  it.each([
    "#/servers/production",
    "#/servers/production/variables/port",
    "#/components/servers/production",
    "#/components/securitySchemes/login",
    "#/channels/orders/servers/0",
  ])("leads to the relay: %s", ($ref) => {
    const shown = show(
      document3({
        servers: { production: { host: ADDRESS, variables: { port: { default: "1" } } } },
        channels: {
          orders: { servers: [{ $ref: "#/servers/production" }], messages: { placed: { payload: { $ref } } } },
        },
        components: { servers: { production: {} }, securitySchemes: { login: {} } },
      }),
    );
    expect(shown.channels.orders.messages.placed.payload).toEqual({ $ref: "#/servers/relay" });
  });

  it("is no reference that led nowhere before, or still leads somewhere", () => {
    const payload = {
      properties: {
        nowhere: { $ref: "#/components/schemas/None" },
        outside: { $ref: "https://example.com/schema.json" },
        circle: { $ref: "#/x-circle" },
        relay: { $ref: "#/servers/relay" },
        whole: { $ref: "#" },
        notText: { $ref: 7 },
      },
    };
    const shown = show(
      document2({ channels: { orders: { subscribe: { message: { payload } } } }, "x-circle": { $ref: "#/x-circle" } }),
    );
    expect(shown.channels.orders.subscribe.message.payload).toEqual(payload);
  });
});

describe("a document of any shape", () => {
  it.each([null, true, 7, "asyncapi", [], [{ servers: { a: { url: ADDRESS } } }]])("is shown: %j", (document) => {
    expect(show(document)).toEqual({});
  });

  it.each<unknown>([
    ADDRESS,
    [ADDRESS],
    null,
    { production: ADDRESS },
    { production: [ADDRESS] },
    { production: null, $ref: 5 },
    { $ref: "#/servers" },
    { production: { $ref: "#/servers/production" } },
    { __proto__: null, constructor: { url: ADDRESS } },
  ])("has the relay for its servers, whatever they were: %j", (servers) => {
    const shown = show(document2({ servers, components: { servers } }));
    expect(shown.servers).toEqual(RELAY_2);
    expect(JSON.stringify(shown)).not.toContain(ADDRESS);
  });

  it.each(["channels", "operations", "components", "info"])("is shown though its %s make no sense", (key) => {
    for (const value of [null, 7, "x", [], [null], { a: null, b: [1], c: { subscribe: "x", traits: 3 } }]) {
      const shown = show(document2({ servers: { a: { url: ADDRESS } }, [key]: value }));
      expect(JSON.stringify(shown)).not.toContain(ADDRESS);
      if (key !== "components") expect(shown[key]).toEqual(value);
    }
  });

  it("keeps members that are named like those of a prototype", () => {
    const text = '{"asyncapi":"2.6.0","__proto__":{"a":1},"channels":{"constructor":{"servers":["a"],"__proto__":{}}}}';
    const shown = show(JSON.parse(text));
    expect(JSON.stringify(shown)).toContain('"__proto__":{"a":1}');
    expect(JSON.stringify(shown.channels)).toBe('{"constructor":{"__proto__":{}}}');
    expect(Object.getPrototypeOf(shown)).toBe(Object.prototype);
  });

  it("has no number that JSON cannot say", () => {
    const shown = show(JSON.parse('{"x-most":1e400,"x-least":-1e400,"x-one":1}'));
    expect([shown["x-most"], shown["x-least"], shown["x-one"]]).toEqual([Number.MAX_VALUE, -Number.MAX_VALUE, 1]);
  });

  it("is shown where its traits and channels refer to themselves", () => {
    const shown = show(
      document3({
        channels: { a: { $ref: "#/channels/a" }, b: { $ref: "#/channels/c" }, c: { $ref: "#/channels/b" } },
        operations: { send: { traits: [{ $ref: "#/operations/send" }], security: [{ host: ADDRESS }] } },
      }),
    );
    expect(shown.operations.send).toEqual({ traits: [{ $ref: "#/operations/send" }] });
  });

  it("is shown where its references pass through one another without end", () => {
    const maze = Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [`m${i}`, { $ref: `#/x-maze/m${i + 1}/next/next` }]),
    );
    const shown = show(document2({ servers: { a: { $ref: "#/x-maze/m0/next" } }, "x-maze": maze }));
    expect(shown.servers).toEqual(RELAY_2);
    expect(shown["x-maze"]).toEqual(maze);
  });
});
