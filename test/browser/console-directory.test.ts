import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RelayClient } from "../../src/dev/relay-client.ts";
import { findBarriers, openPage, overflowOf, startBrowser, type View, type WatchedPage } from "../support/browser.ts";
import { makeOrganization, type SignedOrganization } from "../support/console-scene.ts";
import { signInWith } from "../support/console-session.ts";
import { hostileDocument } from "../support/hostile-document.ts";
import { OPERATOR_TOKEN, startTestRelay, type TestRelay } from "../support/relay.ts";
import { readSpec } from "../support/specs.ts";

/** Finding an API in the console, reading it, and taking code for it along. */

let relay: TestRelay;
let browser: Browser;
let dealer: SignedOrganization;
let developer: SignedOrganization;
const apis = { repairOrders: "", inventory: "", hostile: "" };

beforeAll(async () => {
  [relay, browser] = await Promise.all([startTestRelay(), startBrowser()]);
  const operator = new RelayClient(relay.origin, OPERATOR_TOKEN);
  dealer = await makeOrganization(relay.origin, operator, "Main Street Motors");
  developer = await makeOrganization(relay.origin, operator, "Follow-up Apps");
  const publish = async (text: string, settings: object = {}): Promise<string> => {
    const { id } = await dealer.client.registerApi(text);
    await dealer.client.call("PATCH", `/v1/apis/${id}`, { visibility: "public", ...settings });
    return id;
  };
  apis.repairOrders = await publish(readSpec("repair-order.asyncapi.yaml"));
  apis.inventory = await publish(readSpec("vehicle-inventory.asyncapi.yaml"), {
    access: "consent",
    approval: "manual",
  });
  apis.hostile = await publish(hostileDocument());
});

afterAll(async () => {
  await browser?.close();
  await relay?.close();
});

const DESKTOP: View = { width: 1280, colorScheme: "light" };
const PHONE: View = { width: 360, colorScheme: "dark" };

const directory = (of: SignedOrganization, path = ""): string => `/o/${of.id}/directory${path}`;

async function open(path: string, { as = developer.token, view = DESKTOP } = {}): Promise<WatchedPage> {
  const opened = await openPage(browser, relay.origin, view);
  await signInWith(opened.page.context(), relay.origin, [as]);
  await opened.page.goto(path);
  return opened;
}

const titlesOn = (page: Page): Promise<string[]> => page.locator("main li h2").allTextContents();

describe("the directory", () => {
  it("is searched by words, which stand in the address, and narrowed by a tag and a publisher", async () => {
    const { page, incidents } = await open(directory(developer));
    await page.getByRole("status").getByText("3 APIs").waitFor();
    await page.getByRole("searchbox", { name: "Search the directory" }).fill("repair order");
    await page.waitForURL("**/directory?q=repair*");
    await expect.poll(() => titlesOn(page)).toEqual(["Repair Orders"]);
    await page.getByRole("searchbox").fill("");
    await page.waitForURL((url) => url.search === "");
    await page.getByRole("link", { name: "inventory", exact: true }).click();
    await expect.poll(() => titlesOn(page)).toEqual(["Vehicle Inventory"]);
    await page.getByRole("button", { name: "Search without tag inventory" }).click();
    await page.getByRole("link", { name: "Main Street Motors" }).first().click();
    await page.getByText("Publisher: Main Street Motors").waitFor();
    expect(new URL(page.url()).searchParams.get("publisher")).toBe(dealer.id);
    await page.goto(directory(developer, "?q=nothing+of+this+name"));
    await page.getByRole("heading", { name: "No API matches" }).waitFor();
    await page.getByRole("link", { name: "Show all APIs" }).click();
    await expect.poll(() => titlesOn(page)).toHaveLength(3);
    expect(incidents).toEqual([]);
    await page.context().close();
  });

  it("leads to an API, and from there to a subscription of it", async () => {
    const { page, incidents } = await open(directory(developer), { view: PHONE });
    await page.getByRole("link", { name: "Vehicle Inventory" }).click();
    await page.getByRole("heading", { level: 1, name: "Vehicle Inventory" }).waitFor();
    await page.getByText("The publisher approves each subscription").waitFor();
    await page.getByText("Only events of data owners who have consented").waitFor();
    await page.getByRole("link", { name: "Subscribe", exact: true }).click();
    await page.waitForURL(`**/subscriptions/new?apiId=${apis.inventory}`);
    expect(incidents).toEqual([]);
    await page.context().close();
  });

  it("offers a viewer nothing that would be refused", async () => {
    const wish = { name: "to look around", role: "viewer" };
    const { token } = await developer.client.call<{ token: string }>(
      "POST",
      `/v1/organizations/${developer.id}/tokens`,
      wish,
    );
    const { page } = await open(directory(developer, `/${apis.repairOrders}`), { as: token });
    await page.getByRole("heading", { level: 1, name: "Repair Orders" }).waitFor();
    expect(await page.getByRole("link", { name: "Subscribe", exact: true }).count()).toBe(0);
    await page.context().close();
  });
});

/** Opens whatever can be opened now; within it, there may be more. */
const openMore = (page: Page): Promise<void> =>
  page.evaluate(
    'document.querySelectorAll(".aui-root button[aria-expanded=false]").forEach((button) => button.click())',
  );

describe("the documentation of an API", () => {
  it.each([
    ["of an honest one, all of it open", () => apis.repairOrders, DESKTOP, 2],
    ["of an honest one, all of it open", () => apis.repairOrders, PHONE, 2],
    ["of one that means no good", () => apis.hostile, DESKTOP, 0],
    ["of one that means no good", () => apis.hostile, PHONE, 0],
  ] as const)("is for everybody: %s", async (_, apiId, view, rounds) => {
    const { page, incidents } = await open(directory(developer, `/${apiId()}`), { view });
    await page.locator(".aui-root h3").first().waitFor();
    for (let round = 0; round < rounds; round++) await openMore(page);
    expect(await findBarriers(page)).toEqual([]);
    expect(await overflowOf(page)).toBe(0);
    expect(incidents).toEqual([]);
    await page.context().close();
  });

  it("has each channel, its payload open as far as its members, and an example", async () => {
    const { page } = await open(directory(developer, `/${apis.repairOrders}`));
    const shown = page.locator(".aui-root");
    await shown.getByRole("heading", { name: "repair-orders/{storeId}/status-changed" }).waitFor();
    expect(await shown.getByRole("heading", { level: 3 }).count()).toBe(4);
    await shown.getByText("Who took up or left the work, where a technician did.").first().waitFor();
    expect(await shown.locator("pre").first().textContent()).toContain('"repairOrderNumber": "RO-2031877"');
    await page.context().close();
  });

  it("runs nothing of a document, asks nobody for anything, and has no button that opens what has no end", async () => {
    const { page, incidents } = await open(directory(developer, `/${apis.hostile}`));
    await page.locator(".aui-root h3").first().waitFor();
    expect(await page.locator("main :is(script, img, iframe, form)").count()).toBe(0);
    const hrefs = await page
      .locator("main a[href]")
      .evaluateAll((links) => links.map((link) => String(link.getAttribute("href"))));
    expect(hrefs.filter((href) => !/^(?:\/|#|https?:\/\/)/.test(href))).toEqual([]);
    expect(await page.getByRole("button", { name: "Expand all" }).count()).toBe(0);
    expect(incidents).toEqual([]);
    await page.context().close();
  });

  it("is a file, too", async () => {
    const { page } = await open(directory(developer, `/${apis.repairOrders}`));
    const coming = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download as YAML" }).click();
    const download = await coming;
    expect(download.suggestedFilename()).toBe("repair-orders.asyncapi.yaml");
    expect(readFileSync(await download.path(), "utf8")).toMatch(/^asyncapi: /);
    await page.context().close();
  });
});

describe("the code for an API", () => {
  it("is in the language, and for the channel, that the address names, and can be copied", async () => {
    const { page, incidents } = await open(directory(developer, `/${apis.repairOrders}/code`));
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("region", { name: "receive.mjs" }).waitFor();
    await page.getByRole("link", { name: "Python" }).click();
    await page.getByRole("link", { name: "Publish an event" }).click();
    await page.getByRole("combobox", { name: "Channel" }).selectOption("repair-orders/closed");
    await page.waitForURL("**/code?*channel=repair-orders%2Fclosed*");
    const code = page.getByRole("region", { name: "publish.py" });
    expect(await code.textContent()).toContain('CHANNEL = "repair-orders/closed"');
    await page.getByRole("button", { name: "Copy publish.py" }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(await code.textContent());
    expect(await findBarriers(page)).toEqual([]);
    await page.reload();
    await code.waitFor();
    expect(incidents).toEqual([]);
    await page.context().close();
  });

  it("says where its values come from, and who can run it", async () => {
    const { page } = await open(directory(developer, `/${apis.inventory}/code?kind=publish`), { view: PHONE });
    await page.getByText("Only Main Street Motors, who publishes this API, can run this.").waitFor();
    expect(await overflowOf(page)).toBe(0);
    await signInWith(page.context(), relay.origin, [dealer.token]);
    await page.goto(directory(dealer, `/${apis.inventory}/code?kind=publish&language=curl`));
    await page.getByText("DATA_OWNER_ID", { exact: true }).waitFor();
    await page.context().close();
  });
});

describe("the versions of an API", () => {
  it("say what each has changed for those who subscribe", async () => {
    const text = readSpec("vehicle-inventory.asyncapi.yaml").replace("version: 2.1.0", "version: 3.0.0");
    const broken = text.replace("inventory/{lotId}/price-changed", "inventory/{lotId}/repriced");
    await dealer.client.call("PUT", `/v1/apis/${apis.inventory}/spec?force=true`, broken, "application/yaml");
    const { page, incidents } = await open(directory(developer, `/${apis.inventory}/versions`));
    await page.getByRole("heading", { level: 3, name: "3.0.0" }).waitFor();
    await page.getByText(/breaking change/).waitFor();
    await page.getByText("The first version.").waitFor();
    expect(await findBarriers(page)).toEqual([]);
    expect(incidents).toEqual([]);
    await page.context().close();
  });
});
