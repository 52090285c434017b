import { describe, expect, it } from "vitest";
import { type Answer, asyncApi, type Organization, Relay } from "./relay.ts";

const get = (relay: Relay, path: string, headers: Record<string, string> = {}): Promise<Answer> =>
  relay.call("GET", path, { token: null, headers });

const BROWSER = { Accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

/** Registers an API from this and makes it public. */
async function publish(owner: Organization, text: string, settings: Record<string, unknown> = {}): Promise<string> {
  const { body } = await owner.call("POST", "/v1/apis", { text });
  await owner.call("PATCH", `/v1/apis/${body.id}`, { body: { visibility: "public", ...settings } });
  return body.id;
}

/** A page runs nothing, loads nothing, and takes no style but its own. */
async function expectHarmless({ headers, text }: Answer): Promise<void> {
  expect(headers.get("Content-Type")).toMatch(/^text\/html/);
  const policy = headers.get("Content-Security-Policy") ?? "";
  expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^' ]+'; form-action 'self'; base-uri 'none'; frame-/);
  const style = /<style>([^<]*)<\/style>/.exec(text)?.[1] ?? "";
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
  expect(policy).toContain(btoa(String.fromCharCode(...new Uint8Array(digest))));
  const tags = new Set([...text.matchAll(/<([a-z0-9]+)/gi)].map(([, tag]) => tag));
  for (const tag of ["script", "img", "iframe", "object", "embed", "link", "base", "svg", "i", "b"]) {
    expect(tags).not.toContain(tag);
  }
  const withoutValues = text.replaceAll(/"[^"]*"/g, '""');
  expect(withoutValues).not.toMatch(/<[^>]*\s(?:on\w+|style|src|srcset)\s*=/i);
  for (const [, address = ""] of text.matchAll(/href="([^"]*)"/g)) expect(address).toMatch(/^(?:\/|#|https?:\/\/)/);
}

describe("the page of an API", () => {
  it("shows what the API is about, who may have it, how to subscribe, and every channel", async () => {
    const relay = new Relay();
    const acme = await relay.organization("Acme & Söhne");
    const order = {
      type: "object",
      required: ["number"],
      properties: {
        number: { type: "string", pattern: "^RO-" },
        lines: { type: "array", items: { $ref: "#/components/schemas/Line" } },
      },
      examples: [{ number: "RO-1001" }],
    };
    const text = asyncApi("Repair Orders", ["orders/{id}/changed"], {
      info: { title: "Repair Orders", version: "1.4.0", description: "All about **orders**." },
      channels: {
        "orders/{id}/changed": {
          description: "An order has changed",
          parameters: { id: { schema: { type: "string", minLength: 4, description: "Of the order" } } },
          subscribe: {
            message: {
              oneOf: [
                { name: "OrderChanged", contentType: "application/json", payload: order },
                { name: "OrderClosed", payload: { type: "string" }, examples: [{ payload: "closed for good" }] },
              ],
            },
          },
        },
      },
      components: {
        schemas: { Line: { type: "object", properties: { sku: { type: "string", description: "Of the part" } } } },
      },
    });
    const settings = {
      access: "consent",
      approval: "manual",
      documentation: "https://acme.example/docs",
      support: "call us",
      terms: "javascript:alert(1)",
    };
    const id = await publish(acme, text, settings);
    const page = await get(relay, `/directory/${id}`, BROWSER);
    expect(page.status).toBe(200);
    for (const part of [
      "<title>Repair Orders · Event Relay</title>",
      "1.4.0",
      "Acme &amp; Söhne",
      "All about <strong>orders</strong>.",
      'href="/directory?tag=shop"',
      "Each data owner has to consent",
      "The publisher approves each subscription",
      '<a href="https://acme.example/docs" rel="nofollow noopener noreferrer">',
      "<dd>call us</dd>",
      "<dd>javascript:alert(1)</dd>",
      `href="/directory/${id}/asyncapi.yaml"`,
      "curl https://relay.test/v1/apps/$app/subscriptions",
      `{&quot;apiId&quot;: &quot;${id}&quot;`,
      "<code>orders/{id}/changed</code>",
      "<code>{id}</code>",
      "length ≥ 4",
      "An order has changed",
      "OrderChanged",
      '<code>number</code> <span class="required">required</span>',
      "matches ^RO-",
      "list of object",
      "Of the part",
      "&quot;number&quot;: &quot;RO-1001&quot;",
      '<pre tabindex="0">&quot;closed for good&quot;</pre>',
    ]) {
      expect(page.text).toContain(part);
    }
    expect(page.text).not.toContain("internal.publisher");
    await expectHarmless(page);
  });

  it("is for public APIs only: what is private, shared or unknown is the same nothing", async () => {
    const relay = new Relay();
    const [acme, other] = [await relay.organization(), await relay.organization()];
    const api = await acme.api();
    await acme.call("PUT", `/v1/apis/${api.id}/shares/${other.id}`);
    const unknown = await get(relay, `/directory/${crypto.randomUUID()}`, BROWSER);
    expect([unknown.status, unknown.headers.get("Content-Type")]).toEqual([404, "text/html; charset=UTF-8"]);
    await expectHarmless(unknown);
    for (const path of [api.id, "7", "..%2f..", "%00", "' OR 1=1"]) {
      const answer = await get(relay, `/directory/${path}`, BROWSER);
      expect([answer.status, answer.text]).toEqual([404, unknown.text]);
    }
    for (const token of [acme.token, other.token]) {
      expect((await relay.call("GET", `/directory/${api.id}`, { token })).status).toBe(404);
    }
    const problem = await get(relay, `/directory/${api.id}`);
    expect([problem.headers.get("Content-Type"), problem.body.code]).toEqual(["application/problem+json", 404]);

    await acme.call("PATCH", `/v1/apis/${api.id}`, { body: { visibility: "public" } });
    expect((await get(relay, `/directory/${api.id.toUpperCase()}`)).status).toBe(200);
    await acme.call("PATCH", `/v1/apis/${api.id}`, { body: { visibility: "private" } });
    expect((await get(relay, `/directory/${api.id}`)).status).toBe(404);
  });

  it("shows as text whatever a publisher writes", async () => {
    const relay = new Relay();
    const evil = '"><script>alert(1)</script><img src=x onerror=alert(2)>';
    const acme = await relay.organization(evil);
    const payload = {
      title: evil,
      type: "object",
      required: [evil],
      properties: { [evil]: { type: "string", description: evil, enum: [evil], pattern: evil, format: evil } },
      examples: [{ [evil]: evil }],
    };
    const text = asyncApi(evil, ["a"], {
      info: {
        title: evil,
        version: evil,
        description: `${evil}\n\n[x](javascript:alert(1)) [y](data:text/html,${evil})`,
      },
      tags: [{ name: evil }],
      channels: {
        a: { description: evil, subscribe: { message: { name: evil, contentType: "application/json", payload } } },
      },
    });
    const id = await publish(acme, text, { documentation: `https://x.example/${evil}`, support: evil, terms: evil });
    for (const path of [
      `/directory/${id}`,
      "/directory",
      `/directory?${new URLSearchParams({ q: evil, tag: evil })}`,
    ]) {
      const page = await get(relay, path, BROWSER);
      expect(page.status).toBe(200);
      await expectHarmless(page);
    }
    expect((await get(relay, `/directory/${id}`)).text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  });

  it("stays of a bearable size, however much the schemas write out", async () => {
    const relay = new Relay();
    const acme = await relay.organization();
    const names = Array.from({ length: 410 }, (_, i) => `property${i}`);
    const properties = Object.fromEntries(names.map((name) => [name, { type: "string" }]));
    const message = { name: "M", payload: { $ref: "#/components/schemas/Wide" } };
    const channels = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`c${i}`, { subscribe: { message } }]));
    const text = asyncApi("Wide", [], { channels, components: { schemas: { Wide: { type: "object", properties } } } });
    const page = await get(relay, `/directory/${await publish(acme, text)}`);
    expect(page.text.match(/<tr class/g)).toHaveLength(4_000);
    expect(page.text).toContain("The rest is in the document.");
  });

  it("gives the document to whoever may see the page, and to nobody else", async () => {
    const relay = new Relay();
    const acme = await relay.organization();
    const api = await acme.api(undefined, { visibility: "public" });
    const yaml = await get(relay, `/directory/${api.id}/asyncapi.yaml`);
    const json = await get(relay, `/directory/${api.id}/asyncapi.json`);
    expect([yaml.status, yaml.headers.get("Content-Type")]).toEqual([200, "application/yaml"]);
    expect(json.body.servers).toEqual({ relay: expect.objectContaining({ url: "https://relay.test" }) });
    expect(yaml.text + json.text).not.toContain("internal.publisher");
    const known = { "If-None-Match": json.headers.get("ETag") ?? "" };
    expect((await get(relay, `/directory/${api.id}/asyncapi.json`, known)).status).toBe(304);
    const hidden = await acme.api();
    expect((await get(relay, `/directory/${hidden.id}/asyncapi.json`)).status).toBe(404);
    expect((await get(relay, "/directory/x/asyncapi.yaml")).status).toBe(404);
  });
});

describe("the page of the directory", async () => {
  const relay = new Relay();
  const paperworks = await relay.organization("Paperworks");
  const orders = await publish(paperworks, asyncApi("Orders", ["orders/placed"], { tags: [{ name: "sales & more" }] }));
  await publish(paperworks, asyncApi("Invoices", ["invoices/sent"]));
  await paperworks.call("POST", "/v1/apis", { text: asyncApi("Hidden", ["hidden"]) });
  const titles = ({ text }: Answer) =>
    [...text.matchAll(/<bdi>(\w+)<\/bdi><\/a> <span class="version">/g)].map((m) => m[1]);

  it("lists public APIs, and finds them by words, tags and publisher", async () => {
    const page = await get(relay, "/directory", BROWSER);
    expect(page.status).toBe(200);
    expect(titles(page)).toEqual(expect.arrayContaining(["Invoices", "Orders"]));
    expect(titles(page)).not.toContain("Hidden");
    expect(page.text).toContain(`href="/directory/${orders}"`);
    await expectHarmless(page);
    expect(titles(await get(relay, "/directory?q=PLACED+paperworks"))).toEqual(["Orders"]);
    expect(titles(await get(relay, `/directory?tag=shop&publisher=${paperworks.id}&q=`))).toEqual(["Invoices"]);
    const tagged = /href="(\/directory\?tag=sales[^"]*)"/.exec(page.text)?.[1] ?? "";
    expect(titles(await get(relay, tagged))).toEqual(["Orders"]);
    const none = await get(relay, "/directory?q=hidden+paperworks");
    expect([titles(none), none.text.includes("There is no such API.")]).toEqual([[], true]);
  });

  it("shows nobody's private APIs, whoever asks", async () => {
    const page = await relay.call("GET", "/directory?q=paperworks", { token: paperworks.token });
    expect(titles(page)).toEqual(["Invoices", "Orders"]);
  });

  it("leads from page to page, and keeps what was asked for", async () => {
    const first = await get(relay, "/directory?limit=1&q=paperworks");
    expect(titles(first)).toEqual(["Invoices"]);
    expect(first.text).toContain('value="paperworks"');
    const next = /rel="next" href="([^"]*)"/.exec(first.text)?.[1]?.replaceAll("&amp;", "&") ?? "";
    expect(next).toMatch(/q=paperworks&/);
    const second = await get(relay, next);
    expect([titles(second), second.text.includes('rel="next"')]).toEqual([["Orders"], false]);
  });

  it.each(["cursor=nonsense", `q=${"x".repeat(201)}`, "limit=0", "q=%0a"])("refuses %s", async (query) => {
    const page = await get(relay, `/directory?${query}`, BROWSER);
    expect(page.status).toBe(422);
    await expectHarmless(page);
    const problem = await get(relay, `/directory?${query}`);
    expect([problem.status, problem.body.errors[0].path]).toEqual([422, query.split("=")[0]]);
  });
});

describe("the API reference", () => {
  it("is a page like the others", async () => {
    const page = await get(new Relay(), "/docs", BROWSER);
    expect(page.text).toContain("/v1/apis/{id}/shares/{organizationId}");
    expect(page.text).toContain("/v1/directory/{apiId}/asyncapi.yaml");
    await expectHarmless(page);
  });
});
