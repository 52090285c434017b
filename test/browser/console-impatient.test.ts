import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPage, type View, type WatchedPage } from "../support/browser.ts";
import type { ConsoleScene, SignedOrganization } from "../support/console-scene.ts";
import { signInWith } from "../support/console-session.ts";
import { type ConsoleStage, startConsole } from "../support/console-stage.ts";
import { OPERATOR_TOKEN, type TestRelay } from "../support/relay.ts";

/** Who presses twice, has a bad network, or comes too late. */

let stage: ConsoleStage;
let relay: TestRelay;
let browser: Browser;
let scene: ConsoleScene;

beforeAll(async () => {
  stage = await startConsole();
  ({ relay, browser, scene } = stage);
});

afterAll(() => stage?.close());

const DESKTOP: View = { width: 1280, colorScheme: "light" };
const NOBODY = "00000000-0000-4000-8000-000000000000";

const pathOf = ({ id }: SignedOrganization, path = ""): string => `/o/${id}${path}`;

async function open(path: string, ...who: SignedOrganization[]): Promise<WatchedPage> {
  const opened = await openPage(browser, relay.origin, DESKTOP);
  const tokens = who.map(({ token }) => token);
  await signInWith(opened.page.context(), relay.origin, [...tokens, OPERATOR_TOKEN]);
  await opened.page.goto(path);
  return opened;
}

/** What the page sends that changes something; none of it arrives. */
async function holdChanges(page: Page): Promise<string[]> {
  const sent: string[] = [];
  const problem = { type: "https://relay.example/problems/unavailable", detail: "Not now. Try again." };
  await page.route("**/v1/**", async (route) => {
    const request = route.request();
    if (request.method() === "GET") return route.continue();
    sent.push(`${request.method()} ${new URL(request.url()).pathname.split("/").slice(0, 3).join("/")}`);
    return route.fulfill({ status: 503, contentType: "application/problem+json", body: JSON.stringify(problem) });
  });
  return sent;
}

/** A double click on a slow machine: both presses have come before the page has done anything about the first. */
async function pressTwice(page: Page, button: Locator): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: 6 });
  const box = await button.boundingBox();
  if (!box) throw new Error("there is no such button");
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  const { mouse } = page;
  await Promise.all([1, 2].flatMap((clickCount) => [mouse.down({ clickCount }), mouse.up({ clickCount })]));
}

describe("a button that is pressed twice at once", () => {
  it("makes one app, and is ready again where that fails", async () => {
    const { page } = await open(pathOf(scene.developer, "/apps"), scene.developer);
    await page.getByRole("button", { name: "New app" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("An app");
    const sent = await holdChanges(page);
    const button = page.getByRole("button", { name: "Create the app" });
    await pressTwice(page, button);
    await page.getByText("Not now. Try again.").waitFor();
    expect(sent).toEqual(["POST /v1/apps"]);
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Create the app");
    await button.press("Enter");
    await expect.poll(() => sent).toEqual(["POST /v1/apps", "POST /v1/apps"]);
    await page.context().close();
  });

  it.each([
    ["Pause", () => `/subscriptions/${scene.subscriptions.healthy}`, "POST /v1/subscriptions"],
    ["Retry", () => `/deliveries/${scene.subscriptions.failing}.${scene.failingEventId}`, "POST /v1/deliveries"],
  ])("asks for it once: %s", async (name, path, call) => {
    const { page } = await open(pathOf(scene.developer, path()), scene.developer);
    const button = page.getByRole("button", { name, exact: false }).first();
    await button.waitFor();
    const sent = await holdChanges(page);
    await pressTwice(page, button);
    await page.getByText("Not now. Try again.").first().waitFor();
    expect(sent).toEqual([call]);
    await page.context().close();
  });
});

describe("an app that is made on the way to a subscription", () => {
  it("shows its secret until it is kept, and only then is the next step taken", async () => {
    const { developer, repairOrders, appId } = scene;
    const { page, incidents } = await open(
      pathOf(developer, `/subscriptions/new?apiId=${repairOrders.id}&appId=${appId}`),
      developer,
    );
    await page.getByRole("button", { name: "New app" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("Made on the way");
    await page.getByRole("button", { name: "Create the app" }).click();
    await page.getByRole("dialog", { name: "Made on the way is made" }).waitFor();
    await page.getByText("API secret", { exact: true }).waitFor();
    await page.getByRole("button", { name: "I have kept them" }).click();
    expect(await page.getByRole("combobox", { name: "App" }).locator(":checked").textContent()).toBe("Made on the way");
    expect(incidents).toEqual([]);
    await page.context().close();
  });
});

describe("without a network", () => {
  it("a press fails at once and says so, and nothing of it is done later", async () => {
    const { developer, subscriptions } = scene;
    const { page } = await open(pathOf(developer, `/subscriptions/${subscriptions.healthy}`), developer);
    const pause = page.getByRole("button", { name: "Pause" });
    await pause.waitFor();
    await page.context().setOffline(true);
    await pause.click();
    await page.getByText("The relay cannot be reached. Check your connection, then try again.").first().waitFor();
    await page.context().setOffline(false);
    await page.reload();
    await pause.waitFor();
    const { status } = await developer.client.call("GET", `/v1/subscriptions/${subscriptions.healthy}`);
    expect(status).toBe("active");
    await page.context().close();
  });

  it("a page that cannot be loaded says so, takes nothing away, and comes when it can", async () => {
    const { page } = await open(pathOf(scene.developer, "/apps"), scene.developer);
    await page.getByRole("heading", { name: "Apps" }).waitFor();
    await page.waitForLoadState("networkidle");
    await page.context().setOffline(true);
    await page.getByRole("link", { name: "Audit" }).click();
    await page.getByText("This part of the console could not be loaded.").waitFor();
    await page.getByRole("link", { name: "Subscriptions" }).waitFor();
    await page.context().setOffline(false);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { level: 1, name: "Audit" }).waitFor();
    await page.context().close();
  });
});

describe("a relay that has a bad moment", () => {
  it("leaves no page empty: each says so, and asks again when told to", async () => {
    const { page } = await open(pathOf(scene.developer), scene.developer);
    await page.getByRole("heading", { level: 2 }).first().waitFor();
    const answers = { status: 429, body: JSON.stringify({ detail: "Too many calls. Wait a little." }) };
    await page.route("**/v1/**", (route) => route.fulfill(answers));
    const { developer, appId, subscriptions, failingEventId } = scene;
    for (const path of [
      "",
      `/apps/${appId}`,
      `/subscriptions/${subscriptions.healthy}`,
      `/deliveries/${subscriptions.failing}.${failingEventId}`,
    ]) {
      await page.goto(pathOf(developer, path));
      await page.getByRole("alert").getByText("Too many calls. Wait a little.").first().waitFor();
      expect(await page.locator("h1").count()).toBe(1);
    }
    await page.goto(pathOf(developer));
    await page.getByRole("alert").first().waitFor();
    await page.unroute("**/v1/**");
    await page.getByRole("button", { name: "Try again" }).first().click();
    await page.getByRole("alert").waitFor({ state: "hidden" });
    await page.getByRole("heading", { level: 2 }).first().waitFor();
    await page.context().close();
  });

  it("is not held against what is asked the next time", async () => {
    const { page } = await open(pathOf(scene.developer, `/apps/${scene.appId}`), scene.developer);
    const dialog = page.getByRole("alertdialog");
    await page.getByRole("button", { name: "Delete the app" }).click();
    await holdChanges(page);
    await dialog.getByRole("button", { name: "Delete the app" }).click();
    await dialog.getByText("Not now. Try again.").waitFor();
    await dialog.getByRole("button", { name: "Keep it as it is" }).click();
    await dialog.waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Delete the app" }).click();
    await dialog.getByRole("button", { name: "Delete the app" }).waitFor();
    expect(await dialog.getByText("Not now. Try again.").count()).toBe(0);
    await page.context().close();
  });

  it("says so where not even the session can be read", async () => {
    const { page } = await open("/sign-in", scene.developer);
    await page.route("**/session", (route) => route.fulfill({ status: 500, body: "" }));
    await page.goto(pathOf(scene.developer, "/apps"));
    await page.getByRole("main").getByText("The relay answered 500.").waitFor();
    await page.context().close();
  });
});

describe("who goes back in the middle of it", () => {
  it("is asked before a secret is lost that is shown once, and goes on unasked with it", async () => {
    const { page } = await open(pathOf(scene.developer), scene.developer);
    await page.getByRole("link", { name: "Apps", exact: true }).click();
    await page.getByRole("button", { name: "New app" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("A second thought");
    await page.getByRole("button", { name: "Create the app" }).click();
    const secret = page.getByRole("dialog", { name: "A second thought is made" });
    await secret.waitFor();
    await page.evaluate("history.back()");
    await page.getByRole("button", { name: "Stay here" }).click();
    await secret.getByRole("button", { name: "I have kept them" }).click();
    await page.getByRole("heading", { level: 1, name: "A second thought" }).waitFor();
    await page.context().close();
  });

  it("is asked before the credentials of an API are lost that is about to be registered", async () => {
    const { page } = await open(pathOf(scene.fleet, "/apis/new"), scene.fleet);
    await page.getByRole("button", { name: "Start with an example" }).click();
    const { promise: isAsked, resolve: goOn } = Promise.withResolvers<void>();
    await page.route("**/v1/apis", async (route) => {
      if (route.request().method() === "POST") await isAsked;
      await route.continue();
    });
    await page.getByRole("button", { name: "Register the API" }).click();
    await page.getByRole("link", { name: "Audit" }).click();
    await page.getByRole("alertdialog", { name: "Leave before it is registered?" }).waitFor();
    goOn();
    await page.getByRole("heading", { level: 1, name: /is registered$/ }).waitFor();
    await page.getByRole("button", { name: "I have kept them" }).click();
    await page.getByRole("heading", { level: 1, name: "Repair Orders" }).waitFor();
    await page.context().close();
  });
});

describe("what is not there, or not any more", () => {
  it.each([
    `/apps/${NOBODY}`,
    "/apps/no-id",
    `/subscriptions/${NOBODY}/settings`,
    `/deliveries/${NOBODY}.${NOBODY}`,
    `/consents/${NOBODY}`,
    `/apis/${NOBODY}/events`,
  ])("has a page that says so: %s", async (path) => {
    const { page } = await open(pathOf(scene.developer, path), scene.developer);
    await page.getByRole("heading", { level: 1, name: "No page has this address" }).waitFor();
    await page.getByRole("link", { name: "To the start" }).click();
    await page.waitForURL("**/o/*");
    await page.context().close();
  });
});
