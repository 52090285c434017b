import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalReceiver, startLocalReceiver } from "../../src/dev/local-receiver.ts";
import { findBarriers, openPage, overflowOf, startBrowser, type View, type WatchedPage } from "../support/browser.ts";
import { OPERATOR_TOKEN, startTestRelay, type TestRelay } from "../support/relay.ts";

/** What the console is for, from an empty relay on: four people, each in a browser of their own, and nothing but its pages. */

let relay: TestRelay;
let browser: Browser;
let receiver: LocalReceiver;
/** How the receiver answers what has this word in it. */
let refuses: string | null = null;

beforeAll(async () => {
  [relay, browser] = await Promise.all([startTestRelay(), startBrowser()]);
  receiver = await startLocalReceiver(({ body }) => ({
    status: refuses !== null && body.includes(refuses) ? 500 : 204,
  }));
});

afterAll(async () => {
  await browser?.close();
  await receiver?.close();
  await relay?.close();
});

const DESKTOP: View = { width: 1280, colorScheme: "light" };
const PHONE: View = { width: 390, colorScheme: "dark" };
/** From here on the navigation stands beside the page: src/console/frame/frame.module.css. */
const SIDE_FROM_WIDTH = 960;

const documentOf = (title: string, faulty: boolean): string =>
  JSON.stringify(
    {
      asyncapi: "3.0.0",
      info: { title, version: "1.0.0", description: "Cars that come to a workshop, and what is done to them." },
      channels: {
        visits: {
          address: "visits",
          messages: {
            visit: { payload: { type: faulty ? "objekt" : "object", properties: { car: { type: "string" } } } },
          },
        },
      },
    },
    null,
    2,
  );

const button = (within: Page | Locator, name: string | RegExp): Locator =>
  within.getByRole("button", { name, exact: true });
const link = (within: Page | Locator, name: string | RegExp): Locator =>
  within.getByRole("link", { name, exact: true });
const heading = (page: Page, name: string | RegExp): Locator => page.getByRole("heading", { name });

async function signIn(view: View, token: string): Promise<WatchedPage> {
  const opened = await openPage(browser, relay.origin, view);
  await opened.page.goto("/");
  await opened.page.getByLabel("Token").fill(token);
  await button(opened.page, "Sign in").click();
  return opened;
}

/** Nobody is kept out of the page that is open now, and nothing went wrong on the way to it. */
async function checkPage({ page, incidents }: WatchedPage): Promise<void> {
  expect(await findBarriers(page)).toEqual([]);
  expect(await overflowOf(page)).toBe(0);
  expect(incidents).toEqual([]);
}

/** To one of the console's parts, as the window's width has it. */
async function goTo({ page }: WatchedPage, name: string): Promise<void> {
  if ((page.viewportSize()?.width ?? 0) < SIDE_FROM_WIDTH) {
    await button(page, "Open the navigation").click();
    await link(page.getByRole("dialog"), name).click();
  } else {
    await link(page.getByRole("navigation", { name: "Console" }), name).click();
  }
}

/** Makes an organization as the operator; answers its id and its first token. */
async function makeOrganization({ page }: WatchedPage, name: string): Promise<{ id: string; token: string }> {
  await button(page, "New organization").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill(name);
  await button(dialog, "Make the organization").click();
  const token = await dialog.getByText(/^rk_/).innerText();
  await button(dialog, "I have kept it").click();
  const row = page.getByRole("row").filter({ hasText: name });
  return { id: (await row.locator("[title]").first().getAttribute("title")) ?? "", token };
}

/** Puts another text in the place of the editor's, as somebody who pastes it. */
async function paste({ page }: WatchedPage, text: string): Promise<void> {
  await page.getByLabel("AsyncAPI document").press("ControlOrMeta+a");
  await page.evaluate(`{
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", ${JSON.stringify(text)});
    document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }`);
}

async function publish(
  { page }: WatchedPage,
  api: string,
  event: { car: string; key: string; owner: string },
): Promise<void> {
  await page.goto(api);
  await link(page, "Publish a test event").click();
  await page.getByRole("textbox", { name: /^car/ }).fill(event.car);
  await page.getByRole("textbox", { name: /^Partition key/ }).fill(event.key);
  await page.getByRole("textbox", { name: /^Data owner/ }).fill(event.owner);
  await button(page, "Publish the event").click();
  await page.getByText("The relay has it.").waitFor();
}

describe("the console", () => {
  it.each([DESKTOP, PHONE])(
    "takes four people from an empty relay to a mended delivery, at $width pixels",
    async (view) => {
      const api = `Workshop visits ${view.width}`;
      // The operator makes the organizations.
      const operator = await signIn(view, OPERATOR_TOKEN);
      await heading(operator.page, "Organizations").waitFor();
      const publishing = await makeOrganization(operator, `Main Street Motors ${view.width}`);
      const subscribing = await makeOrganization(operator, `Follow-up Apps ${view.width}`);
      const owning = await makeOrganization(operator, `Lakeside Fleet ${view.width}`);
      await checkPage(operator);

      // A publisher registers an API: what is wrong with its document is said while it is written.
      const publisher = await signIn(view, publishing.token);
      await heading(publisher.page, /Main Street Motors/).waitFor();
      await goTo(publisher, "APIs");
      await link(publisher.page, "Register an API").first().click();
      const faulty = { name: "visits.json", mimeType: "application/json", buffer: Buffer.from(documentOf(api, true)) };
      await publisher.page.locator("input[type=file]").setInputFiles(faulty);
      const findings = publisher.page.getByRole("region", { name: "Findings" });
      await findings.getByText(/error/i).first().waitFor();
      await button(publisher.page, "Register the API").click();
      await publisher.page.getByRole("alert").waitFor();
      // A browser notes every refusal.
      expect(publisher.incidents.splice(0)).toEqual([expect.stringContaining("status of 422")]);
      await paste(publisher, documentOf(api, false));
      await button(publisher.page, "Register the API").click();
      await heading(publisher.page, `${api} is registered`).waitFor();
      await button(publisher.page, "I have kept them").click();
      await link(publisher.page, "Publish a test event").waitFor();
      const apiPath = new URL(publisher.page.url()).pathname;
      await link(publisher.page, "Settings").click();
      await publisher.page.getByLabel("Public").check();
      await publisher.page.getByLabel("What data owners consent to").check();
      await button(publisher.page, "Save the settings").click();
      await expect.poll(() => button(publisher.page, "Save the settings").isDisabled()).toBe(true);

      // A subscriber finds it, and subscribes.
      const subscriber = await signIn(view, subscribing.token);
      await goTo(subscriber, "Directory");
      await link(subscriber.page, api).click();
      await link(subscriber.page, "Subscribe").first().click();
      await button(subscriber.page, "New app").click();
      await subscriber.page.getByRole("dialog").getByLabel("Name", { exact: true }).fill("Call back");
      await button(subscriber.page.getByRole("dialog"), "Create the app").click();
      await button(subscriber.page.getByRole("dialog"), "I have kept them").click();
      await button(subscriber.page, "Next: Events").click();
      await button(subscriber.page, "Next: Endpoint").click();
      await subscriber.page.getByRole("textbox", { name: "Endpoint" }).fill(`${receiver.url}/hook`);
      await button(subscriber.page, "Next: Delivery").click();
      await button(subscriber.page, "Subscribe").click();
      await heading(subscriber.page, `Subscribed to ${api}`).waitFor();
      await button(subscriber.page, "I have kept it").click();
      await button(subscriber.page, "Send a test event").click();
      await subscriber.page.getByText("Your endpoint took it.").waitFor();
      await button(subscriber.page, "Ask a data owner").click();
      await subscriber.page.getByLabel("Organization id of the data owner").fill(owning.id);
      await button(subscriber.page.getByRole("dialog"), "Ask").click();
      await subscriber.page.getByText(`Lakeside Fleet ${view.width}`).waitFor();
      await checkPage(subscriber);
      await link(subscriber.page, "Open the subscription").click();

      // The data owner consents.
      const owner = await signIn(view, owning.token);
      await goTo(owner, "Consents");
      await button(owner.page, "Grant").click();
      await button(owner.page.getByRole("dialog"), "Grant").click();
      await owner.page.getByText("granted", { exact: true }).first().waitFor();
      await checkPage(owner);

      // A delivery fails for a while: it is seen to, and arrives.
      refuses = "Beetle";
      await publish(publisher, apiPath, { car: "Beetle", key: "garage-1", owner: owning.id });
      await checkPage(publisher);
      await link(subscriber.page, "Deliveries").click();
      await subscriber.page.getByText("failing", { exact: true }).first().waitFor();
      refuses = null;
      await subscriber.page.getByText("delivered", { exact: true }).first().waitFor({ timeout: 60_000 });

      // One event of a key cannot be taken: what waits behind it comes once it is skipped.
      refuses = "Trabant";
      await publish(publisher, apiPath, { car: "Trabant", key: "garage-2", owner: owning.id });
      await publish(publisher, apiPath, { car: "Corvette", key: "garage-2", owner: owning.id });
      await link(subscriber.page, "Overview").click();
      await subscriber.page
        .getByRole("row")
        .filter({ hasText: "garage-2" })
        .getByRole("button", { name: /^Skip/ })
        .click();
      await button(subscriber.page.getByRole("alertdialog"), "Skip it").click();
      await expect
        .poll(() => receiver.received.some(({ body }) => body.includes("Corvette")), { timeout: 60_000 })
        .toBe(true);
      await checkPage(subscriber);
      refuses = null;

      // The owner sees what was sent, and takes the consent back.
      await goTo(owner, "Consents");
      await link(owner.page, "Call back").click();
      await owner.page.getByText("received", { exact: true }).first().waitFor();
      await button(owner.page, "Revoke").click();
      await button(owner.page.getByRole("alertdialog"), "Revoke").click();
      await owner.page.getByText("revoked", { exact: true }).first().waitFor();
      await checkPage(owner);
      for (const { page } of [operator, publisher, subscriber, owner]) await page.context().close();
    },
    300_000,
  );
});
