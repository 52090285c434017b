import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPage, type View } from "../support/browser.ts";
import type { ConsoleScene } from "../support/console-scene.ts";
import { signInWith } from "../support/console-session.ts";
import { type ConsoleStage, startConsole } from "../support/console-stage.ts";
import type { TestRelay } from "../support/relay.ts";

/** The console for those who have no mouse, or want no motion, or choose the colors themselves. */

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

async function open(path: string): Promise<Page> {
  const { page } = await openPage(browser, relay.origin, DESKTOP);
  await signInWith(page.context(), relay.origin, [scene.developer.token]);
  await page.goto(`/o/${scene.developer.id}${path}`);
  await page.locator("h1").waitFor();
  return page;
}

type Focused = { name: string; isSeen: boolean };

/** What has the focus: its words, and whether something around it shows that it has. */
const focused = (page: Page): Promise<Focused> =>
  page.evaluate(`(() => {
    const element = document.activeElement;
    const label = element.labels?.[0]?.textContent ?? element.getAttribute("aria-label") ?? element.textContent;
    const shown = [element, element.closest("label") ?? element].map((one) => getComputedStyle(one));
    return {
      name: label.trim(),
      isSeen: element.matches(":focus-visible") && shown.some(({ outlineStyle, outlineWidth }) => outlineStyle !== "none" && outlineWidth !== "0px"),
    };
  })()`);

const TABS_MAX = 60;

/** Tabs on to what is called so; whatever comes on the way can be seen to have the focus. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const unseen: string[] = [];
  for (let tabs = 0; tabs < TABS_MAX; tabs++) {
    await page.keyboard.press("Tab");
    const now = await focused(page);
    if (!now.isSeen) unseen.push(now.name);
    const isThere = typeof name === "string" ? now.name === name : name.test(now.name);
    if (isThere) return expect(unseen).toEqual([]);
  }
  throw new Error(`no key comes to ${name}`);
}

describe("with the keyboard alone", () => {
  it("one signs in, skips the navigation, and comes back from a dialog to where it was opened", async () => {
    const { page } = await openPage(browser, relay.origin, DESKTOP);
    await page.goto(`/o/${scene.developer.id}/apps`);
    await page.getByLabel("Token").waitFor();
    await tabTo(page, "Token");
    await page.keyboard.type(scene.developer.token);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Apps" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { level: 1, name: "Apps" }).waitFor();
    await page.keyboard.press("Tab");
    expect((await focused(page)).name).toBe("Skip to the page");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect((await focused(page)).name).toBe("New app");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await expect.poll(async () => (await focused(page)).name).toBe("Name");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    await expect.poll(async () => (await focused(page)).name).toBe("New app");
    await page.context().close();
  });

  it("one subscribes, step by step", async () => {
    const page = await open(`/subscriptions/new?apiId=${scene.repairOrders.id}`);
    await page.getByLabel("App", { exact: true }).waitFor();
    await tabTo(page, "App");
    await page.keyboard.press("ArrowDown");
    await tabTo(page, "Next: Events");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Events" }).waitFor();
    await tabTo(page, /All channels/);
    await page.keyboard.press("ArrowDown");
    await tabTo(page, /Repair order closed/);
    await page.keyboard.press("Space");
    await tabTo(page, "Next: Endpoint");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Endpoint" }).waitFor();
    await tabTo(page, /^Endpoint/);
    await page.keyboard.type("http://127.0.0.1:9/by-keys");
    await tabTo(page, "Next: Delivery");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Delivery" }).waitFor();
    await tabTo(page, "Subscribe");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: /Subscribed to/ }).waitFor();
    const { data } = await scene.developer.client.call<{ data: object[] }>("GET", "/v1/subscriptions");
    expect(data).toContainEqual(
      expect.objectContaining({ endpoint: "http://127.0.0.1:9/by-keys", channels: ["repair-orders/closed"] }),
    );
    await page.context().close();
  });

  it("one opens a menu, goes through it, and leaves it", async () => {
    const page = await open(`/subscriptions/${scene.subscriptions.healthy}`);
    await page.getByRole("button", { name: "More" }).waitFor();
    await tabTo(page, "More");
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem").first().waitFor();
    await expect.poll(async () => (await focused(page)).name).toBe("Send events again…");
    await page.keyboard.press("ArrowDown");
    await expect.poll(async () => (await focused(page)).name).toBe("Rotate the signing secret…");
    await page.keyboard.press("Escape");
    await expect.poll(async () => (await focused(page)).name).toBe("More");
    await page.context().close();
  });
});

describe("as somebody has set up their machine", () => {
  it("nothing moves where no motion is wanted", async () => {
    const page = await open("/apps");
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.getByRole("button", { name: "New app" }).click();
    await page.getByRole("dialog").waitFor();
    const durations = await page.evaluate(
      "document.getAnimations().map(({ effect }) => effect.getComputedTiming().duration).filter((ms) => ms > 1)",
    );
    expect(durations).toEqual([]);
    await page.context().close();
  });

  it.each([
    ["in the navigation", "Subscriptions", "Apps"],
    ["among the tabs", "Deliveries", "Overview"],
    ["among the filters", "all", "dead"],
  ])("where one is can be seen in colors of their own: %s", async (_, here, elsewhere) => {
    const page = await open(`/subscriptions/${scene.subscriptions.healthy}/deliveries`);
    await page.emulateMedia({ forcedColors: "active" });
    const groundOf = (name: string): Promise<string> =>
      page
        .getByRole("link", { name, exact: true })
        .first()
        .evaluate((link) => (globalThis as unknown as Looks).getComputedStyle(link).backgroundColor);
    await expect.poll(() => groundOf(here)).not.toBe(await groundOf(elsewhere));
    await page.context().close();
  });
});

/** Of what a page has, what is asked for here: the tests' own types are a server's. */
type Looks = { getComputedStyle(element: unknown): { backgroundColor: string } };
