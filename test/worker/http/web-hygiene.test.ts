import { describe, expect, it } from "vitest";
import { asyncApi, Relay } from "./relay.ts";

const FOREIGN = "https://evil.example";

/** What a browser may be told by a cross-origin answer. */
const corsHeaders = (headers: Headers): string[] =>
  [...headers.keys()].filter((name) => name.startsWith("access-control-"));

describe("pages of other origins", () => {
  it.each(["/v1/apis", "/v1/organizations", "/v1/token", "/v2/events/orders", "/openapi.json", "/healthz"])(
    "are told nothing by %s, whether they ask before or just call",
    async (path) => {
      const relay = new Relay();
      for (const origin of [FOREIGN, "null", ""]) {
        for (const method of ["OPTIONS", "GET", "POST"]) {
          const headers = { Origin: origin, "Access-Control-Request-Method": "POST" };
          const answer = await relay.call(method, path, { headers });
          expect(corsHeaders(answer.headers), `${method} from "${origin}"`).toEqual([]);
          if (method === "OPTIONS") expect(answer.status).toBe(405);
        }
      }
    },
  );

  it("may call the management API where the relay names their origin, and without cookies", async () => {
    const relay = new Relay();
    relay.env.MANAGEMENT_CORS_ORIGINS = "https://console.example, https://other.example" as never;
    for (const origin of ["https://console.example", "https://other.example"]) {
      const headers = { Origin: origin, "Access-Control-Request-Method": "PATCH" };
      const preflight = await relay.call("OPTIONS", "/v1/apis", { token: null, headers });
      expect([preflight.status, preflight.headers.get("Access-Control-Allow-Origin")]).toEqual([204, origin]);
      const answer = await relay.call("GET", "/v1/organizations", { headers: { Origin: origin } });
      expect([answer.status, answer.headers.get("Access-Control-Allow-Origin")]).toEqual([200, origin]);
      expect(answer.headers.get("Vary")).toContain("Origin");
      for (const { headers: sent } of [preflight, answer]) {
        expect(sent.has("Access-Control-Allow-Credentials")).toBe(false);
      }
    }
    for (const origin of [FOREIGN, "null", "https://console.example.evil.example", "https://console.example:444", ""]) {
      const answer = await relay.call("GET", "/v1/organizations", { headers: { Origin: origin } });
      expect(corsHeaders(answer.headers), origin).toEqual([]);
    }
  });
});

describe("a page", () => {
  it("runs nothing, is framed by nobody, and is looked at over https only", async () => {
    const relay = new Relay();
    const acme = await relay.organization();
    const registered = await acme.call("POST", "/v1/apis", { text: asyncApi("Shop", ["orders"]) });
    await acme.call("PATCH", `/v1/apis/${registered.body.id}`, { body: { visibility: "public" } });
    for (const path of ["/docs", "/directory", `/directory/${registered.body.id}`, "/directory?q=%00"]) {
      const { headers } = await relay.call("GET", path, { token: null, headers: { Accept: "text/html" } });
      expect(headers.get("Content-Type"), path).toMatch(/^text\/html/);
      const policy = headers.get("Content-Security-Policy") ?? "";
      for (const part of ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"]) {
        expect(policy, path).toContain(part);
      }
      expect(policy).not.toMatch(/unsafe|\*|script-src/);
      expect(Object.fromEntries(headers)).toMatchObject({
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "strict-transport-security": "max-age=31536000",
      });
    }
  });
});

describe("no address in a request", () => {
  it.each([
    ["//evil.example/", 404],
    ["/directory//evil.example", 404],
    ["/\\evil.example", 404],
    ["/docs?next=https://evil.example", 200],
    ["/openapi.json", 200],
    ["/.well-known/oauth-authorization-server/oauth2/default", 200],
  ])("sends anybody elsewhere: %s", async (path, status) => {
    const request = { origin: "https://evil.example", token: null, headers: { "X-Forwarded-Host": "evil.example" } };
    const answer = await new Relay().call("GET", path, request);
    expect([answer.status, answer.headers.get("Location")]).toEqual([status, null]);
    expect(answer.text).not.toContain("evil.example");
  });
});
