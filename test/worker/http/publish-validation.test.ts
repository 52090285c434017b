import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { EVENT_BODY_BYTES_MAX } from "../../../src/kernel/limits.ts";
import { CountedPublisher, type RegisteredDocument } from "./counted-publisher.ts";
import type { Json } from "./relay.ts";

/** CONTRACT §4: `validation` of an API, by which its events are checked before they are stored. */

const LINT_MS = 60_000; // the first document of an isolate waits for the linter

const order = (total: unknown) => ({
  type: "object",
  required: ["id", "total"],
  properties: { id: { type: "string" }, total, lines: { type: "array", items: { type: "object", required: ["sku"] } } },
});
const CREATED = {
  name: "OrderCreated",
  payload: order({ type: "number" }),
  examples: [{ payload: { id: "1", total: 2 } }],
};
const DELETED = { name: "OrderDeleted", payload: { type: "object", required: ["deleted"] } };

const documentOf = (message: unknown, title = `API ${crypto.randomUUID()}`): string =>
  JSON.stringify({
    asyncapi: "2.6.0",
    info: { title, version: "1" },
    channels: {
      orders: { subscribe: { message } },
      free: { subscribe: { message: { name: "Anything" } } },
      none: { subscribe: {} },
    },
  });

const GOOD = { id: "1", total: 2 };
const BAD = { id: 1, total: "2", lines: [{}, { sku: 1 }, {}] };

let publisher: CountedPublisher;
let registered: RegisteredDocument;

const setScene = async (validation: string, message: unknown = CREATED): Promise<void> => {
  publisher = new CountedPublisher();
  registered = await publisher.registerDocument(documentOf(message), { validation });
};

const publish = (
  value: unknown,
  { path = "/orders", headers = {} }: { path?: string; headers?: Record<string, string> } = {},
) => publisher.publish(path, registered.token, headers, typeof value === "string" ? value : JSON.stringify(value));

const storedBodies = (): string[] => publisher.logs.appended.map(({ body }) => new TextDecoder().decode(body));

beforeAll(async () => void (await new CountedPublisher().registerDocument(documentOf(CREATED))), LINT_MS);

describe("enforce", () => {
  beforeEach(() => setScene("enforce"));

  it("refuses what is no message of the channel, with a pointer to each fault, and stores nothing", async () => {
    const answer = await publish(BAD);
    expect(answer.status).toBe(422);
    expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
    const problem = (await answer.json()) as Json;
    expect(problem).toMatchObject({ status: 422, code: 422, message: problem.detail });
    expect(problem.type).toMatch(/\/message-invalid$/);
    expect(problem.detail).toContain('"OrderCreated"');
    expect(problem.errors.map(({ path }: Json) => path).sort()).toEqual(["/id", "/lines/0", "/lines/2", "/total"]);
    for (const { message } of problem.errors) expect(message).toMatch(/\S/);
    expect(publisher.logs.appended).toEqual([]);
  });

  it("stores a message of the channel as it came, and says nothing of it", async () => {
    const body = ' {"total": 2.0, "id" : "1"}\n';
    const answer = await publish(body);
    expect(answer.status).toBe(200);
    expect(answer.headers.has("Event-Validation")).toBe(false);
    expect(storedBodies()).toEqual([body]);
    expect(publisher.logs.appended[0]).not.toHaveProperty("invalid");
  });

  it.each([
    ["a media type that is none", 415, { headers: { "Content-Type": "text/plain" } }],
    ["a header that is invalid", 400, { headers: { "Data-Owner-Id": "me" } }],
    ["no channel", 404, { path: "/nowhere" }],
  ])("comes after %s (%i)", async (_, status, how) => {
    expect((await publish(BAD, how)).status).toBe(status);
  });

  it("comes after a token that is none, a body that is no JSON, and one that is too large", async () => {
    expect((await publisher.publish("/orders", "none", {}, JSON.stringify(BAD))).status).toBe(401);
    expect((await publish("{")).status).toBe(400);
    expect((await publish(`"${"x".repeat(EVENT_BODY_BYTES_MAX)}"`)).status).toBe(413);
    expect(publisher.logs.calls).toEqual(publisher.logs.calls.filter((call) => !call.startsWith("append")));
  });

  it("takes anything where the channel has no message, or one without a schema", async () => {
    for (const path of ["/free", "/none"]) {
      for (const value of [BAD, null, [], "text"])
        expect((await publish(JSON.stringify(value), { path })).status).toBe(200);
    }
  });

  it("refuses what would take too much to check, and stores nothing", async () => {
    const alternatives = Array.from({ length: 300 }, (_, i) => ({ pattern: `^(a|b)*a(a|b){9}${i}` }));
    await registered.putSpec(documentOf({ name: "Costly", payload: { anyOf: alternatives } }, registered.api.title));
    const answer = await publish(JSON.stringify("ab".repeat(100_000)));
    expect(answer.status).toBe(422);
    expect(((await answer.json()) as Json).errors).toEqual([
      { path: "", message: expect.stringContaining("too much") },
    ]);
    expect(publisher.logs.appended).toEqual([]);
  });
});

describe("several messages on one channel", () => {
  beforeEach(() => setScene("enforce", { oneOf: [CREATED, DELETED] }));

  it("are each taken", async () => {
    expect((await publish(GOOD)).status).toBe(200);
    expect((await publish({ deleted: true })).status).toBe(200);
    expect(publisher.logs.appended).toHaveLength(2);
  });

  it("are measured by the one that an event comes closest to", async () => {
    expect(((await (await publish({ id: "1", total: "2" })).json()) as Json).detail).toMatch(
      /"OrderCreated": \/total /,
    );
    expect(((await (await publish({ delete: true })).json()) as Json).detail).toContain('"OrderDeleted"');
  });
});

describe("warn", () => {
  beforeEach(() => setScene("warn"));

  it("stores what is no message of the channel, marked, and tells the publisher", async () => {
    const answer = await publish(BAD);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ eventId: publisher.logs.appended[0]?.id });
    expect(answer.headers.get("Event-Validation")).toMatch(
      /^invalid; message="OrderCreated"; path="\/(id|total|lines.*)"$/,
    );
    expect(publisher.logs.appended).toMatchObject([{ invalid: "marked" }]);
    expect(storedBodies()).toEqual([JSON.stringify(BAD)]);
  });

  it("says nothing of a message of the channel", async () => {
    const answer = await publish(GOOD);
    expect([answer.status, answer.headers.has("Event-Validation")]).toEqual([200, false]);
    expect(publisher.logs.appended[0]).not.toHaveProperty("invalid");
  });
});

describe("off", () => {
  it("takes anything, and loads no schemas", async () => {
    await setScene("off");
    publisher.queries = 0;
    const answer = await publish(BAD);
    expect([answer.status, answer.headers.has("Event-Validation")]).toEqual([200, false]);
    expect(publisher.logs.appended[0]).not.toHaveProperty("invalid");
    expect(publisher.queries).toBe(1);
  });

  it("is what an API has until it asks for more", async () => {
    publisher = new CountedPublisher();
    registered = await publisher.registerDocument(documentOf(CREATED));
    expect(registered.api.validation).toBe("off");
    expect((await publish(BAD)).status).toBe(200);
  });
});

describe("a change of it", () => {
  beforeEach(() => setScene("off"));

  it("holds for the next publish, whatever the isolate remembers, in every direction", async () => {
    const expectations = { off: [200, false], warn: [200, true], enforce: [422, false] };
    for (const validation of ["enforce", "off", "warn", "enforce", "warn", "off"] as const) {
      await registered.patch({ validation });
      const answer = await publish(BAD);
      expect([answer.status, answer.headers.has("Event-Validation")]).toEqual(expectations[validation]);
      expect((await publish(GOOD)).status).toBe(200);
    }
  });

  it("takes no other word", async () => {
    for (const validation of ["on", "", null, true, "Enforce"]) {
      const path = `/v1/apis/${registered.api.id}`;
      expect((await registered.organization.call("PATCH", path, { body: { validation } })).status).toBe(422);
    }
  });

  it("is seen by the API's organization", async () => {
    await registered.patch({ validation: "warn" });
    const { body } = await registered.organization.call("GET", `/v1/apis/${registered.api.id}`);
    expect(body.validation).toBe("warn");
  });
});

describe("a new version of the document", () => {
  beforeEach(() => setScene("enforce"));

  it("is what the next event is checked against, whether it takes more or less", async () => {
    const put = (total: unknown) =>
      registered.putSpec(documentOf({ name: "OrderCreated", payload: order(total) }, registered.api.title));
    const texts = { id: "1", total: "two" };
    expect((await publish(texts)).status).toBe(422);
    await put({ type: "string" });
    expect((await publish(texts)).status).toBe(200);
    expect((await publish(GOOD)).status).toBe(422);
    await put({ type: "number" });
    expect((await publish(texts)).status).toBe(422);
    expect((await publish(GOOD)).status).toBe(200);
    await put({});
    expect((await publish(texts)).status).toBe(200);
  });

  it("may bring a channel, which can be published to at once", async () => {
    const added = (text: string) => text.replace('"none":', '"extra":{"subscribe":{"message":{}}},"none":');
    expect((await publish(GOOD, { path: "/extra" })).status).toBe(404);
    await registered.putSpec(added(documentOf(CREATED, registered.api.title)));
    expect((await publish(BAD, { path: "/extra" })).status).toBe(200);
    await registered.putSpec(documentOf(CREATED, registered.api.title));
    expect((await publish(BAD, { path: "/extra" })).status).toBe(404);
  });
});

describe("the schemas of a channel", () => {
  beforeEach(() => setScene("enforce"));

  it("cost one query when the isolate has not got them, beside that for the publisher, and then none", async () => {
    publisher.queries = 0;
    await publish(GOOD);
    expect(publisher.queries).toBe(2);
    for (let i = 0; i < 5; i++) await publish(i % 2 === 0 ? GOOD : BAD);
    expect(publisher.queries).toBe(2);
    await publish(GOOD, { path: "/free" });
    expect(publisher.queries).toBe(3);
  });

  it("serve on while the registry is away; without them nothing is stored unchecked", async () => {
    expect((await publish(GOOD)).status).toBe(200);
    publisher.isRegistryAway = true;
    publisher.relay.clock.nowMs += 600_000;
    registered.token = await publisher.token(registered.api.credentials.clientId);
    expect((await publish(GOOD)).status).toBe(200);
    expect((await publish(BAD)).status).toBe(422);
    const refused = await publish(BAD, { path: "/free" });
    expect(refused.status).toBe(503);
    expect(refused.headers.get("Retry-After")).not.toBeNull();
    expect(publisher.logs.appended).toHaveLength(2);
  });

  it("are shown with their examples", async () => {
    const { body } = await registered.organization.call("GET", `/v1/apis/${registered.api.id}`);
    const orders = body.channels.find(({ address }: Json) => address === "orders");
    expect(orders.messages).toEqual([
      { name: "OrderCreated", contentType: null, schema: CREATED.payload, examples: [{ id: "1", total: 2 }] },
    ]);
  });
});
