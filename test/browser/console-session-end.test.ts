import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RelayClient } from "../../src/dev/relay-client.ts";
import { findBarriers, openPage, startBrowser, type WatchedPage } from "../support/browser.ts";
import { makeOrganization, type SignedOrganization } from "../support/console-scene.ts";
import { signInWith } from "../support/console-session.ts";
import { OPERATOR_TOKEN, startTestRelay, type TestRelay } from "../support/relay.ts";
import { readSpec } from "../support/specs.ts";

/** A session that ends behind a page, and addresses that somebody comes to without one. */

let relay: TestRelay;
let browser: Browser;
let dealer: SignedOrganization;
let developer: SignedOrganization;
let apiId: string;

beforeAll(async () => {
  [relay, browser] = await Promise.all([startTestRelay(), startBrowser()]);
  const operator = new RelayClient(relay.origin, OPERATOR_TOKEN);
  dealer = await makeOrganization(relay.origin, operator, "Main Street Motors");
  developer = await makeOrganization(relay.origin, operator, "Follow-up Apps");
  apiId = (await dealer.client.registerApi(readSpec("repair-order.asyncapi.yaml"))).id;
});

afterAll(async () => {
  await browser?.close();
  await relay?.close();
});

async function open({ id, token }: SignedOrganization, path: string): Promise<WatchedPage> {
  const opened = await openPage(browser, relay.origin, { width: 1280, colorScheme: "light" });
  await signInWith(opened.page.context(), relay.origin, [token]);
  await opened.page.goto(`/o/${id}${path}`);
  return opened;
}

const ended = (page: Page) => page.getByRole("dialog", { name: "Your session has ended" });

async function signInOn(page: Page, token: string): Promise<void> {
  await page.getByRole("textbox", { name: "Token" }).fill(token);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** But for what the browser notes of refused calls. */
const others = (incidents: string[]): string[] => incidents.filter((line) => !line.includes("status of 401"));

describe("a session that ends while somebody writes", () => {
  it("takes nothing away: signed in again on the same page, they save what they have written", async () => {
    const { page, incidents } = await open(dealer, `/apis/${apiId}/settings`);
    const support = page.getByRole("textbox", { name: /^Support/ });
    await support.fill("Call the workshop");
    await page.context().clearCookies();
    const save = page.getByRole("button", { name: "Save the settings" });
    await save.click();
    await ended(page).waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await signInOn(page, dealer.token);
    await ended(page).waitFor({ state: "hidden" });
    expect(await support.inputValue()).toBe("Call the workshop");
    await save.click();
    await page.getByText("The settings are saved").first().waitFor();
    expect((await dealer.client.call("GET", `/v1/apis/${apiId}`)).support).toBe("Call the workshop");
    expect(others(incidents)).toEqual([]);
    await page.context().close();
  });

  it("takes away no dialog either", async () => {
    const { page } = await open(developer, "/apps");
    await page.getByRole("button", { name: "New app" }).first().click();
    await page.getByRole("textbox", { name: "Name" }).fill("Written before");
    await page.context().clearCookies();
    await page.getByRole("button", { name: "Create the app" }).click();
    await ended(page).waitFor();
    await signInOn(page, developer.token);
    await ended(page).waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Create the app" }).click();
    await page.getByRole("dialog", { name: "Written before is made" }).waitFor();
    await page.context().close();
  });
});

describe("a sign-out in one tab", () => {
  it("is said in the other, which goes on by itself once somebody is signed in again", async () => {
    const { page } = await open(developer, "/apps");
    const other = await page.context().newPage();
    await other.goto(`/o/${developer.id}`);
    await other.getByRole("button", { name: "Sign out" }).click();
    await other.waitForURL("**/sign-in");
    expect(await ended(other).count()).toBe(0);
    await page.getByRole("link", { name: "Subscriptions" }).click();
    await ended(page).waitFor();
    await signInOn(other, developer.token);
    await other.waitForURL("**/o/*");
    // A browser says so of a tab that comes to the front; all tabs of this one are there at once.
    await page.evaluate("dispatchEvent(new Event('focus'))");
    await ended(page).waitFor({ state: "hidden" });
    await page.getByText("No subscription yet").waitFor();
    await page.context().close();
  });

  it("leads to the sign-in where somebody else comes back", async () => {
    const { page } = await open(developer, "/apps");
    await page.getByRole("heading", { level: 1, name: "Apps" }).waitFor();
    await page.context().clearCookies();
    await page.getByRole("link", { name: "Subscriptions" }).click();
    await ended(page).waitFor();
    await signInOn(page, dealer.token);
    await page.waitForURL("**/sign-in?*");
    await page.getByText("You are not signed in to the organization of that page.").waitFor();
    expect(await ended(page).count()).toBe(0);
    await page.context().close();
  });
});

describe("an address that somebody follows without a session", () => {
  it("is come back to after the sign-in, with all that it says", async () => {
    const { page, incidents } = await openPage(browser, relay.origin, { width: 1280, colorScheme: "light" });
    const address = `/o/${developer.id}/directory?q=repair&tag=a%26b`;
    await page.goto(address);
    await page.waitForURL("**/sign-in?*");
    await signInOn(page, developer.token);
    await page.waitForURL("**/directory?*");
    expect(page.url()).toBe(relay.origin + address);
    expect(others(incidents)).toEqual([]);
    await page.context().close();
  });

  it.each(["//evil.example/", "/\\evil.example/", "https://evil.example/", "javascript:alert(1)"])(
    "leads nowhere else, whoever wrote it: %s",
    async (returnTo) => {
      const { page, incidents } = await openPage(browser, relay.origin, { width: 1280, colorScheme: "light" });
      await page.goto(`/sign-in?${new URLSearchParams({ returnTo })}`);
      await signInOn(page, developer.token);
      await page.waitForURL(`${relay.origin}/o/*`);
      expect(others(incidents)).toEqual([]);
      await page.context().close();
    },
  );
});
