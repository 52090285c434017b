import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { SESSION_IDLE_MS_MAX, SESSION_MS_MAX, SESSION_SEATS_MAX } from "../../../src/kernel/limits.ts";
import { dropIdleSessions } from "../../../src/registry/sessions.ts";
import { Browser } from "./browser.ts";
import { OPERATOR, Relay, START_MS } from "./relay.ts";

const COOKIE = "__Host-session";

const slugOf = ({ status, body }: { status: number; body: { type: string } }) =>
  `${status} ${body.type.replace("https://relay.test/problems/", "")}`;

/** A browser that is signed in to an organization. */
async function signedIn(role: "admin" | "developer" | "viewer" = "admin") {
  const relay = new Relay();
  const organization = await relay.organization();
  const made = await organization.tokenFor(role);
  const browser = new Browser(relay);
  await browser.signIn(made.token);
  return { relay, organization, browser, tokenId: made.id };
}

describe("signing in", () => {
  it("gives a cookie that no script can read, and says as whom one may act", async () => {
    const relay = new Relay();
    const acme = await relay.organization();
    const browser = new Browser(relay);
    const answer = await browser.signIn((await acme.tokenFor("developer")).token);
    expect([answer.status, answer.headers.get("Cache-Control")]).toEqual([200, "no-store"]);
    expect(answer.body).toEqual({
      csrfToken: expect.stringMatching(/^[\w-]{43}$/),
      expiresAt: new Date(START_MS + SESSION_MS_MAX).toISOString(),
      isOperator: false,
      person: null,
      organizations: [{ id: acme.id, name: "Acme", role: "developer" }],
    });
    const [cookie = ""] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-session=rs_[\w-]{43}; /);
    expect(cookie.split("; ").slice(1).sort()).toEqual([
      "HttpOnly",
      "Max-Age=43200",
      "Path=/",
      "SameSite=Strict",
      "Secure",
    ]);
    expect((await browser.send("GET", "/session")).body).toEqual(answer.body);
  });

  it("over http gives a cookie that browsers take there", async () => {
    const relay = new Relay();
    const acme = await relay.organization();
    relay.env.RELAY_ORIGIN = "http://127.0.0.1:8787" as never;
    const headers = { "Content-Type": "application/json", Origin: "http://127.0.0.1:8787" };
    const answer = await relay.call("POST", "/session", { token: null, headers, body: { token: acme.token } });
    expect(answer.headers.getSetCookie()[0]).toMatch(
      /^session=rs_[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
    );
  });

  it("again adds an organization to the session, under another id and with another CSRF token", async () => {
    const { relay, organization, browser } = await signedIn();
    const other = await relay.organization("Best");
    const [cookie, csrfToken] = [browser.cookies.get(COOKIE), browser.session.csrfToken];
    const { body } = await browser.signIn(other.token);
    expect(body.organizations.map(({ id }: { id: string }) => id)).toEqual([organization.id, other.id]);
    expect(browser.cookies.get(COOKIE)).not.toBe(cookie);
    expect(body.csrfToken).not.toBe(csrfToken);
    const before = await relay.call("GET", "/session", { token: null, headers: { Cookie: `${COOKIE}=${cookie}` } });
    expect(before.status).toBe(204);
    for (const each of [organization, other]) {
      expect((await browser.call(each.id, "GET", `/v1/organizations/${each.id}`)).status).toBe(200);
    }
  });

  it("to the same organization again counts with the newer token", async () => {
    const { organization, browser } = await signedIn("viewer");
    await browser.signIn((await organization.tokenFor("developer")).token);
    expect(browser.session.organizations).toMatchObject([{ id: organization.id, role: "developer" }]);
  });

  it("does not take over an id that somebody planted", async () => {
    const relay = new Relay();
    const acme = await relay.organization();
    const browser = new Browser(relay);
    const planted = `rs_${"A".repeat(43)}`;
    browser.cookies.set(COOKIE, planted);
    await browser.signIn(acme.token);
    expect(browser.cookies.get(COOKIE)).not.toBe(planted);
    browser.cookies.set(COOKIE, planted);
    expect((await browser.send("GET", "/session")).status).toBe(204);
  });

  it("as the operator acts for the operator, and for no organization", async () => {
    const relay = new Relay();
    const acme = await relay.organization();
    const browser = new Browser(relay);
    const { body } = await browser.signIn(OPERATOR);
    expect(body).toMatchObject({ isOperator: true, organizations: [] });
    expect((await browser.call("operator", "GET", "/metrics")).status).toBe(200);
    expect((await browser.call("operator", "POST", "/v1/organizations", { body: { name: "New" } })).status).toBe(201);
    expect(slugOf(await browser.call(acme.id, "GET", "/v1/apps"))).toBe("403 not-signed-in");
  });

  it.each([
    ["an unknown token", { body: { token: "rk_unknown" } }, "401 token-invalid"],
    ["no token", { body: {} }, "422 body-invalid"],
    ["an empty token", { body: { token: "" } }, "422 body-invalid"],
    ["a token too long", { body: { token: "x".repeat(4097) } }, "422 body-invalid"],
    ["more than a token", { body: { token: OPERATOR, more: 1 } }, "422 body-invalid"],
    ["a form", { text: '{"token":"x"}', headers: { "Content-Type": "text/plain" } }, "415 media-type-unsupported"],
    ["no type", { text: "token=x" }, "415 media-type-unsupported"],
    ["another type", { text: "{}", headers: { "Content-Type": "application/jsonx" } }, "415 media-type-unsupported"],
    ["a body too large", { body: { token: "x".repeat(65_536) } }, "413 body-too-large"],
    [
      "a page of another site",
      { body: { token: OPERATOR }, headers: { "Sec-Fetch-Site": "cross-site" } },
      "403 foreign-site",
    ],
    [
      "a page of another origin",
      { body: { token: OPERATOR }, headers: { Origin: "https://evil.example" } },
      "403 foreign-site",
    ],
    ["a sandboxed page", { body: { token: OPERATOR }, headers: { Origin: "null" } }, "403 foreign-site"],
  ])("with %s is refused", async (_, options, slug) => {
    const answer = await new Browser(new Relay()).send("POST", "/session", options);
    expect(slugOf(answer)).toBe(slug);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it("with a revoked or an expired token is refused", async () => {
    const relay = new Relay();
    const acme = await relay.organization();
    const revoked = await acme.tokenFor("viewer");
    await acme.call("DELETE", `/v1/organizations/${acme.id}/tokens/${revoked.id}`);
    const expired = await acme.tokenFor("viewer", new Date(START_MS + 1).toISOString());
    relay.clock.nowMs += 1;
    const browser = new Browser(relay);
    expect(slugOf(await browser.signIn(revoked.token))).toBe("401 token-invalid");
    expect(slugOf(await browser.signIn(expired.token))).toBe("401 token-expired");
  });

  it("is for so many organizations at once", async () => {
    const relay = new Relay();
    const browser = new Browser(relay);
    const organizations = [];
    for (let i = 0; i < SESSION_SEATS_MAX; i++) organizations.push(await relay.organization(`Organization ${i}`));
    for (const { token } of organizations) expect((await browser.signIn(token)).status).toBe(200);
    expect(slugOf(await browser.signIn((await relay.organization()).token))).toBe("409 conflict");
    expect((await browser.signIn(organizations[0]?.token ?? "")).status).toBe(200);
    expect(browser.session.organizations).toHaveLength(SESSION_SEATS_MAX);
  });

  it("is tried so often from one address", { retry: 2 }, async () => {
    const relay = new Relay();
    Object.assign(relay.env, { TOKEN_LIMIT_PER_ADDRESS: env.TEST_LIMIT_PER_ADDRESS });
    const [a, b] = crypto.getRandomValues(new Uint8Array(2));
    const headers = { "CF-Connecting-IP": `203.${a}.${b}.1` };
    const statuses = [];
    for (let i = 0; i < 6; i++) {
      statuses.push((await new Browser(relay).send("POST", "/session", { body: { token: "rk_x" }, headers })).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });
});

describe("a session", () => {
  it("does what its token may, in the name of the token", async () => {
    const { organization, browser, tokenId } = await signedIn("developer");
    const made = await browser.call(organization.id, "POST", "/v1/apps", { body: { name: "From a page" } });
    expect(made.status).toBe(201);
    const tokens = `/v1/organizations/${organization.id}/tokens`;
    expect(slugOf(await browser.call(organization.id, "GET", tokens))).toBe("403 role-missing");
    const { body } = await browser.call(organization.id, "GET", `/v1/audit?subject=${made.body.id}`);
    expect(body.data).toMatchObject([{ action: "app.create", actor: `token:${tokenId}` }]);
  });

  it("names its organization in any spelling of the id, and no other", async () => {
    const { relay, organization, browser } = await signedIn();
    const other = await relay.organization();
    expect((await browser.call(organization.id.toUpperCase(), "GET", "/v1/apps")).status).toBe(200);
    const [foreign, missing] = [
      await browser.call(other.id, "GET", "/v1/apps"),
      await browser.call(crypto.randomUUID(), "GET", "/v1/apps"),
    ];
    expect(slugOf(foreign)).toBe("403 not-signed-in");
    expect(foreign.text).toBe(missing.text);
    expect(slugOf(await browser.call("operator", "GET", "/v1/organizations"))).toBe("403 not-signed-in");
    expect(slugOf(await browser.send("GET", "/v1/apps"))).toBe("400 organization-unnamed");
  });

  it("counts for nothing beside a token, however wrong that is", async () => {
    const { relay, organization, browser } = await signedIn();
    const other = await relay.organization("Other");
    const headers = { Authorization: `Bearer ${other.token}` };
    const { body } = await browser.call(organization.id, "GET", "/v1/organizations", { headers });
    expect(body.data).toMatchObject([{ id: other.id }]);
    for (const Authorization of ["Bearer rk_wrong", "Basic abc", ""]) {
      const answer = await browser.call(organization.id, "GET", "/v1/apps", { headers: { Authorization } });
      expect(slugOf(answer)).toBe("401 token-invalid");
    }
  });

  it("changes nothing without its CSRF token", async () => {
    const { relay, organization, browser } = await signedIn();
    const stranger = new Browser(relay);
    await stranger.signIn(organization.token);
    const path = `/v1/organizations/${organization.id}/tokens/${crypto.randomUUID()}`;
    const changes = [
      ["POST", "/v1/apps"],
      ["POST", "/v1/lint"],
      ["PATCH", "/v1/apis/x"],
      ["PUT", "/v1/apis/x/spec"],
      ["DELETE", path],
    ] as const;
    for (const [method, to] of changes) {
      for (const csrfToken of ["", "x", stranger.session.csrfToken, `${browser.session.csrfToken}x`]) {
        const headers = { "X-CSRF-Token": csrfToken };
        const body = method === "DELETE" ? {} : { body: { name: "x" } };
        const answer = await browser.call(organization.id, method, to, { headers, ...body });
        expect(slugOf(answer), `${method} with "${csrfToken}"`).toBe("403 csrf-token-invalid");
      }
    }
    expect((await browser.call(organization.id, "GET", "/v1/apps")).body.data).toEqual([]);
    for (const method of ["GET", "HEAD"]) {
      const headers = { "Relay-Organization": organization.id };
      expect((await browser.send(method, "/v1/apps", { headers })).status).toBe(200);
    }
  });

  it("is not for pages of other sites, whatever they know", async () => {
    const { organization, browser } = await signedIn();
    for (const headers of [
      { "Sec-Fetch-Site": "cross-site" },
      { "Sec-Fetch-Site": "same-site" },
      { Origin: "https://evil.example" },
      { Origin: "https://relay.test.evil.example" },
      { Origin: "http://relay.test" },
      { Origin: "null" },
    ]) {
      for (const method of ["GET", "POST"]) {
        const body = method === "POST" ? { body: { name: "x" } } : {};
        const answer = await browser.call(organization.id, method, "/v1/apps", { headers, ...body });
        expect(slugOf(answer), JSON.stringify(headers)).toBe("403 foreign-site");
      }
      expect(slugOf(await browser.send("GET", "/session", { headers }))).toBe("403 foreign-site");
    }
  });

  it("is not for an origin that may call the management API either", async () => {
    const { relay, organization, browser } = await signedIn();
    relay.env.MANAGEMENT_CORS_ORIGINS = "https://console.example" as never;
    const headers = { Origin: "https://console.example", "Sec-Fetch-Site": "same-site" };
    const answer = await browser.call(organization.id, "GET", "/v1/apps", { headers });
    expect(slugOf(answer)).toBe("403 foreign-site");
    expect(answer.headers.has("Access-Control-Allow-Credentials")).toBe(false);
    const asked = { ...headers, "Access-Control-Request-Headers": "relay-organization,x-csrf-token" };
    const preflight = await browser.send("OPTIONS", "/v1/apps", { headers: asked });
    expect(preflight.headers.get("Access-Control-Allow-Headers")).not.toMatch(/relay-organization|csrf/i);
  });

  it("opens nothing but the management API", async () => {
    const { organization, browser } = await signedIn();
    const api = await organization.api(["orders/created"]);
    const publish = { body: {}, headers: { "Content-Type": "application/json" } };
    expect((await browser.call(organization.id, "POST", "/v2/events/orders/created", publish)).status).toBe(401);
    expect((await browser.call(organization.id, "GET", `/v1/stream/${api.id}`)).status).toBe(401);
    expect((await browser.call(organization.id, "GET", `/v1/apis/${api.id}/export`)).status).toBe(401);
    expect((await browser.call(organization.id, "POST", "/oauth2/default/v1/token", publish)).status).toBe(400);
  });

  it("gives answers that no cache shows to somebody else", async () => {
    const { organization, browser } = await signedIn();
    const api = await organization.api(["orders/created"]);
    const { headers } = await browser.call(organization.id, "GET", `/v1/directory/${api.id}/asyncapi.yaml`);
    expect([headers.get("Cache-Control"), headers.get("Vary")]).toEqual([
      "private, no-cache",
      "Authorization, Cookie, Relay-Organization",
    ]);
  });

  it("is nobody's idempotency key but its token's", async () => {
    const { organization, browser } = await signedIn();
    const request = { body: { name: "Once" }, headers: { "Idempotency-Key": "one" } };
    const [first, again] = [
      await browser.call(organization.id, "POST", "/v1/apps", request),
      await browser.call(organization.id, "POST", "/v1/apps", request),
    ];
    expect(again.body.id).toBe(first.body.id);
    const other = await organization.call("POST", "/v1/apps", request);
    expect(other.body.id).not.toBe(first.body.id);
  });
});

describe("the end of a session", () => {
  it("comes at once when its token is revoked", async () => {
    const { organization, browser, tokenId } = await signedIn();
    await organization.call("DELETE", `/v1/organizations/${organization.id}/tokens/${tokenId}`);
    expect(slugOf(await browser.call(organization.id, "GET", "/v1/apps"))).toBe("401 session-expired");
  });

  it("is the seat's alone where others are good", async () => {
    const { relay, organization, browser, tokenId } = await signedIn();
    const other = await relay.organization("Other");
    await browser.signIn(other.token);
    await organization.call("DELETE", `/v1/organizations/${organization.id}/tokens/${tokenId}`);
    expect(slugOf(await browser.call(organization.id, "GET", "/v1/apps"))).toBe("403 not-signed-in");
    expect((await browser.call(other.id, "GET", "/v1/apps")).status).toBe(200);
    expect((await browser.send("GET", "/session")).body.organizations).toMatchObject([{ id: other.id }]);
  });

  it("comes with the end of its token", async () => {
    const relay = new Relay();
    const acme = await relay.organization();
    const browser = new Browser(relay);
    const expiresAt = new Date(START_MS + 60_000).toISOString();
    const { body } = await browser.signIn((await acme.tokenFor("viewer", expiresAt)).token);
    expect(body.expiresAt).toBe(expiresAt);
    relay.clock.nowMs = START_MS + 59_999;
    expect((await browser.call(acme.id, "GET", "/v1/apps")).status).toBe(200);
    relay.clock.nowMs = START_MS + 60_000;
    expect(slugOf(await browser.call(acme.id, "GET", "/v1/apps"))).toBe("401 session-expired");
  });

  it("is the operator's when the operator's token changes, or is none any more", async () => {
    const relay = new Relay();
    const browser = new Browser(relay);
    await browser.signIn(OPERATOR);
    expect((await browser.call("operator", "GET", "/v1/organizations")).status).toBe(200);
    for (const token of ["another-token", ""]) {
      relay.env.RELAY_OPERATOR_TOKEN = token;
      expect(slugOf(await browser.call("operator", "GET", "/v1/organizations"))).toBe("401 session-expired");
    }
  });

  it("comes after two hours without a call, which are counted in steps of five minutes", async () => {
    const { relay, organization, browser } = await signedIn();
    const use = async (atMs: number): Promise<number> => {
      relay.clock.nowMs = START_MS + atMs;
      return (await browser.call(organization.id, "GET", "/v1/apps")).status;
    };
    expect(await use(SESSION_IDLE_MS_MAX - 1)).toBe(200);
    expect(await use(SESSION_IDLE_MS_MAX + 200_000)).toBe(200);
    expect(await use(2 * SESSION_IDLE_MS_MAX - 2)).toBe(200);
    expect(await use(4 * SESSION_IDLE_MS_MAX)).toBe(401);
  });

  it("comes after twelve hours, however busy it is, each organization after its own", async () => {
    const { relay, organization, browser } = await signedIn();
    const other = await relay.organization();
    for (let hour = 1; hour <= 11; hour++) {
      relay.clock.nowMs = START_MS + hour * 3600_000;
      expect((await browser.call(organization.id, "GET", "/v1/apps")).status).toBe(200);
    }
    await browser.signIn(other.token);
    relay.clock.nowMs = START_MS + SESSION_MS_MAX;
    expect(slugOf(await browser.call(organization.id, "GET", "/v1/apps"))).toBe("403 not-signed-in");
    expect((await browser.call(other.id, "GET", "/v1/apps")).status).toBe(200);
    expect(browser.session.expiresAt).toBe(new Date(START_MS + 11 * 3600_000 + SESSION_MS_MAX).toISOString());
  });

  it("is asked for by signing out, which takes the cookie away", async () => {
    const { organization, browser } = await signedIn();
    const cookie = browser.cookies.get(COOKIE) ?? "";
    const headers = { "X-CSRF-Token": browser.session.csrfToken };
    expect(slugOf(await browser.send("DELETE", "/session"))).toBe("403 csrf-token-invalid");
    const foreign = await browser.send("DELETE", "/session", {
      headers: { ...headers, Origin: "https://evil.example" },
    });
    expect(slugOf(foreign)).toBe("403 foreign-site");
    expect((await browser.call(organization.id, "GET", "/v1/apps")).status).toBe(200);
    const signedOut = await browser.send("DELETE", "/session", { headers });
    expect([signedOut.status, signedOut.text, browser.cookies.size]).toEqual([204, "", 0]);
    expect(signedOut.headers.getSetCookie()[0]).toBe(
      `${COOKIE}=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Strict`,
    );
    browser.cookies.set(COOKIE, cookie);
    expect(slugOf(await browser.call(organization.id, "GET", "/v1/apps"))).toBe("401 session-expired");
    expect((await browser.send("DELETE", "/session")).status).toBe(204);
  });

  it("takes the cookie away when it is asked for, and leaves it alone elsewhere", async () => {
    const { organization, browser, tokenId } = await signedIn();
    await organization.call("DELETE", `/v1/organizations/${organization.id}/tokens/${tokenId}`);
    const call = await browser.call(organization.id, "GET", "/v1/apps");
    expect(call.headers.getSetCookie()).toEqual([]);
    const asked = await browser.send("GET", "/session");
    expect([asked.status, asked.headers.get("Vary"), browser.cookies.size]).toEqual([204, "Cookie", 0]);
    expect(slugOf(await browser.call(organization.id, "GET", "/v1/apps"))).toBe("401 token-missing");
  });

  it.each(["x", "rs_", "", "rs_' OR 1=1", `rs_${"A".repeat(44)}`])("is where a cookie says %s", async (value) => {
    const browser = new Browser(new Relay());
    browser.cookies.set(COOKIE, value);
    expect(slugOf(await browser.send("GET", "/v1/apps"))).toBe("401 session-expired");
  });

  it("leaves nothing behind, within the hour", async () => {
    const { relay, organization, browser } = await signedIn();
    const count = () =>
      env.REGISTRY.prepare("SELECT (SELECT count(*) FROM session) + (SELECT count(*) FROM session_seat) AS n").first(
        "n",
      );
    await dropIdleSessions(env.REGISTRY, START_MS + 365 * 24 * 3600_000);
    expect(await count()).toBe(0);
    await browser.signIn(organization.token);
    await dropIdleSessions(env.REGISTRY, relay.clock.nowMs - SESSION_IDLE_MS_MAX);
    expect(await count()).toBe(2);
    await dropIdleSessions(env.REGISTRY, relay.clock.nowMs);
    expect(await count()).toBe(0);
  });

  it("finds in the registry nothing that opens a session", async () => {
    const { browser } = await signedIn();
    const id = browser.cookies.get(COOKIE) ?? "none";
    const rows = await env.REGISTRY.prepare("SELECT * FROM session").all();
    expect(JSON.stringify(rows.results)).not.toContain(id.slice(3));
    expect(JSON.stringify(rows.results)).not.toContain(browser.session.csrfToken);
  });
});
