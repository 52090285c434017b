import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findBarriers, openPage, overflowOf, startBrowser, type View, type WatchedPage } from "../support/browser.ts";
import { CLIENT_ID, startIssuer, type TestIssuer } from "../support/issuer.ts";
import { OPERATOR_TOKEN, type Organization, startTestRelay, type TestRelay } from "../support/relay.ts";

/** Sign-in at the operator's issuer, which is another site than the relay here: what a browser makes of the cookies. */

const DESKTOP: View = { width: 1280, colorScheme: "light" };
const LABEL = "Company login";

let issuer: TestIssuer;
let relay: TestRelay;
let browser: Browser;
let organizations: { name: string; organization: Organization }[];

beforeAll(async () => {
  [issuer, browser] = await Promise.all([startIssuer("localhost"), startBrowser()]);
  const vars = { OIDC_ISSUER: issuer.origin, OIDC_CLIENT_ID: CLIENT_ID, OIDC_LABEL: LABEL };
  relay = await startTestRelay({ vars });
  issuer.register(relay.origin, null);
  organizations = [];
  for (const name of ["Main Street Motors", "Lakeside Fleet"]) {
    organizations.push({ name, organization: await relay.operator.createOrganization(name) });
  }
});

afterAll(async () => {
  await browser?.close();
  await relay?.close();
  await issuer?.close();
});

/** A person whom nobody knows yet. */
let email: string;
beforeEach(() => {
  const subject = crypto.randomUUID();
  email = `${subject}@example.com`;
  issuer.people.set(subject, { email, email_verified: true, name: "Ann" });
  issuer.person = subject;
});

async function invite({ id, client }: Organization, role: string): Promise<string> {
  return (await client.call<{ id: string }>("POST", `/v1/organizations/${id}/members`, { email, role })).id;
}

const inviteToBoth = async (): Promise<void> => {
  for (const { organization } of organizations) await invite(organization, "developer");
};

const start = async (path: string): Promise<WatchedPage> => {
  const opened = await openPage(browser, relay.origin, DESKTOP);
  await opened.page.goto(path);
  return opened;
};

const signIn = (page: Page): Promise<void> => page.getByRole("link", { name: LABEL }).click();

/** Nothing went wrong, but that the browser was at the issuer. */
async function checkPage({ page, incidents }: WatchedPage): Promise<void> {
  expect(await findBarriers(page)).toEqual([]);
  expect(await overflowOf(page)).toBe(0);
  expect(incidents.filter((incident) => !incident.startsWith(`request: ${issuer.origin}/`))).toEqual([]);
}

describe("a member who signs in at the issuer", () => {
  it("lands on the page that they asked for, switches to their other organization, and signs out", async () => {
    await inviteToBoth();
    const [first, second] = organizations;
    const asked = `/o/${second?.organization.id}/consents?side=asked`;
    const opened = await start(asked);
    const { page } = opened;
    await page.getByRole("heading", { level: 1, name: "Sign in to Event Relay" }).waitFor();
    await checkPage(opened);
    await signIn(page);
    await page.getByRole("heading", { level: 1, name: "Consents" }).waitFor();
    expect(page.url()).toBe(`${relay.origin}${asked}`);
    await page.waitForLoadState("networkidle");
    await checkPage(opened);
    await page.getByRole("button", { name: second?.name ?? "" }).click();
    await page.getByText(email).waitFor();
    await page.getByRole("menuitem", { name: first?.name ?? "" }).click();
    await page.getByRole("heading", { level: 1, name: first?.name ?? "" }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/o/${first?.organization.id}`);
    await page.waitForLoadState("networkidle");
    await checkPage(opened);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { level: 1, name: "Sign in to Event Relay" }).waitFor();
    expect((await page.context().cookies(relay.origin)).map(({ name }) => name)).not.toContain("session");
    await page.goto(asked);
    await page.getByRole("heading", { level: 1, name: "Sign in to Event Relay" }).waitFor();
    await checkPage(opened);
    await page.context().close();
  });

  it("keeps what they were signed in to with a token", async () => {
    await inviteToBoth();
    const opened = await start("/sign-in");
    const { page } = opened;
    await page.getByLabel("Token").fill(OPERATOR_TOKEN);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: "Organizations" }).waitFor();
    await page.getByTitle("Switch organization").click();
    await page.getByRole("menuitem", { name: "Add an organization" }).click();
    await signIn(page);
    await page.getByRole("heading", { level: 1, name: "Lakeside Fleet" }).waitFor();
    await page.getByTitle("Switch organization").click();
    await page.getByRole("menuitem", { name: "Operator" }).click();
    await page.getByRole("heading", { level: 1, name: "Organizations" }).waitFor();
    await page.waitForLoadState("networkidle");
    await checkPage(opened);
    await page.context().close();
  });

  it("hears why where they are not let in, and can try again", async () => {
    const opened = await start(`/o/${organizations[0]?.organization.id}/audit`);
    const { page } = opened;
    await signIn(page);
    await page.getByText("No organization here has invited your e-mail address.").waitFor();
    await checkPage(opened);
    issuer.person = null;
    await page.context().clearCookies();
    await signIn(page);
    await page.getByText("The sign-in was cancelled.").waitFor();
    await checkPage(opened);
    // They are asked again, and come to where they wanted to.
    const subject = crypto.randomUUID();
    email = `${subject}@example.com`;
    issuer.people.set(subject, { email, email_verified: true });
    issuer.person = subject;
    await inviteToBoth();
    await signIn(page);
    await page.getByRole("heading", { level: 1, name: "Audit" }).waitFor();
    await page.context().close();
  });

  it("has to sign in again as soon as they are removed", async () => {
    const [, second] = organizations;
    if (!second) throw new Error("there is no organization");
    const { organization } = second;
    const id = await invite(organization, "viewer");
    const opened = await start(`/o/${organization.id}/apps`);
    const { page } = opened;
    await signIn(page);
    await page.getByRole("heading", { level: 1, name: "Apps" }).waitFor();
    await organization.client.call("DELETE", `/v1/organizations/${organization.id}/members/${id}`);
    await page.getByRole("link", { name: "Subscriptions", exact: true }).click();
    await page.getByLabel("Token").waitFor();
    // A browser notes every refusal.
    opened.incidents = opened.incidents.filter((incident) => !incident.includes("status of 401"));
    await checkPage(opened);
    await page.context().close();
  });
});

describe("a page of another site", () => {
  it("that sends a browser to sign in does not sign it in", async () => {
    await inviteToBoth();
    const { page } = await start("/sign-in");
    await signIn(page);
    await page.getByRole("heading", { level: 1, name: "Lakeside Fleet" }).waitFor();
    const session = async () => (await page.context().cookies(relay.origin)).find(({ name }) => name === "session");
    const before = await session();
    // Some page of the issuer's site; the person is signed in there, and would be asked nothing.
    await page.goto(`${issuer.origin}/.well-known/openid-configuration`);
    await page.evaluate(`location.href = ${JSON.stringify(`${relay.origin}/session/oidc/start?returnTo=/o/x`)}`);
    await page.getByRole("heading", { level: 1, name: "Sign in to Event Relay" }).waitFor();
    expect(new URL(page.url()).searchParams.get("returnTo")).toBe("/o/x");
    expect(await session()).toEqual(before);
    await page.context().close();
  });
});
