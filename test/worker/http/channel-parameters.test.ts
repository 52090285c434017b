import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CountedPublisher, type RegisteredDocument } from "./counted-publisher.ts";
import type { Json } from "./relay.ts";

/** CONTRACT §4: what stands in the place of a channel's parameters is checked against the schemas that are declared for them. */

const LINT_MS = 60_000; // the first document of an isolate waits for the linter

type Parameters = Record<string, unknown>;

function documentOf(channels: Record<string, Parameters>, title = `API ${crypto.randomUUID()}`): string {
  const described = Object.entries(channels).map(([address, schemas]) => {
    const parameters = Object.fromEntries(
      Object.entries(schemas).map(([name, schema]) => [name, schema === null ? {} : { schema }]),
    );
    return [
      address,
      { subscribe: { message: { name: "Changed" } }, ...(Object.keys(schemas).length > 0 && { parameters }) },
    ];
  });
  return JSON.stringify({ asyncapi: "2.6.0", info: { title, version: "1" }, channels: Object.fromEntries(described) });
}

const CHANNELS = {
  "lights/{id}/measured": { id: { type: "integer", minimum: 1 } },
  "lights/all/measured": {},
  "shops/{shop}.{kind}": { shop: { type: "string", pattern: "^[a-zä-ü]+$" }, kind: { enum: ["sold", "returned"] } },
  "free/{id}": { id: null },
  "twice/{id}/of/{id}": { id: null },
};

let publisher: CountedPublisher;
let registered: RegisteredDocument;

const publish = (path: string) => publisher.publish(path, registered.token);
const statusOf = async (path: string): Promise<number> => (await publish(path)).status;
const channels = () => publisher.logs.appended.map(({ channel }) => channel);

beforeAll(async () => void (await new CountedPublisher().registerDocument(documentOf(CHANNELS))), LINT_MS);

beforeEach(async () => {
  publisher = new CountedPublisher();
  registered = await publisher.registerDocument(documentOf(CHANNELS));
});

describe("a path with parameters", () => {
  it.each([
    ["/lights/7/measured", "lights/7/measured"],
    ["/lights/%37/measured", "lights/7/measured"],
    ["/lights/all/measured", "lights/all/measured"],
    ["/shops/b%C3%A4r.sold", "shops/bär.sold"],
    ["/free/anything%20at%20all", "free/anything at all"],
    ["/twice/a/of/a", "twice/a/of/a"],
  ])("that fits its schemas is a channel: %s", async (path, channel) => {
    expect(await statusOf(path)).toBe(200);
    expect(channels()).toEqual([channel]);
  });

  it.each([
    ["/lights/0/measured", '"id"'],
    ["/lights/7.5/measured", '"id"'],
    ["/lights/seven/measured", '"id"'],
    ["/lights/7%20/measured", '"id"'],
    ["/shops/BAR.sold", '"shop"'],
    ["/shops/bar.lost", '"kind"'],
    ["/shops/bar.sold.returned", '"kind"'],
  ])("that does not is none, and the parameter is named: %s", async (path, name) => {
    const answer = await publish(path);
    expect(answer.status).toBe(404);
    const problem = (await answer.json()) as Json;
    expect(problem.type).toMatch(/\/channel-unknown$/);
    expect(problem.detail).toContain(name);
    expect(publisher.logs.calls).toEqual([]);
  });

  it("has one value for a parameter that stands there twice", async () => {
    expect(await statusOf("/twice/a/of/b")).toBe(404);
    expect(publisher.logs.calls).toEqual([]);
  });

  it("is checked whatever the API's validation is", async () => {
    for (const validation of ["warn", "enforce", "off"]) {
      await registered.patch({ validation });
      expect(await statusOf("/lights/0/measured")).toBe(404);
      expect(await statusOf("/lights/1/measured")).toBe(200);
    }
  });

  it("is not what credentials for other channels may publish to, fitting or not", async () => {
    const body = { name: "limited", channels: ["free/{id}"] };
    const made = await registered.organization.call("POST", `/v1/apis/${registered.api.id}/credentials`, { body });
    const token = await publisher.token(made.body.clientId);
    for (const path of ["/lights/0/measured", "/lights/1/measured"]) {
      expect((await publisher.publish(path, token)).status).toBe(403);
    }
  });

  it("costs one query more where a schema is declared, and none when the isolate has it", async () => {
    publisher.queries = 0;
    await publish("/free/7");
    expect(publisher.queries).toBe(1);
    await publish("/lights/7/measured");
    expect(publisher.queries).toBe(2);
    for (const id of [1, 2, 3]) await publish(`/lights/${id}/measured`);
    expect(publisher.queries).toBe(2);
  });
});

describe("a new version of the document", () => {
  it("decides on the next path, whether it takes more or less", async () => {
    const put = (schema: unknown) =>
      registered.putSpec(documentOf({ ...CHANNELS, "lights/{id}/measured": { id: schema } }, registered.api.title));
    expect(await statusOf("/lights/seven/measured")).toBe(404);
    await put({ type: "string" });
    expect(await statusOf("/lights/seven/measured")).toBe(200);
    await put({ type: "integer" });
    expect(await statusOf("/lights/seven/measured")).toBe(404);
    expect(await statusOf("/lights/0/measured")).toBe(200);
    await put(null);
    expect(await statusOf("/lights/seven/measured")).toBe(200);
  });
});

describe("the view of an API", () => {
  it("names the parameters of each channel", async () => {
    const { body } = await registered.organization.call("GET", `/v1/apis/${registered.api.id}`);
    const named = body.channels.map(({ address, parameters }: Json) => [address, parameters]);
    expect(Object.fromEntries(named)).toEqual({
      "lights/{id}/measured": ["id"],
      "lights/all/measured": [],
      "shops/{shop}.{kind}": ["shop", "kind"],
      "free/{id}": ["id"],
      "twice/{id}/of/{id}": ["id"],
    });
  });
});
