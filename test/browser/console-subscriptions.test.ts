import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type LocalReceiver, startLocalReceiver } from "../../src/dev/local-receiver.ts";
import { Publisher } from "../../src/dev/relay-client.ts";
import { findBarriers, openPage, overflowOf, type View, type WatchedPage } from "../support/browser.ts";
import type { ConsoleScene } from "../support/console-scene.ts";
import { signInWith } from "../support/console-session.ts";
import { type ConsoleStage, startConsole } from "../support/console-stage.ts";
import type { TestRelay } from "../support/relay.ts";

/** The subscribe side: from an API to a delivery, and what to do when one fails. */

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into as they come.
type Json = any;

let stage: ConsoleStage;
let relay: TestRelay;
let browser: Browser;
let scene: ConsoleScene;
let endpoint: LocalReceiver;
/** What the endpoint takes; it answers 500 to the rest. */
let takes: (body: string) => boolean = () => true;

beforeAll(async () => {
  stage = await startConsole();
  ({ relay, browser, scene } = stage);
  endpoint = await startLocalReceiver(({ body }) => ({ status: takes(body) ? 204 : 500 }));
});

afterAll(async () => {
  await stage?.close();
  await endpoint?.close();
});

const DESKTOP: View = { width: 1280, colorScheme: "light" };
const PHONE: View = { width: 360, colorScheme: "dark" };
const SOON = { timeout: 20_000, interval: 200 };

async function open(path: string, view = DESKTOP, token = scene.developer.token): Promise<WatchedPage> {
  const watched = await openPage(browser, relay.origin, view);
  await signInWith(watched.page.context(), relay.origin, [token]);
  await watched.page.goto(`/o/${scene.developer.id}${path}`);
  await watched.page.locator("h1").waitFor();
  return watched;
}

const ask = (path: string): Promise<Json> => scene.developer.client.call("GET", path);

async function expectSound({ page, incidents }: WatchedPage): Promise<void> {
  expect(await findBarriers(page)).toEqual([]);
  expect(await overflowOf(page)).toBe(0);
  expect(incidents).toEqual([]);
}

const press = (page: Page, name: string | RegExp): Promise<void> => page.getByRole("button", { name }).click();

/** An event of its own key; answers its id. */
async function publish(repairOrderNumber: string): Promise<string> {
  const publisher = await Publisher.login(relay.origin, scene.repairOrders.credentials);
  const [store, changedAt] = ["store-042", new Date().toISOString()];
  const event = { repairOrderNumber, storeId: store, previousStatus: "open", status: "ready", changedAt };
  return publisher.publish(`repair-orders/${store}/status-changed`, event, { partitionKey: repairOrderNumber });
}

describe("a new subscription", () => {
  it.each([DESKTOP, PHONE])("is made in four steps, and tested, at $width pixels in $colorScheme", async (view) => {
    const watched = await open(`/subscriptions/new?apiId=${scene.repairOrders.id}`, view);
    const { page } = watched;
    const description = `From a browser of ${view.width} pixels`;
    await page.getByLabel("App", { exact: true }).selectOption({ label: "Service follow-up" });
    await page.getByLabel("What it is for").fill(description);
    await press(page, "Next: Events");
    await page.getByText("Some channels").click();
    await press(page, "Next: Endpoint");
    await page.getByText("Choose at least one channel.").waitFor();
    await page.getByLabel("Repair order closed").check();
    await expectSound(watched);
    await press(page, "Next: Endpoint");
    await page.getByRole("textbox", { name: "Endpoint" }).fill(`${endpoint.url}/hook`);
    await page.getByRole("radio", { name: "CloudEvents" }).check();
    await press(page, "Next: Delivery");
    await page.getByText("A list of waits").click();
    await page.getByLabel("Waits in seconds").fill("2, 4");
    await page.getByText("Tried again after 2 s, 4 s, 4 s, 4 s, without end.").waitFor();
    await expectSound(watched);
    // Nothing is lost where the page is loaded again.
    await page.reload();
    await press(page, "Subscribe");
    await page.getByText(/^whsec_/).waitFor();
    await press(page, "Send a test event");
    await page.getByText("Your endpoint took it.").waitFor();
    await expectSound(watched);
    const made = (await ask("/v1/subscriptions")).data.find((one: Json) => one.description === description);
    expect(made).toMatchObject({
      ...{ status: "active", endpoint: `${endpoint.url}/hook`, channels: ["repair-orders/closed"] },
      retry: { schedule: [2, 4] },
      format: "cloudevents",
    });
    expect(endpoint.received.at(-1)?.headers["event-test"]).toBe("true");
    // Its secret is shown here alone: who would lose it is asked.
    await page.getByRole("link", { name: "Open the subscription" }).click();
    await press(page, "Stay here");
    await press(page, "I have kept it");
    await page.getByRole("link", { name: "Open the subscription" }).click();
    await page.waitForURL(`**/subscriptions/${made.id}`);
    await page.getByRole("heading", { name: "How it went" }).waitFor();
    await expectSound(watched);
    await page.context().close();
  });

  it("says where to mend what the relay refuses", async () => {
    const { page } = await open(`/subscriptions/new?apiId=${scene.repairOrders.id}`);
    await page.getByLabel("App", { exact: true }).selectOption({ label: "Service follow-up" });
    await press(page, "Next: Events");
    await page.getByRole("textbox", { name: /Filter/ }).fill('{"type": "no such type"}');
    await press(page, "Next: Endpoint");
    await page.getByText("Live and pull only").click();
    await press(page, "Next: Delivery");
    await press(page, "Subscribe");
    await press(page, "Mend it in: Events");
    expect(await page.getByRole("textbox", { name: /Filter/ }).inputValue()).toContain("no such type");
    await page.context().close();
  });
});

describe("a key that is blocked", () => {
  it("goes on when its event is skipped, which is asked first", async () => {
    const watched = await open(`/subscriptions/${scene.subscriptions.failing}`);
    const { page } = watched;
    const row = page.getByRole("row", { name: /RO-1003/ });
    await row.getByRole("button", { name: "Skip" }).click();
    await page.getByText(/the next event of RO-1003 goes out at once/).waitFor();
    await press(page, "Keep it as it is");
    expect(await row.count()).toBe(1);
    await row.getByRole("button", { name: "Skip" }).click();
    await press(page, "Skip it");
    await page.getByText("Skipped: RO-1003 goes on").waitFor();
    const id = `${scene.subscriptions.failing}.${scene.failingEventId}`;
    expect((await ask(`/v1/deliveries/${id}`)).status).toBe("skipped");
    await page.goto(`/o/${scene.developer.id}/deliveries/${id}`);
    await page.getByText("Somebody has skipped it.").waitFor();
    expect(await page.getByText(/^Attempt \d+$/).count()).toBeGreaterThan(0);
    await expectSound(watched);
    await page.context().close();
  });
});

describe("deliveries", () => {
  it("come by themselves, wait while somebody reads, and recover before the reader's eyes", async () => {
    takes = (body) => !body.includes("RO-2001");
    const { id } = await scene.developer.client.subscribe(scene.appId, {
      ...{ apiId: scene.repairOrders.id, endpoint: endpoint.url, retry: { schedule: [3600] } },
    });
    const watched = await open(`/subscriptions/${id}/deliveries`);
    const { page } = watched;
    await page.getByText("No delivery yet").waitFor();
    await publish("RO-2001");
    const failing = page.getByRole("row", { name: /RO-2001/ });
    await failing.getByText("failing").waitFor();
    await failing.getByRole("link").focus();
    await publish("RO-2002");
    await press(page, "1 new delivery");
    await page.getByRole("row", { name: /RO-2002/ }).waitFor();
    await page.getByRole("link", { name: "failing", exact: true }).click();
    await page.getByRole("row", { name: /RO-2002/ }).waitFor({ state: "detached" });
    await expectSound(watched);
    await failing.getByRole("link").click();
    await page.getByText("Your endpoint failed.").waitFor();
    takes = () => true;
    await press(page, "Retry now");
    await page.getByText("Your endpoint took it.").waitFor();
    await expectSound(watched);
    await page.context().close();
  });

  it("come again from one on, whose page has each attempt with its time", async () => {
    takes = () => true;
    const { id } = await scene.developer.client.subscribe(scene.appId, {
      ...{ apiId: scene.repairOrders.id, endpoint: `${endpoint.url}/again` },
    });
    const eventIds = [await publish("RO-3001"), await publish("RO-3002")];
    const arrived = () =>
      endpoint.received.flatMap(({ path, headers }) => (path === "/again" ? headers["webhook-id"] : []));
    await vi.waitFor(() => expect(arrived().toSorted()).toEqual(eventIds.toSorted()), SOON);
    const watched = await open(`/deliveries/${id}.${eventIds[0]}`);
    const { page } = watched;
    await page.getByText("Your endpoint took it.").waitFor();
    const step = page.getByRole("listitem").filter({ hasText: "Attempt 1" });
    expect(await step.textContent()).toMatch(/204.*answered in .* after it was accepted/);
    expect(await step.locator("time").getAttribute("title")).toMatch(/ · \d{4}-\d\d-\d\dT[\d:.]+Z \(UTC\)$/);
    await press(page, /^Send again from here/);
    await page.getByRole("dialog").getByRole("button", { name: "Send again from here" }).click();
    await page.getByText("The events are on their way again").waitFor();
    await vi.waitFor(() => expect(arrived().toSorted()).toEqual([...eventIds, ...eventIds].toSorted()), SOON);
    await expectSound(watched);
    await page.context().close();
  });

  it("are counted and drawn, over an hour or longer", async () => {
    const watched = await open(`/subscriptions/${scene.subscriptions.failing}`);
    const { page } = watched;
    const chart = (title: string) => page.getByRole("img", { name: new RegExp(`^${title}: .`) });
    for (const title of ["Success", "Latency", "Backlog"]) await chart(title).waitFor();
    await page.getByRole("link", { name: "Last day" }).click();
    await page.waitForURL(/span=day/);
    await chart("Success").waitFor();
    await expectSound(watched);
    await page.context().close();
  });

  it("that are dead come back in bulk", async () => {
    const { page } = await open(`/subscriptions/${scene.subscriptions.dead}/deliveries?status=dead`);
    await press(page, "Retry dead ones");
    await press(page, "Try them again");
    await page.getByText(/dead deliver(y is|ies are) tried again/).waitFor();
    await page.context().close();
  });
});

describe("settings", () => {
  it("send what was changed, and nothing else", async () => {
    const watched = await open(`/subscriptions/${scene.subscriptions.paused}/settings`);
    const { page } = watched;
    const sent: Json[] = [];
    await page.route("**/v1/subscriptions/*", async (route) => {
      if (route.request().method() === "PATCH") sent.push(route.request().postDataJSON());
      await route.continue();
    });
    await page.getByLabel("Headers of your own").fill("X-Team: blue");
    await page.getByRole("region", { name: "Endpoint" }).getByRole("button", { name: "Save" }).click();
    await page.getByText(/^Saved/).waitFor();
    expect(sent).toEqual([{ headers: { "X-Team": "blue" } }]);
    expect((await ask(`/v1/subscriptions/${scene.subscriptions.paused}`)).headers).toEqual({ "X-Team": "blue" });
    await expectSound(watched);
    await page.context().close();
  });

  it("are asked for before a subscription goes, and a pause can be undone", async () => {
    const { page } = await open(`/subscriptions/${scene.subscriptions.paused}`);
    const status = async (): Promise<string> => (await ask(`/v1/subscriptions/${scene.subscriptions.paused}`)).status;
    await press(page, "Resume");
    await vi.waitFor(async () => expect(await status()).toBe("active"), SOON);
    await press(page, "Pause");
    await vi.waitFor(async () => expect(await status()).toBe("paused"), SOON);
    // What is said in passing can be dismissed by those who do not see it, too.
    await page.getByRole("button", { name: "Dismiss" }).first().waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await press(page, "Undo");
    await vi.waitFor(async () => expect(await status()).toBe("active"), SOON);
    await page.getByRole("link", { name: "Settings" }).click();
    await press(page, "Delete the subscription");
    await page.getByRole("alertdialog").getByRole("button", { name: "Delete the subscription" }).click();
    await page.waitForURL("**/subscriptions");
    await expect(status()).rejects.toThrow("404");
    await page.context().close();
  });
});

describe("an app", () => {
  it("is made with credentials that are shown once, and rotated", async () => {
    const watched = await open("/apps", PHONE);
    const { page } = watched;
    await press(page, "New app");
    await page.getByRole("textbox", { name: "Name" }).fill("Night shift");
    await press(page, "Create the app");
    await page.getByText("Night shift is made").waitFor();
    // Neither a key nor a press beside it takes away what nobody sees again.
    await page.keyboard.press("Escape");
    await page.mouse.click(2, 2);
    await press(page, "I have kept them");
    await page.getByRole("heading", { level: 1, name: "Night shift" }).waitFor();
    await press(page, "Rotate");
    await press(page, "Make a new secret");
    await page.getByRole("heading", { name: "The new secret" }).waitFor();
    await expectSound(watched);
    await page.context().close();
  });

  it("shows a viewer no button that would be refused", async () => {
    const { token } = await scene.developer.client.call<{ token: string }>(
      "POST",
      `/v1/organizations/${scene.developer.id}/tokens`,
      { name: "reader", role: "viewer" },
    );
    const { page, incidents } = await open(`/apps/${scene.appId}`, DESKTOP, token);
    await page.getByRole("heading", { name: "Credentials" }).waitFor();
    const refused = /Edit|New|Rotate|Revoke|Delete|Subscribe/;
    expect(await page.getByRole("main").getByRole("button", { name: refused }).count()).toBe(0);
    await page.goto(`/o/${scene.developer.id}/subscriptions/${scene.subscriptions.failing}`);
    await page.getByRole("heading", { name: "Now" }).waitFor();
    expect(await page.getByRole("button", { name: /Pause|Test|More|Retry|Skip/ }).count()).toBe(0);
    expect(incidents).toEqual([]);
    await page.context().close();
  });
});
