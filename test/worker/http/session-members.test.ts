import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { operatorEmailDigest } from "../../../src/http/session/live-session.ts";
import { sha256 } from "../../../src/kernel/digest.ts";
import { OIDC_FLOW_MS_MAX, SESSION_MS_MAX } from "../../../src/kernel/limits.ts";
import { seal } from "../../../src/kernel/sealed-box.ts";
import { listMemberships, writeSignIn } from "../../../src/registry/members.ts";
import { insertSession, type NewSeat, OPERATOR_SEAT } from "../../../src/registry/sessions.ts";
import { Browser } from "./browser.ts";
import { type Organization, Relay, START_MS } from "./relay.ts";

const ISSUER = "https://login.example.com/";
const NO_ISSUER = "http://127.0.0.1:9/";

const slugOf = ({ status, body }: { status: number; body: { type: string } }) =>
  `${status} ${body.type.replace("https://relay.test/problems/", "")}`;

function relayWithIssuer(issuer = ISSUER): Relay {
  const relay = new Relay();
  Object.assign(relay.env, { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: "relay", OIDC_LABEL: "Company login" });
  return relay;
}

const invite = async (organization: Organization, email: string, role = "viewer"): Promise<string> =>
  (await organization.call("POST", `/v1/organizations/${organization.id}/members`, { body: { email, role } })).body.id;

/** What the issuer says of somebody. */
const identityOf = (email: string, subject = crypto.randomUUID()) => ({
  ...{ issuer: ISSUER, subject, verifiedEmail: email, name: "Ann" },
});

/** A browser whose session has these seats, as a sign-in at the issuer leaves it. */
async function browserWith(relay: Relay, email: string, seats: Omit<NewSeat, "expiresMs">[]): Promise<Browser> {
  const id = `rs_${crypto.randomUUID().replaceAll("-", "")}aaaaaaaaaaa`;
  const session = {
    digest: await sha256(id),
    person: { name: "Ann", email },
    seats: seats.map((seat) => ({ ...seat, expiresMs: START_MS + SESSION_MS_MAX })),
    usedMs: START_MS,
  };
  await env.REGISTRY.batch(insertSession(env.REGISTRY, session, null));
  const browser = new Browser(relay);
  browser.cookies.set("__Host-session", id);
  return browser;
}

async function signedInMember() {
  const relay = relayWithIssuer();
  const acme = await relay.organization();
  const email = `${crypto.randomUUID()}@example.com`;
  const memberId = await invite(acme, email);
  await env.REGISTRY.batch(writeSignIn(env.REGISTRY, identityOf(email), START_MS));
  const browser = await browserWith(relay, email, [{ actsAs: acme.id, key: { kind: "member", memberId } }]);
  return { relay, acme, email, memberId, browser };
}

describe("a member's seat", () => {
  it("is theirs as long as their issuer is the operator's", async () => {
    const { relay, acme, email, browser } = await signedInMember();
    expect((await browser.call(acme.id, "GET", "/v1/apps")).status).toBe(200);
    expect((await browser.send("GET", "/session")).body.person).toEqual({ name: "Ann", email });
    for (const issuer of ["https://other.example.com", "", "not a URL"]) {
      Object.assign(relay.env, { OIDC_ISSUER: issuer });
      expect(slugOf(await browser.call(acme.id, "GET", "/v1/apps")), issuer).toBe("401 session-expired");
    }
    Object.assign(relay.env, { OIDC_ISSUER: ISSUER });
    expect((await browser.call(acme.id, "GET", "/v1/apps")).status).toBe(200);
  });

  it("is gone with the member", async () => {
    const { acme, memberId, browser } = await signedInMember();
    await acme.call("DELETE", `/v1/organizations/${acme.id}/members/${memberId}`);
    expect(slugOf(await browser.call(acme.id, "GET", "/v1/apps"))).toBe("401 session-expired");
    const seats = await env.REGISTRY.prepare("SELECT * FROM session_seat WHERE member_id = ?").bind(memberId).all();
    expect(seats.results).toEqual([]);
  });

  it("stays when a token adds another organization, and so does the person", async () => {
    const { relay, acme, email, browser } = await signedInMember();
    const other = await relay.organization("Other");
    await browser.signIn(other.token);
    expect(browser.session).toMatchObject({ person: { email }, organizations: [{ id: acme.id }, { id: other.id }] });
    expect((await browser.call(acme.id, "GET", "/v1/apps")).status).toBe(200);
  });
});

describe("the operator's seat of a person", () => {
  it("is theirs as long as the operator names their e-mail, and at that issuer", async () => {
    const relay = relayWithIssuer();
    Object.assign(relay.env, { OIDC_OPERATORS: "op@example.com" });
    const digest = await operatorEmailDigest(relay.env, "op@example.com");
    const seats = [{ actsAs: OPERATOR_SEAT, key: { kind: "operator", digest } }] as const;
    const browser = await browserWith(relay, "op@example.com", [...seats]);
    expect((await browser.call("operator", "GET", "/metrics")).status).toBe(200);
    Object.assign(relay.env, { OIDC_OPERATORS: "other@example.com" });
    expect(slugOf(await browser.call("operator", "GET", "/metrics"))).toBe("401 session-expired");
    Object.assign(relay.env, { OIDC_OPERATORS: "op@example.com", OIDC_ISSUER: "https://other.example.com/" });
    expect(slugOf(await browser.call("operator", "GET", "/metrics"))).toBe("401 session-expired");
    const impostor = await browserWith(relay, "eve@example.com", [...seats]);
    Object.assign(relay.env, { OIDC_ISSUER: ISSUER });
    expect(slugOf(await impostor.call("operator", "GET", "/metrics"))).toBe("401 session-expired");
  });
});

describe("an invitation", () => {
  it("is taken once, by whom its e-mail is verified for first", async () => {
    const relay = relayWithIssuer();
    const [acme, other] = [await relay.organization(), await relay.organization()];
    const email = `${crypto.randomUUID()}@example.com`;
    const first = identityOf(email);
    await invite(acme, email);
    await env.REGISTRY.batch(writeSignIn(env.REGISTRY, first, START_MS));
    const second = identityOf(email);
    await invite(other, email);
    await env.REGISTRY.batch(writeSignIn(env.REGISTRY, second, START_MS));
    const organizationsOf = async (who: typeof first) =>
      (await listMemberships(env.REGISTRY, who, 10)).map(({ organizationId }) => organizationId);
    expect(await organizationsOf(first)).toEqual([acme.id]);
    expect(await organizationsOf(second)).toEqual([other.id]);
  });

  it("is not taken without a verified e-mail, nor twice by one person in one organization", async () => {
    const relay = relayWithIssuer();
    const acme = await relay.organization();
    const [one, two] = [`${crypto.randomUUID()}@example.com`, `${crypto.randomUUID()}@example.com`];
    const [first, second] = [await invite(acme, one, "viewer"), await invite(acme, two, "admin")];
    const who = identityOf(one);
    const memberships = async () => (await listMemberships(env.REGISTRY, who, 10)).map(({ id }) => id);
    await env.REGISTRY.batch(writeSignIn(env.REGISTRY, { ...who, verifiedEmail: null }, START_MS));
    expect(await memberships()).toEqual([]);
    await env.REGISTRY.batch(writeSignIn(env.REGISTRY, who, START_MS));
    await env.REGISTRY.batch(writeSignIn(env.REGISTRY, { ...who, verifiedEmail: two }, START_MS));
    expect(await memberships()).toEqual([first]);
    const later = identityOf(two);
    await env.REGISTRY.batch(writeSignIn(env.REGISTRY, later, START_MS));
    expect((await listMemberships(env.REGISTRY, later, 10)).map(({ id }) => id)).toEqual([second]);
  });

  it("by another issuer's word is not taken over by a subject of the same name", async () => {
    const { email, memberId } = await signedInMember();
    const row = await env.REGISTRY.prepare("SELECT subject FROM member WHERE id = ?")
      .bind(memberId)
      .first<{ subject: string }>();
    const elsewhere = { ...identityOf(email, row?.subject), issuer: "https://evil.example/" };
    await env.REGISTRY.batch(writeSignIn(env.REGISTRY, elsewhere, START_MS));
    expect(await listMemberships(env.REGISTRY, elsewhere, 10)).toEqual([]);
  });
});

describe("a sign-in at the issuer", () => {
  const FLOW = { state: "s", nonce: "n", verifier: "v", returnUrl: "https://relay.test/", sessionId: null };

  async function comeBack(relay: Relay, flow: object): Promise<string | null> {
    const cookie = await seal(relay.env.RELAY_MASTER_KEY, JSON.stringify(flow));
    const headers = { Cookie: `__Host-oidc=${encodeURIComponent(cookie)}` };
    const answer = await relay.call("GET", "/session/oidc/callback?code=c&state=s", { token: null, headers });
    expect(answer.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-oidc=; Max-Age=0; /)]);
    return answer.headers.get("Location");
  }

  it("takes ten minutes at most", async () => {
    const relay = relayWithIssuer(NO_ISSUER);
    const inTime = { ...FLOW, expiresMs: START_MS + OIDC_FLOW_MS_MAX };
    expect(await comeBack(relay, inTime)).toBe("https://relay.test/sign-in?error=oidc_failed");
    relay.clock.nowMs = START_MS + OIDC_FLOW_MS_MAX;
    expect(await comeBack(relay, inTime)).toBe("https://relay.test/sign-in?error=oidc_expired");
  });

  it.each([
    ["of another kind", { status: 200, text: "an answer that was kept" }],
    ["with a part missing", { ...FLOW }],
    ["with a part too many", { ...FLOW, expiresMs: START_MS + 1, more: 1 }],
  ])("is not gone on with from what the relay has sealed %s", async (_, sealed) => {
    expect(await comeBack(relayWithIssuer(NO_ISSUER), sealed)).toBe("https://relay.test/sign-in?error=oidc_expired");
  });

  it("says so where the issuer does not answer", async () => {
    const answer = await relayWithIssuer(NO_ISSUER).call("GET", "/session/oidc/start", { token: null });
    expect([answer.status, answer.headers.get("Location"), answer.headers.get("Cache-Control")]).toEqual([
      302,
      "https://relay.test/sign-in?error=oidc_failed",
      "no-store",
    ]);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it("is tried so often from one address", { retry: 2 }, async () => {
    const relay = relayWithIssuer(NO_ISSUER);
    Object.assign(relay.env, { TOKEN_LIMIT_PER_ADDRESS: env.TEST_LIMIT_PER_ADDRESS });
    const [a, b] = crypto.getRandomValues(new Uint8Array(2));
    const headers = { "CF-Connecting-IP": `198.${a}.${b}.1` };
    const errors = [];
    for (let i = 0; i < 6; i++) {
      const { headers: answered } = await relay.call("GET", "/session/oidc/callback", { token: null, headers });
      errors.push(new URL(answered.get("Location") ?? "").searchParams.get("error"));
    }
    expect(errors).toEqual([...Array(5).fill("oidc_expired"), "too_many_sign_ins"]);
  });

  it("is offered where an issuer is configured as it has to be, and only there", async () => {
    const relay = relayWithIssuer();
    const offered = async () => (await relay.call("GET", "/session/options", { token: null })).body;
    expect(await offered()).toEqual({ oidc: { label: "Company login" } });
    Object.assign(relay.env, { OIDC_CLIENT_ID: "" });
    expect(await offered()).toEqual({ oidc: null });
    for (const path of ["/session/oidc/start", "/session/oidc/callback"]) {
      expect(slugOf(await relay.call("GET", path, { token: null }))).toBe("404 not-found");
    }
  });
});
