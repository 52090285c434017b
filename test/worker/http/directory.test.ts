import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { asyncApi, type Json, type Organization, Relay } from "./relay.ts";

type Document = { title: string; description?: string; tags?: string[]; channels?: string[] };

/** Registers an API and makes it public. */
async function publish(owner: Organization, { title, description = "", tags = [], channels = ["a"] }: Document) {
  const text = asyncApi(title, channels, {
    info: { title, version: "1.0.0", description },
    tags: tags.map((name) => ({ name })),
  });
  const { body } = await owner.call("POST", "/v1/apis", { text });
  await owner.call("PATCH", `/v1/apis/${body.id}`, { body: { visibility: "public" } });
  return body.id as string;
}

/** Titles of what a search finds, newest first. */
async function find(viewer: Organization, query: Record<string, string> | string[][]): Promise<string[]> {
  const { status, body } = await viewer.call("GET", `/v1/directory?${new URLSearchParams(query)}`);
  expect(status).toBe(200);
  return body.data.map((row: Json) => row.title);
}

describe("searching the directory", async () => {
  const relay = new Relay();
  const dealer = await relay.organization("Autohaus Müller & Söhne");
  const shop = await relay.organization("Corner Shop");
  const reader = await relay.organization("Reader");
  await publish(dealer, {
    title: "Repair Orders",
    description: "What happens to a vehicle in a dealer's workshop. Straße, Überführung, 注文の履歴.",
    tags: ["automotive", "Service Desk", "c#"],
    channels: ["repair-orders/{storeId}/statusChanged", "invoices/v2Paid"],
  });
  await publish(dealer, { title: "Vehicle Inventory", description: "Cars for sale", tags: ["automotive", "c++"] });
  await publish(shop, { title: "Groceries", description: "ЗАКАЗЫ и доставка; Ærø; 東京の車", tags: ["shop", "Ärzte"] });
  await shop.call("POST", "/v1/apis", { text: asyncApi("Secret Prices", ["prices/repair"]) });

  it.each([
    ["a word of the title", "repair", ["Repair Orders"]],
    ["in any case", "REPAIR", ["Repair Orders"]],
    ["the beginning of a word", "inven", ["Vehicle Inventory"]],
    ["words in any order, of different fields", "workshop orders storeid", ["Repair Orders"]],
    ["only what has every word", "repair inventory", []],
    ["a word of several", "vehicle", ["Vehicle Inventory", "Repair Orders"]],
    ["a tag", "automotive", ["Vehicle Inventory", "Repair Orders"]],
    ["a channel's address", "repair-orders", ["Repair Orders"]],
    ["a part of a name in an address", "changed", ["Repair Orders"]],
    ["the whole of that name", "statuschanged", ["Repair Orders"]],
    ["what stands behind a number", "paid", ["Repair Orders"]],
    ["the publisher's name", "corner", ["Groceries"]],
    ["publisher and title together", "müller inventory", ["Vehicle Inventory"]],
    ["without diacritics", "muller uberfuhrung", ["Repair Orders"]],
    ["non-ASCII in another case", "ÜBERFÜHRUNG", ["Repair Orders"]],
    ["ß as SS", "STRASSE", ["Repair Orders"]],
    ["Cyrillic in another case", "заказы", ["Groceries"]],
    ["Danish in another case", "ÆRØ", ["Groceries"]],
    ["words of a script without spaces, within a text", "履歴", ["Repair Orders"]],
    ["one character of it", "車", ["Groceries"]],
    ["no characters that are not neighbours", "注履", []],
    ["nothing where only the middle of a word is asked for", "pair", []],
    ["words between signs", "müller & (söhne)", ["Vehicle Inventory", "Repair Orders"]],
    ["nothing for signs alone", "%", []],
    ["nothing for what nobody has", "zebra", []],
    ["everything for nothing", "  ", ["Groceries", "Vehicle Inventory", "Repair Orders"]],
  ])("finds %s: %s", async (_, q, titles) => {
    expect(await find(reader, { q })).toEqual(titles);
  });

  it.each([
    '"',
    '""',
    'repair" OR 1',
    "repair AND",
    "NOT repair",
    "words : repair",
    "repair*",
    "^repair",
    "(",
    "a NEAR b",
    "-",
    "';--",
    "𞤀",
  ])("reads %j as words, never as an expression", async (q) => {
    expect(await find(reader, { q })).toEqual(["repair*", "^repair"].includes(q) ? ["Repair Orders"] : []);
  });

  it("finds what has every tag that is asked for, whole and in any case", async () => {
    expect(await find(reader, { tag: "AUTOMOTIVE" })).toEqual(["Vehicle Inventory", "Repair Orders"]);
    expect(await find(reader, { tag: "ärzte" })).toEqual(["Groceries"]);
    expect(await find(reader, { tag: "service desk" })).toEqual(["Repair Orders"]);
    expect(await find(reader, { tag: "service" })).toEqual([]);
    expect(await find(reader, { tag: "c#" })).toEqual(["Repair Orders"]);
    expect(await find(reader, { tag: "" })).toHaveLength(3);
    const both = (a: string, b: string) =>
      find(reader, [
        ["tag", a],
        ["tag", b],
      ]);
    expect(await both("automotive", "c++")).toEqual(["Vehicle Inventory"]);
    expect(await both("automotive", "shop")).toEqual([]);
  });

  it("finds what a publisher has, by its id or words of its name", async () => {
    expect(await find(reader, { publisher: dealer.id.toUpperCase() })).toEqual(["Vehicle Inventory", "Repair Orders"]);
    expect(await find(reader, { publisher: "sohne Autohaus" })).toEqual(["Vehicle Inventory", "Repair Orders"]);
    expect(await find(reader, { publisher: "corner", q: "repair" })).toEqual([]);
    expect(await find(reader, { publisher: reader.id })).toEqual([]);
    expect(await find(reader, { publisher: "&" })).toEqual([]);
    expect(await find(reader, { q: dealer.id })).toEqual([]);
  });

  it("shows private APIs to their own organization and to those they are shared with", async () => {
    expect(await find(shop, { q: "secret" })).toEqual(["Secret Prices"]);
    expect(await find(reader, { q: "secret" })).toEqual([]);
    const [{ id }] = (await shop.call("GET", "/v1/directory?q=secret")).body.data;
    await shop.call("PUT", `/v1/apis/${id}/shares/${reader.id}`);
    expect(await find(reader, { q: "prices shop" })).toEqual(["Secret Prices"]);
    await shop.call("DELETE", `/v1/apis/${id}/shares/${reader.id}`);
    expect(await find(reader, { q: "secret" })).toEqual([]);
  });

  it("gives what it finds page by page, each once", async () => {
    const path = "/v1/directory?tag=automotive&limit=1";
    const first = await reader.call("GET", path);
    const second = await reader.call("GET", `${path}&cursor=${first.body.nextCursor}`);
    expect([...first.body.data, ...second.body.data].map((row: Json) => row.title)).toEqual([
      "Vehicle Inventory",
      "Repair Orders",
    ]);
    expect(second.body.nextCursor).toBeNull();
  });

  it.each([
    `q=${"x".repeat(201)}`,
    "q=%00",
    `publisher=${"x".repeat(201)}`,
    `tag=${"x".repeat(257)}`,
    "q=a&q=b",
    "limit=1&limit=2",
  ])("refuses %s", async (query) => {
    const answer = await reader.call("GET", `/v1/directory?${query}`);
    expect([answer.status, answer.body.errors[0].path]).toEqual([422, query.split("=")[0]]);
  });

  it("refuses more tags than anybody needs", async () => {
    const answer = await reader.call("GET", `/v1/directory?${"tag=x&".repeat(21)}`);
    expect([answer.status, answer.body.errors[0].path]).toEqual([422, "tag"]);
  });

  it("takes as many words as fit the query", async () => {
    expect(await find(reader, { q: "r ".repeat(100).trim(), limit: "5" })).toEqual(["Repair Orders"]);
  });

  it("forgets an API that is deleted", async () => {
    const id = await publish(shop, { title: "Short Lived" });
    expect(await find(reader, { q: "lived" })).toEqual(["Short Lived"]);
    await shop.call("DELETE", `/v1/apis/${id}`);
    const left = "SELECT count(*) AS n FROM api_search WHERE api_search MATCH 'lived'";
    expect(await env.REGISTRY.prepare(left).first("n")).toBe(0);
  });

  it("finds what was registered before there was an index", async () => {
    const migration = env.MIGRATIONS.find(({ name }) => name.endsWith("directory_search.sql"));
    const backfill = migration?.queries.at(-1) ?? "";
    await env.REGISTRY.prepare("INSERT INTO api_search (api_search) VALUES ('delete-all')").run();
    expect(await find(reader, { q: "repair" })).toEqual([]);
    await env.REGISTRY.prepare(backfill).run();
    expect(await find(reader, { q: "repair muller storeid AUTOMOTIVE" })).toEqual(["Repair Orders"]);
    expect(await find(reader, { tag: "SHOP" })).toEqual(["Groceries"]);
    expect(await find(reader, { publisher: shop.id })).toEqual(["Groceries"]);
  });
});

describe("an entry of the directory", () => {
  it("says where its documents are, and where its page is if it is public", async () => {
    const relay = new Relay();
    const [acme, other] = [await relay.organization(), await relay.organization()];
    const api = await acme.api();
    const documents = {
      yaml: `https://relay.test/v1/directory/${api.id}/asyncapi.yaml`,
      json: `https://relay.test/v1/directory/${api.id}/asyncapi.json`,
    };
    expect((await acme.call("GET", `/v1/directory/${api.id}`)).body.documents).toEqual({ ...documents, page: null });
    await acme.call("PATCH", `/v1/apis/${api.id}`, { body: { visibility: "public" } });
    const page = `https://relay.test/directory/${api.id}`;
    expect((await other.call("GET", `/v1/directory/${api.id}`)).body.documents).toEqual({ ...documents, page });
  });
});

describe("an API's document", () => {
  it("has the relay for a server and nothing of the publisher's, in YAML and in JSON", async () => {
    const relay = new Relay();
    const [acme, other] = [await relay.organization(), await relay.organization()];
    const api = await acme.api(undefined, { visibility: "public" });
    const [yaml, json] = await Promise.all(
      ["yaml", "json"].map((end) => other.call("GET", `/v1/directory/${api.id}/asyncapi.${end}`)),
    );
    expect(yaml?.headers.get("Content-Type")).toBe("application/yaml");
    expect(json?.headers.get("Content-Type")).toBe("application/json");
    expect(parse(yaml?.text ?? "")).toEqual(json?.body);
    expect(json?.body).toMatchObject({
      asyncapi: "2.6.0",
      info: { title: api.title },
      servers: { relay: { url: "https://relay.test", protocol: "https" } },
      channels: { "orders/created": {}, "orders/{id}/changed": {} },
    });
    expect(Object.keys(json?.body.servers)).toEqual(["relay"]);
    expect(yaml?.text).not.toContain("internal.publisher");
    expect(json?.text).not.toContain("internal.publisher");
    expect((await acme.call("POST", "/v1/apis", { text: yaml?.text.replace(api.title, "Copy") ?? "" })).status).toBe(
      201,
    );
  });

  it("is given back to its publisher as it was sent", async () => {
    const acme = await new Relay().organization();
    const api = await acme.api(undefined, { visibility: "public" });
    expect((await acme.call("GET", `/v1/apis/${api.id}/spec`)).text).toContain("amqp.internal.publisher.example");
    expect((await acme.call("GET", `/v1/directory/${api.id}/asyncapi.json`)).text).not.toContain("internal.publisher");
  });

  it("may be kept by whoever asks each time whether it still holds", async () => {
    const relay = new Relay();
    const [acme, other] = [await relay.organization(), await relay.organization()];
    const api = await acme.api(undefined, { visibility: "public" });
    const ask = (etag: string) =>
      other.call("GET", `/v1/directory/${api.id}/asyncapi.yaml`, { headers: { "If-None-Match": etag } });
    const first = await ask('"another"');
    expect([first.status, first.headers.get("Cache-Control")]).toEqual([200, "private, no-cache"]);
    const etag = first.headers.get("ETag") ?? "";
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
      const again = await ask(known);
      expect([again.status, again.text, again.headers.get("ETag")]).toEqual([304, "", etag]);
    }
    await acme.call("PATCH", `/v1/apis/${api.id}`, { body: { visibility: "private" } });
    expect((await ask(etag)).status).toBe(404);
  });

  it("is not there without a token, nor for what is private or unknown", async () => {
    const relay = new Relay();
    const [acme, other] = [await relay.organization(), await relay.organization()];
    const [open, hidden] = [await acme.api(undefined, { visibility: "public" }), await acme.api()];
    const path = (id: string) => `/v1/directory/${id}/asyncapi.json`;
    expect((await relay.call("GET", path(open.id), { token: null })).status).toBe(401);
    const answers = await Promise.all([hidden.id, crypto.randomUUID(), "x"].map((id) => other.call("GET", path(id))));
    expect(answers.map((answer) => answer.status)).toEqual([404, 404, 404]);
    expect(answers[0]?.text).toBe(answers[1]?.text);
  });
});
