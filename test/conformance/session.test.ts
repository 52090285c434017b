import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OPERATOR_TOKEN, type Organization, startTestRelay, type TestRelay } from "../support/relay.ts";
import { WebBrowser } from "../support/web-browser.ts";

let relay: TestRelay;
let acme: Organization;
let token: string;

beforeAll(async () => {
  relay = await startTestRelay();
  acme = await relay.operator.createOrganization("Acme");
  const path = `/v1/organizations/${acme.id}/tokens`;
  ({ token } = await acme.client.call<{ token: string }>("POST", path, { name: "mine", role: "admin" }));
});
afterAll(() => relay?.close());

type Session = { csrfToken: string; organizations: { id: string }[] };

/** As a page of the relay asks, in a browser. */
const ask = (
  browser: WebBrowser,
  method: string,
  path: string,
  { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
) =>
  browser.request(`${relay.origin}${path}`, {
    method,
    headers: { Origin: relay.origin, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json", ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

async function signIn(browser: WebBrowser, as = token): Promise<Session> {
  const answer = await ask(browser, "POST", "/session", { body: { token: as } });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Session;
}

describe("a browser on the relay's own pages", () => {
  it("signs in, works and signs out", async () => {
    const browser = new WebBrowser();
    const { csrfToken, organizations } = await signIn(browser);
    expect(organizations).toMatchObject([{ id: acme.id }]);
    const headers = { "Relay-Organization": acme.id, "X-CSRF-Token": csrfToken };
    const made = await ask(browser, "POST", "/v1/apps", { headers, body: { name: "From the console" } });
    expect(made.status).toBe(201);
    const { id } = (await made.json()) as { id: string };
    expect((await ask(browser, "GET", `/v1/apps/${id}`, { headers })).status).toBe(200);
    expect((await ask(browser, "DELETE", `/v1/apps/${id}`, { headers })).status).toBe(204);
    expect((await ask(browser, "DELETE", "/session", { headers })).status).toBe(204);
    expect(browser.cookiesOf(relay.origin).size).toBe(0);
    expect((await ask(browser, "GET", "/session")).status).toBe(204);
  });

  it("acts for the operator and for organizations, each as it says", async () => {
    const browser = new WebBrowser();
    await signIn(browser);
    const { csrfToken } = await signIn(browser, OPERATOR_TOKEN);
    const asOperator = { "Relay-Organization": "operator", "X-CSRF-Token": csrfToken };
    expect(
      (await ask(browser, "POST", "/v1/organizations", { headers: asOperator, body: { name: "New" } })).status,
    ).toBe(201);
    expect((await ask(browser, "GET", "/v1/apps", { headers: asOperator })).status).toBe(403);
    expect((await ask(browser, "GET", "/v1/apps", { headers: { "Relay-Organization": acme.id } })).status).toBe(200);
  });

  it("is signed in whichever of two tabs was quicker", async () => {
    const browser = new WebBrowser();
    await signIn(browser);
    const sessions = await Promise.all([signIn(browser), signIn(browser, OPERATOR_TOKEN)]);
    expect(sessions.map(({ csrfToken }) => csrfToken.length)).toEqual([43, 43]);
    const left = await ask(browser, "GET", "/session");
    expect(left.status).toBe(200);
    expect(sessions.map(({ csrfToken }) => csrfToken)).toContain(((await left.json()) as Session).csrfToken);
  });
});

describe("a page of another site", () => {
  it("does nothing with the cookie, if a browser should ever send it", async () => {
    const browser = new WebBrowser();
    const { csrfToken } = await signIn(browser);
    const own = { "Relay-Organization": acme.id, "X-CSRF-Token": csrfToken };
    for (const foreign of [
      { Origin: "https://evil.example" },
      { "Sec-Fetch-Site": "cross-site" },
      { "Sec-Fetch-Site": "same-site" },
    ]) {
      const headers = { ...own, ...foreign };
      expect((await ask(browser, "GET", "/v1/apps", { headers })).status).toBe(403);
      expect((await ask(browser, "POST", "/v1/apps", { headers, body: { name: "x" } })).status).toBe(403);
      expect((await ask(browser, "DELETE", "/session", { headers })).status).toBe(403);
    }
    expect((await ask(browser, "GET", "/v1/apps", { headers: own })).status).toBe(200);
  });

  it("signs nobody in by a form", async () => {
    const forms = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"];
    for (const type of forms) {
      const answer = await fetch(`${relay.origin}/session`, {
        method: "POST",
        headers: { "Content-Type": type },
        body: JSON.stringify({ token }),
      });
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([415, []]);
    }
  });
});
