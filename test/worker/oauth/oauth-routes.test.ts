import { env } from "cloudflare:workers";
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { oauthRoutes } from "../../../src/http/oauth.ts";
import { sha256 } from "../../../src/kernel/digest.ts";
import { insertApp } from "../../../src/registry/apps.ts";
import { insertClient, revokeClient } from "../../../src/registry/clients.ts";
import { insertOrganization } from "../../../src/registry/organizations.ts";
import { withClock } from "./with-clock.ts";

const ISSUER = "https://relay.test/oauth2/default";
const CLIENT = { id: crypto.randomUUID(), secret: "s3cret-of-the-app" };
const REVOKED = { id: crypto.randomUUID(), secret: "s3cret-of-old" };
const PATHS = ["/oauth2/default/v1/token", "/v1/token"];
const FORM = "application/x-www-form-urlencoded";

const basic = (id: string, secret: string): string => `Basic ${btoa(`${id}:${secret}`)}`;
const form = (fields: Record<string, string>): string => new URLSearchParams(fields).toString();
const posted = { grant_type: "client_credentials", client_id: CLIENT.id, client_secret: CLIENT.secret };

const app = withClock(oauthRoutes);

const call = (path: string, init?: RequestInit) => app.request(`https://relay.test${path}`, init, env);

const post = (body: string, headers: Record<string, string> = {}, path = "/v1/token") =>
  call(path, { method: "POST", headers: { "Content-Type": FORM, ...headers }, body });

type TokenAnswer = { access_token: string; token_type: string; expires_in: number; scope: string };
type ErrorAnswer = { error: string; error_description: string };

beforeAll(async () => {
  const db = env.REGISTRY;
  const organization = { id: crypto.randomUUID(), name: "Subscriber", createdMs: 0 };
  const app = { id: crypto.randomUUID(), organizationId: organization.id, name: "App", createdMs: 0, updatedMs: 0 };
  const owner = { kind: "app", appId: app.id } as const;
  const clients = await Promise.all(
    [CLIENT, REVOKED].map(async ({ id, secret }) =>
      insertClient(db, owner, { id, name: "key", channels: null, createdMs: 0, secretDigest: await sha256(secret) }),
    ),
  );
  await db.batch([
    insertOrganization(db, organization),
    insertApp(db, { ...app, description: null, website: null, isListed: false }),
    ...clients,
    revokeClient(db, REVOKED.id, 1),
  ]);
});

async function expectError(response: Response, status: number, error: string): Promise<void> {
  expect(response.status).toBe(status);
  expect(response.headers.get("Cache-Control")).toBe("no-store");
  const answer = await response.json<ErrorAnswer>();
  expect(Object.keys(answer)).toEqual(["error", "error_description"]);
  expect(answer.error).toBe(error);
  // RFC 6749 §5.2: printable ASCII without quote and backslash.
  expect(answer.error_description).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
  expect(response.headers.has("WWW-Authenticate")).toBe(status === 401);
}

describe("a token is given (RFC 6749 §4.4)", () => {
  const header = { Authorization: basic(CLIENT.id, CLIENT.secret) };
  const json = { "Content-Type": "application/json" };

  test.each([
    ["client_secret_post in a form", form(posted), {}],
    ["client_secret_post in JSON", JSON.stringify(posted), json],
    ["client_secret_basic with a form", form({ grant_type: "client_credentials" }), header],
    ["client_secret_basic with JSON", JSON.stringify({ grant_type: "client_credentials" }), { ...json, ...header }],
    ["the scope anonymous", form({ ...posted, scope: "anonymous" }), {}],
    ["an empty scope, which is none", form({ ...posted, scope: "" }), {}],
  ])("for %s, at both paths", async (_, body, headers) => {
    for (const path of PATHS) {
      const response = await post(body, headers, path);
      expect(response.status).toBe(200);
      expect(response.headers.get("Cache-Control")).toBe("no-store");
      expect(response.headers.get("Content-Type")).toContain("application/json");
      expect(await response.json()).toEqual({
        access_token: expect.any(String),
        token_type: "Bearer",
        expires_in: 3600,
        scope: "anonymous",
      });
    }
  });

  test("that a stranger can check with nothing but the metadata and the JWKS", async () => {
    const { access_token } = await (await post(form(posted))).json<TokenAnswer>();
    const metadata = await (await call("/oauth2/default/.well-known/openid-configuration")).json<{
      issuer: string;
      jwks_uri: string;
    }>();
    const jwks = await (await call(new URL(metadata.jwks_uri).pathname)).json<JSONWebKeySet>();
    const { payload } = await jwtVerify(access_token, createLocalJWKSet(jwks), {
      issuer: metadata.issuer,
      audience: "api_providers",
    });
    expect(payload).toMatchObject({
      iss: ISSUER,
      sub: CLIENT.id,
      cid: CLIENT.id,
      client_id: CLIENT.id,
      kind: "app",
      scp: ["anonymous"],
      jti: expect.any(String),
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
  });
});

describe("a request is refused (RFC 6749 §5.2)", () => {
  test.each([
    ["a wrong secret", { ...posted, client_secret: "wrong" }],
    ["an unknown client", { ...posted, client_id: crypto.randomUUID() }],
    ["a revoked client", { ...posted, client_id: REVOKED.id, client_secret: REVOKED.secret }],
    ["SQL for an id", { ...posted, client_id: "'OR'1'='1" }],
    ["a NUL in the id", { ...posted, client_id: `${CLIENT.id}\0` }],
    ["no credentials", { grant_type: "client_credentials" }],
  ])("401 invalid_client for %s, in the body and in the header alike", async (_, fields) => {
    await expectError(await post(form(fields)), 401, "invalid_client");
    if (!("client_id" in fields)) return;
    const authorization = basic(encodeURIComponent(fields.client_id), fields.client_secret);
    const response = await post("grant_type=client_credentials", { Authorization: authorization });
    expect(response.headers.get("WWW-Authenticate")).toMatch(/^Basic realm="/);
    await expectError(response, 401, "invalid_client");
  });

  test("with the same words for an unknown client and a wrong secret", async () => {
    const wrong = await post(form({ ...posted, client_secret: "wrong" }));
    const unknown = await post(form({ ...posted, client_id: crypto.randomUUID() }));
    expect(await unknown.text()).toBe(await wrong.text());
  });

  test("400 invalid_scope for a scope that nobody is given", async () => {
    for (const scope of ["delivery", "anonymous delivery", "admin", "anonymous\tx"]) {
      await expectError(await post(form({ ...posted, scope })), 400, "invalid_scope");
    }
  });

  test("400 unsupported_grant_type for any other grant", async () => {
    const response = await post(form({ ...posted, grant_type: "password" }));
    await expectError(response, 400, "unsupported_grant_type");
  });

  test("400 invalid_request for two methods at once, a repeated parameter, no grant type, or an unreadable body", async () => {
    const header = { Authorization: basic(CLIENT.id, CLIENT.secret) };
    await expectError(await post(form(posted), header), 400, "invalid_request");
    await expectError(await post(`${form(posted)}&scope=anonymous&scope=anonymous`), 400, "invalid_request");
    await expectError(await post(form({ ...posted, grant_type: "" })), 400, "invalid_request");
    await expectError(await post("{", { "Content-Type": "application/json" }), 400, "invalid_request");
    await expectError(await post(form(posted), { "Content-Type": "text/plain" }), 400, "invalid_request");
    await expectError(await call("/v1/token", { method: "POST" }), 400, "invalid_request");
  });

  test("for credentials in the query, which would end up in somebody's log: they are not read", async () => {
    const response = await post("grant_type=client_credentials", {}, `/v1/token?${form(posted)}`);
    await expectError(response, 401, "invalid_client");
  });

  test("413 for a body too large, whether it says so or not", async () => {
    const large = form({ ...posted, filler: "x".repeat(8 * 1024) });
    await expectError(await post(large), 413, "invalid_request");
    const chunk = new TextEncoder().encode("x".repeat(4096));
    let chunks = 0;
    const body = new ReadableStream({
      pull(controller) {
        chunks++;
        controller.enqueue(chunk);
      },
    });
    const endless = new Request("https://relay.test/v1/token", {
      method: "POST",
      headers: { "Content-Type": FORM },
      body,
    });
    await expectError(await app.request(endless, undefined, env), 413, "invalid_request");
    expect(chunks).toBeLessThan(10);
  });
});

describe("the JWKS", () => {
  test("holds public members only and may be cached", async () => {
    const response = await call("/oauth2/default/v1/keys");
    expect(response.status).toBe(200);
    expect(response.headers.get("Cache-Control")).toBe("public, max-age=300");
    const { keys } = await response.json<JSONWebKeySet>();
    expect(keys).toHaveLength(1);
    for (const key of keys) {
      expect(Object.keys(key).toSorted()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
      expect(key).toMatchObject({ kty: "RSA", alg: "RS256", use: "sig" });
    }
  });
});

describe("the metadata", () => {
  test.each([
    "/.well-known/oauth-authorization-server/oauth2/default",
    "/oauth2/default/.well-known/openid-configuration",
  ])("is at %s (RFC 8414 §3)", async (path) => {
    const response = await call(path);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      issuer: ISSUER,
      token_endpoint: `${ISSUER}/v1/token`,
      jwks_uri: `${ISSUER}/v1/keys`,
      grant_types_supported: ["client_credentials"],
      response_types_supported: [],
      token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
    });
  });
});

describe("while D1 is away, a cold isolate answers 503 with Retry-After and tells nothing of the inside", () => {
  const REGISTRY = {
    prepare() {
      throw new Error("D1_ERROR: secret details");
    },
  };

  beforeEach(() => {
    vi.spyOn(console, "log").mockImplementation(() => {});
  });

  test.each([
    ["the JWKS", "/oauth2/default/v1/keys", {}],
    ["a token request", "/v1/token", { method: "POST", headers: { "Content-Type": FORM }, body: form(posted) }],
  ])("to %s", async (_, path, init) => {
    vi.resetModules();
    const { oauthRoutes: coldRoutes } = await import("../../../src/http/oauth.ts");
    const response = await withClock(coldRoutes).request(`https://relay.test${path}`, init, { ...env, REGISTRY });
    expect(response.status).toBe(503);
    expect(Number(response.headers.get("Retry-After"))).toBeGreaterThan(0);
    const answer = await response.text();
    expect(answer).toContain("temporarily_unavailable");
    expect(answer).not.toContain("secret details");
  });
});
