import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SESSION_SEATS_MAX } from "../../src/kernel/limits.ts";
import { CLIENT_ID, startIssuer, type TestIssuer } from "../support/issuer.ts";
import { OPERATOR_TOKEN, type Organization, startTestRelay, type TestRelay } from "../support/relay.ts";
import { WebBrowser } from "../support/web-browser.ts";

const OPERATOR_EMAIL = "operator@example.com";
const KELVIN_OPERATOR_EMAIL = "kelvin@example.com";
const SECRET = "secret-of-the-relay-at-its-issuer";

let issuer: TestIssuer;
let relay: TestRelay;
let acme: Organization;

beforeAll(async () => {
  issuer = await startIssuer();
  const vars = {
    ...{ OIDC_ISSUER: issuer.origin, OIDC_CLIENT_ID: CLIENT_ID, OIDC_LABEL: "Company login" },
    OIDC_OPERATORS: ` nobody@example.com, ${OPERATOR_EMAIL.toUpperCase()}, ${KELVIN_OPERATOR_EMAIL}`,
  };
  relay = await startTestRelay({ vars });
  issuer.register(relay.origin, null);
  acme = await relay.operator.createOrganization("Acme");
});
afterAll(async () => {
  await relay?.close();
  await issuer?.close();
});

/** A person of the issuer whom nobody knows yet. */
let person: { subject: string; email: string };
beforeEach(() => {
  const subject = crypto.randomUUID();
  person = { subject, email: `${subject}@example.com` };
  issuer.people.set(subject, { email: person.email, email_verified: true, name: "Ann" });
  issuer.person = subject;
  issuer.instead.clear();
});

type Session = {
  csrfToken: string;
  isOperator: boolean;
  person: { name: string | null; email: string } | null;
  organizations: { id: string; role: string }[];
};

const isOfRelay = (path: string) => (url: URL) => url.origin === relay.origin && url.pathname.startsWith(path);

/** From the button to where the browser is in the end; `onWay` has a look at the addresses on which it goes on. */
async function signIn(browser: WebBrowser, onWay: { atIssuer?(url: URL): void; back?(url: URL): void } = {}) {
  const asked = await browser.follow(
    `${relay.origin}/session/oidc/start?returnTo=/o/x`,
    (url) => url.origin === issuer.origin,
  );
  onWay.atIssuer?.(asked);
  const back = await browser.follow(asked, isOfRelay("/session/oidc/callback"));
  onWay.back?.(back);
  return { back, end: await browser.follow(back, (url) => !isOfRelay("/session")(url)) };
}

async function sessionOf(browser: WebBrowser): Promise<Session | null> {
  const answer = await browser.request(`${relay.origin}/session`);
  return answer.status === 200 ? ((await answer.json()) as Session) : null;
}

const members = () => `/v1/organizations/${acme.id}/members`;
const invite = (email = person.email, role = "developer"): Promise<{ id: string }> =>
  acme.client.call("POST", members(), { email, role });

const callAs = (browser: WebBrowser, actsAs: string, path: string): Promise<Response> =>
  browser.request(`${relay.origin}${path}`, { headers: { "Relay-Organization": actsAs } });

const errorOf = ({ end }: { end: URL }): string => {
  expect([end.origin, end.pathname]).toEqual([relay.origin, "/sign-in"]);
  return end.searchParams.get("error") ?? "";
};

describe("a member who signs in at the operator's issuer", () => {
  it("comes back to where they were, as who they are", async () => {
    await invite();
    const browser = new WebBrowser();
    const { end } = await signIn(browser);
    expect(end.href).toBe(`${relay.origin}/o/x`);
    expect(await sessionOf(browser)).toMatchObject({
      isOperator: false,
      person: { name: "Ann", email: person.email },
      organizations: [{ id: acme.id, name: "Acme", role: "developer" }],
    });
    expect([...browser.cookiesOf(relay.origin).keys()]).toEqual(["session"]);
    const options = await (await fetch(`${relay.origin}/session/options`)).json();
    expect(options).toEqual({ oidc: { label: "Company login" } });
  });

  it("does what their role allows, in their own name, until it changes", async () => {
    const { id } = await invite();
    const browser = new WebBrowser();
    await signIn(browser);
    const { csrfToken = "" } = (await sessionOf(browser)) ?? {};
    const make = (name: string) =>
      browser.request(`${relay.origin}/v1/apps`, {
        method: "POST",
        body: JSON.stringify({ name }),
        headers: { "Relay-Organization": acme.id, "X-CSRF-Token": csrfToken },
      });
    const made = await make("Ann's");
    expect(made.status).toBe(201);
    const { id: subject } = (await made.json()) as { id: string };
    const { data } = await acme.client.call<{ data: unknown[] }>("GET", `/v1/audit?subject=${subject}`);
    expect(data).toMatchObject([{ action: "app.create", actor: `member:${id}` }]);
    await acme.client.call("PATCH", `${members()}/${id}`, { role: "viewer" });
    expect((await make("Not hers")).status).toBe(403);
    expect((await callAs(browser, acme.id, "/v1/apps")).status).toBe(200);
  });

  it("is nobody any more as soon as they are removed", async () => {
    const { id } = await invite();
    const browser = new WebBrowser();
    await signIn(browser);
    expect((await callAs(browser, acme.id, "/v1/apps")).status).toBe(200);
    await acme.client.call("DELETE", `${members()}/${id}`);
    expect((await callAs(browser, acme.id, "/v1/apps")).status).toBe(401);
    expect(await sessionOf(browser)).toBeNull();
    expect(errorOf(await signIn(new WebBrowser()))).toBe("not_a_member");
  });

  it("has all organizations that have invited them, and what they call themselves", async () => {
    const other = await relay.operator.createOrganization("Best");
    await invite(person.email.toUpperCase());
    await other.client.call("POST", `/v1/organizations/${other.id}/members`, { email: person.email, role: "viewer" });
    const browser = new WebBrowser();
    await signIn(browser);
    const session = await sessionOf(browser);
    expect(session?.organizations.map(({ id, role }) => `${id} ${role}`)).toEqual([
      `${acme.id} developer`,
      `${other.id} viewer`,
    ]);
    const { data } = await acme.client.call<{ data: object[] }>("GET", members());
    expect(data[0]).toMatchObject({ email: person.email, name: "Ann", signedInAt: expect.any(String) });
  });

  it("is who they are by their subject, whoever has their e-mail by now", async () => {
    await invite();
    await signIn(new WebBrowser());
    issuer.people.set(person.subject, { email: "renamed@example.com", email_verified: true });
    const renamed = new WebBrowser();
    expect((await signIn(renamed)).end.pathname).toBe("/o/x");
    expect((await sessionOf(renamed))?.person).toEqual({ name: null, email: "renamed@example.com" });
    const successor = crypto.randomUUID();
    issuer.people.set(successor, { email: person.email, email_verified: true });
    issuer.person = successor;
    expect(errorOf(await signIn(new WebBrowser()))).toBe("not_a_member");
  });

  it("keeps what the browser was signed in to with tokens, and nothing of whoever else it knew", async () => {
    await invite();
    const browser = new WebBrowser();
    const withToken = (token: string) =>
      browser.request(`${relay.origin}/session`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ token }),
      });
    await withToken(OPERATOR_TOKEN);
    const replaced = browser.cookiesOf(relay.origin).get("session");
    await signIn(browser);
    expect(await sessionOf(browser)).toMatchObject({ isOperator: true, organizations: [{ id: acme.id }] });
    const answer = await fetch(`${relay.origin}/session`, { headers: { Cookie: `session=${replaced}` } });
    expect(answer.status).toBe(204);
    await signIn(browser);
    expect(await sessionOf(browser)).toMatchObject({ isOperator: true, organizations: [{ id: acme.id }] });

    const best = await relay.operator.createOrganization("Best");
    const other = crypto.randomUUID();
    issuer.people.set(other, { email: `${other}@example.com`, email_verified: true });
    issuer.person = other;
    const path = `/v1/organizations/${best.id}/members`;
    await best.client.call("POST", path, { email: `${other}@example.com`, role: "viewer" });
    // Another person, at the issuer too.
    browser.cookiesOf(issuer.origin).clear();
    await signIn(browser);
    const theirs = await sessionOf(browser);
    expect([theirs?.isOperator, theirs?.organizations.map(({ id }) => id)]).toEqual([false, [best.id]]);
    expect(theirs?.person?.email).toBe(`${other}@example.com`);
  });

  it("leaves nothing in the browser to whoever has their e-mail by now", async () => {
    await invite();
    const browser = new WebBrowser();
    await signIn(browser);
    const best = await relay.operator.createOrganization("Best");
    const path = `/v1/organizations/${best.id}/members`;
    await best.client.call("POST", path, { email: person.email, role: "viewer" });
    const successor = crypto.randomUUID();
    issuer.people.set(successor, { email: person.email, email_verified: true });
    issuer.person = successor;
    browser.cookiesOf(issuer.origin).clear();
    await signIn(browser);
    expect((await sessionOf(browser))?.organizations.map(({ id }) => id)).toEqual([best.id]);
  });

  it("has no more seats than a session can have, whatever it was signed in to before", async () => {
    await invite();
    const browser = new WebBrowser();
    for (let i = 0; i < SESSION_SEATS_MAX; i++) {
      const { id, client } = await relay.operator.createOrganization(`Organization ${i}`);
      const path = `/v1/organizations/${id}/tokens`;
      const { token } = await client.call<{ token: string }>("POST", path, { name: "mine", role: "viewer" });
      const headers = { "Content-Type": "application/json" };
      await browser.request(`${relay.origin}/session`, { method: "POST", headers, body: JSON.stringify({ token }) });
    }
    await signIn(browser);
    const ids = (await sessionOf(browser))?.organizations.map(({ id }) => id) ?? [];
    expect([ids.length, ids.includes(acme.id)]).toEqual([SESSION_SEATS_MAX, true]);
  });

  it("is asked first where a page of another site has sent them to sign in", async () => {
    const browser = new WebBrowser();
    const path = "/session/oidc/start?returnTo=/o/x%3Fa=1";
    for (const site of ["cross-site", "same-site"]) {
      const headers = { "Sec-Fetch-Site": site };
      const answer = await browser.request(`${relay.origin}${path}`, { headers });
      expect(answer.headers.get("Location")).toBe(`${relay.origin}/sign-in?returnTo=%2Fo%2Fx%3Fa%3D1`);
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
  });

  it("comes back from any address that is kept for them in a cookie that browsers take", async () => {
    const browser = new WebBrowser();
    const room = 2048 - relay.origin.length - 1;
    const returnTo = `/${"~".repeat(room)}`;
    await browser.request(`${relay.origin}/session/oidc/start?${new URLSearchParams({ returnTo })}`);
    const cookie = browser.cookiesOf(relay.origin).get("oidc") ?? "";
    expect(cookie.length).toBeGreaterThan(2048);
    // RFC 6265bis §5.6: name and value; `__Host-oidc=` is the longest name.
    expect(cookie.length + "__Host-oidc=".length).toBeLessThanOrEqual(4096);
  });

  it("is the operator where the operator has named their e-mail", async () => {
    issuer.people.set(person.subject, { email: "Operator@Example.com", email_verified: true });
    const browser = new WebBrowser();
    await signIn(browser);
    expect(await sessionOf(browser)).toMatchObject({ isOperator: true, organizations: [] });
    expect((await callAs(browser, "operator", "/v1/organizations")).status).toBe(200);
  });
});

describe("nobody is signed in", () => {
  it("whom no organization has invited", async () => {
    expect(errorOf(await signIn(new WebBrowser()))).toBe("not_a_member");
  });

  it.each([
    ["an e-mail that the issuer has not made sure of", { email_verified: false }],
    ["an e-mail of which it says nothing", {}],
  ])("with %s", async (_, claims) => {
    await invite();
    issuer.people.set(person.subject, { email: person.email, ...claims });
    expect(errorOf(await signIn(new WebBrowser()))).toBe("email_unverified");
    issuer.people.set(person.subject, { email: OPERATOR_EMAIL, ...claims });
    expect(errorOf(await signIn(new WebBrowser()))).toBe("email_unverified");
    issuer.people.set(person.subject, {});
    expect(errorOf(await signIn(new WebBrowser()))).toBe("not_a_member");
  });

  it.each([
    ["whoever was invited", "invited"],
    ["the operator", "operator"],
  ])("whose e-mail becomes that of %s in lower case only", async (_, whose) => {
    const ascii = whose === "operator" ? KELVIN_OPERATOR_EMAIL : `k${person.email}`;
    if (whose === "invited") await invite(ascii);
    // The Kelvin sign: another letter, whose lower case is a k.
    issuer.people.set(person.subject, { email: ascii.replace("k", "\u212A"), email_verified: true });
    expect(errorOf(await signIn(new WebBrowser()))).toBe("not_a_member");
  });

  it("who says no at the issuer, and can still go on to where they were", async () => {
    issuer.person = null;
    const { end } = await signIn(new WebBrowser());
    expect(errorOf({ end })).toBe("oidc_denied");
    expect(end.searchParams.get("returnTo")).toBe("/o/x");
  });

  const set = (name: string, value: string) => (url: URL) => url.searchParams.set(name, value);
  it.each([
    ["whose answer has another state", { back: set("state", "other") }],
    ["whose answer has no state", { back: (url: URL) => url.searchParams.delete("state") }],
    ["whose answer has another code", { back: set("code", "other") }],
    ["whose answer is another issuer's", { back: set("iss", "https://evil.example") }],
    ["whose answer does not say whose it is", { back: (url: URL) => url.searchParams.delete("iss") }],
    ["whose ID token has another nonce", { atIssuer: set("nonce", "other") }],
    ["whose ID token has no nonce", { atIssuer: (url: URL) => url.searchParams.delete("nonce") }],
    ["whose code was asked for with another proof", { atIssuer: set("code_challenge", "A".repeat(43)) }],
  ])("%s", async (_, onWay) => {
    await invite();
    const browser = new WebBrowser();
    expect(errorOf(await signIn(browser, onWay))).toBe("oidc_failed");
    expect(await sessionOf(browser)).toBeNull();
  });

  it("twice with the same answer, in the same browser or in another one that has its cookies", async () => {
    await invite();
    const browser = new WebBrowser();
    let stolen: Map<string, string> = new Map();
    const { back } = await signIn(browser, {
      back: () => {
        stolen = new Map(browser.cookiesOf(relay.origin));
      },
    });
    const again = await browser.follow(back, (url) => !isOfRelay("/session")(url));
    expect(errorOf({ end: again })).toBe("oidc_expired");
    const thief = new WebBrowser();
    for (const [name, value] of stolen) thief.cookiesOf(relay.origin).set(name, value);
    expect(stolen.size).toBe(1);
    expect(errorOf({ end: await thief.follow(back, (url) => !isOfRelay("/session")(url)) })).toBe("oidc_failed");
    expect(await sessionOf(thief)).toBeNull();
  });

  it("in a browser that has not begun it", async () => {
    await invite();
    const { back } = await signIn(new WebBrowser());
    const other = new WebBrowser();
    expect(errorOf({ end: await other.follow(back, isOfRelay("/sign-in")) })).toBe("oidc_expired");
  });

  it("with a cookie that was tampered with", async () => {
    await invite();
    const browser = new WebBrowser();
    const tamper = (change: (value: string) => string) => ({
      back: () => {
        const cookies = browser.cookiesOf(relay.origin);
        cookies.set("oidc", change(cookies.get("oidc") ?? ""));
      },
    });
    for (const change of [() => "x", () => "", (value: string) => `${value.slice(0, -9)}AAAA${value.slice(-5)}`]) {
      expect(errorOf(await signIn(browser, tamper(change)))).toBe("oidc_expired");
    }
  });

  it("by keys that are not the issuer's", async () => {
    await invite();
    const keys = (await (await fetch(`${issuer.origin}/jwks`)).json()) as { keys: Record<string, string>[] };
    const { publicKey } = (await crypto.subtle.generateKey(
      { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" },
      true,
      ["sign", "verify"],
    )) as CryptoKeyPair;
    const other = await crypto.subtle.exportKey("jwk", publicKey);
    const foreign = keys.keys.map((key) => ({ ...key, ...("n" in key && { n: (other as JsonWebKey).n }) }));
    issuer.instead.set("/jwks", JSON.stringify({ keys: foreign }));
    expect(errorOf(await signIn(new WebBrowser()))).toBe("oidc_failed");
  });

  it.each([
    [
      "calls itself otherwise",
      (origin: string) => JSON.stringify({ issuer: "https://evil.example", authorization_endpoint: `${origin}/auth` }),
    ],
    ["answers no JSON", () => "<html>"],
    ["has no place to sign in", (origin: string) => JSON.stringify({ issuer: origin })],
    [
      "has one that is no web page",
      (origin: string) => JSON.stringify({ issuer: origin, authorization_endpoint: "javascript:alert(1)" }),
    ],
    [
      "answers without end",
      (origin: string) =>
        JSON.stringify({ issuer: origin, authorization_endpoint: `${origin}/auth`, more: "x".repeat(300_000) }),
    ],
  ])("where the issuer %s", async (_, document) => {
    issuer.instead.set("/.well-known/openid-configuration", document(issuer.origin));
    const browser = new WebBrowser();
    const end = await browser.follow(
      `${relay.origin}/session/oidc/start`,
      (url) => url.pathname !== "/session/oidc/start",
    );
    expect(errorOf({ end })).toBe("oidc_failed");
  });
});

describe("the way back", () => {
  it.each([
    ["/o/x/apis?tab=1#top", "/o/x/apis?tab=1#top"],
    ["//evil.example", "/"],
    ["/..//evil.example", "//evil.example"],
  ])("to %j leads to %s", async (returnTo, path) => {
    await invite();
    const browser = new WebBrowser();
    const start = `${relay.origin}/session/oidc/start?${new URLSearchParams({ returnTo })}`;
    const back = await browser.follow(start, isOfRelay("/session/oidc/callback"));
    const answer = await browser.request(back);
    expect(answer.headers.get("Location")).toBe(`${relay.origin}${path}`);
  });
});

it("a relay with a secret at its issuer signs people in with it", async () => {
  const OIDC_ISSUER = issuer.origin;
  const other = await startTestRelay({ vars: { OIDC_ISSUER, OIDC_CLIENT_ID: CLIENT_ID, OIDC_CLIENT_SECRET: SECRET } });
  try {
    issuer.register(other.origin, SECRET);
    const organization = await other.operator.createOrganization("Acme");
    const path = `/v1/organizations/${organization.id}/members`;
    await organization.client.call("POST", path, { email: person.email, role: "viewer" });
    const end = (url: URL) => url.origin === other.origin && !url.pathname.startsWith("/session");
    expect((await new WebBrowser().follow(`${other.origin}/session/oidc/start`, end)).href).toBe(`${other.origin}/`);
    issuer.register(other.origin, "another secret");
    const refused = await new WebBrowser().follow(`${other.origin}/session/oidc/start`, end);
    expect(refused.search).toBe("?error=oidc_failed");
  } finally {
    await other.close();
  }
});

it("a relay that takes its issuer's word for e-mails knows whom it says nothing of, and still nobody whom it denies", async () => {
  const vars = { OIDC_ISSUER: issuer.origin, OIDC_CLIENT_ID: CLIENT_ID, OIDC_EMAIL_VERIFICATION: "assumed" };
  const other = await startTestRelay({ vars });
  try {
    issuer.register(other.origin, null);
    const { id, client } = await other.operator.createOrganization("Acme");
    await client.call("POST", `/v1/organizations/${id}/members`, { email: person.email, role: "viewer" });
    const end = (url: URL) => url.origin === other.origin && !url.pathname.startsWith("/session");
    const enter = async (claims: object): Promise<string> => {
      issuer.people.set(person.subject, { email: person.email, ...claims });
      return (await new WebBrowser().follow(`${other.origin}/session/oidc/start`, end)).href;
    };
    expect(await enter({ email_verified: false })).toBe(`${other.origin}/sign-in?error=email_unverified`);
    expect(await enter({})).toBe(`${other.origin}/`);
  } finally {
    await other.close();
    issuer.register(relay.origin, null);
  }
});
