import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { document2 } from "../support/asyncapi.ts";
import { findBarriers, openPage, overflowOf, startBrowser, type View } from "../support/browser.ts";
import { startTestRelay, type TestRelay } from "../support/relay.ts";
import { readSpec } from "../support/specs.ts";

let relay: TestRelay;
let browser: Browser;
let repairOrders: string;
let hostile: string;

// A document that wants more than to be read.
const SCRIPT = "<script>alert('script')</script><img src=x onerror=alert('image')>";
const HOSTILE = document2(
  {
    "a-channel": {
      description: `${SCRIPT} [a link](javascript:alert('link')) ![](http://tracker.example/pixel.png)`,
      subscribe: {
        message: {
          name: SCRIPT,
          payload: {
            type: "object",
            title: SCRIPT,
            properties: { [SCRIPT]: { description: SCRIPT, pattern: "</style>" } },
          },
          examples: [{ payload: { [SCRIPT]: "</pre></main></body>" } }],
        },
      },
    },
  },
  {
    info: {
      title: `Hostile ${SCRIPT}`,
      version: "1",
      description: `${SCRIPT}\n\n${"a-word-without-end".repeat(50)}`,
      contact: { name: SCRIPT, url: "javascript:alert('contact')" },
    },
    tags: [{ name: SCRIPT }, { name: "repairs" }],
  },
);

beforeAll(async () => {
  [relay, browser] = await Promise.all([startTestRelay(), startBrowser()]);
  const { client } = await relay.operator.createOrganization("Workshop Software");
  const publish = async (text: string): Promise<string> => {
    const api = await client.registerApi(text);
    await client.call("PATCH", `/v1/apis/${api.id}`, { visibility: "public" });
    return api.id;
  };
  repairOrders = await publish(readSpec("repair-order.asyncapi.yaml"));
  await publish(readSpec("vehicle-inventory.asyncapi.yaml"));
  hostile = await publish(HOSTILE);
});

afterAll(async () => {
  await browser?.close();
  await relay?.close();
});

const DESKTOP: View = { width: 1280, colorScheme: "light" };
const PHONE: View = { width: 360, colorScheme: "dark" };

const titlesOn = (page: Page): Promise<string[]> => page.locator(".entries h2 a").allTextContents();

describe.each([
  ["the directory", () => "/directory"],
  ["an API", () => `/directory/${repairOrders}`],
  ["an API that means no good", () => `/directory/${hostile}`],
  ["a page that is not there", () => "/directory/nothing"],
])("%s", (_, path) => {
  it.each([DESKTOP, PHONE])("is for everybody, at $width pixels in $colorScheme", async (view) => {
    const { page, incidents } = await openPage(browser, relay.origin, view);
    const answer = await page.goto(path());
    for (const summary of await page.locator("summary").all()) await summary.click();
    expect(await overflowOf(page)).toBe(0);
    expect(await findBarriers(page)).toEqual([]);
    const expected = answer?.status() === 404 ? [expect.stringContaining("404")] : [];
    expect(incidents).toEqual(expected);
    await page.context().close();
  });
});

describe("the directory", () => {
  it("is searched with the keyboard alone, and narrowed by a tag", async () => {
    const { page } = await openPage(browser, relay.origin, DESKTOP);
    await page.goto("/directory");
    expect(await titlesOn(page)).toHaveLength(3);
    await page.getByRole("searchbox", { name: "Search" }).fill("repair order");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/directory?q=repair+order");
    expect(await titlesOn(page)).toEqual([expect.stringContaining("Repair")]);
    await page.goto("/directory");
    await page.getByRole("link", { name: "repairs", exact: true }).click();
    expect(await titlesOn(page)).toEqual([expect.stringContaining("Hostile")]);
    await page.context().close();
  });

  it("leads to an API, and from there to its document", async () => {
    const { page } = await openPage(browser, relay.origin, PHONE);
    await page.goto("/directory?q=repair");
    await page.locator(".entries h2 a", { hasText: "Repair" }).click();
    await page.waitForURL(`**/directory/${repairOrders}`);
    const href = await page.getByRole("link", { name: "YAML" }).first().getAttribute("href");
    const text = await (await fetch(new URL(href ?? "", relay.origin))).text();
    expect(text).toMatch(/^asyncapi:/);
    await page.context().close();
  });
});

describe("a document that means no good", () => {
  it("has no link that runs something", async () => {
    const { page } = await openPage(browser, relay.origin, DESKTOP);
    for (const path of ["/directory", `/directory/${hostile}`]) {
      await page.goto(path);
      const hrefs = await page
        .locator("a")
        .evaluateAll((links) => links.map((link) => String(link.getAttribute("href"))));
      expect(hrefs.filter((href) => !/^(?:\/|#|https?:\/\/)/.test(href))).toEqual([]);
      expect(await page.locator("script, img, iframe").count()).toBe(0);
    }
    await page.context().close();
  });
});
