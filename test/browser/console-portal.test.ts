import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, BrowserContext, FrameLocator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findBarriers } from "../support/browser.ts";
import type { ConsoleScene } from "../support/console-scene.ts";
import { type ConsoleStage, startConsole } from "../support/console-stage.ts";
import type { TestRelay } from "../support/relay.ts";

/** A portal link: opened by itself, and inside of another product, which is a page of another origin here. */

let stage: ConsoleStage;
let relay: TestRelay;
let browser: Browser;
let scene: ConsoleScene;
let product: { origin: string; server: Server };

beforeAll(async () => {
  [stage, product] = await Promise.all([startConsole(), startProduct()]);
  ({ relay, browser, scene } = stage);
});

afterAll(async () => {
  await stage?.close();
  product?.server.close();
});

/** Somebody's product: `/?<url>` embeds that page. */
async function startProduct(): Promise<{ origin: string; server: Server }> {
  const server = createServer((request, response) => {
    const url = decodeURIComponent((request.url ?? "").slice(2));
    response.setHeader("Content-Type", "text/html");
    response.end(`<!doctype html><title>Product</title><iframe src="${url}" width="1100" height="800"></iframe>`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { origin: `http://localhost:${(server.address() as AddressInfo).port}`, server };
}

type Link = { id: string; url: string };

const makeLink = ({ developer, appId }: ConsoleScene, settings: Record<string, unknown> = {}): Promise<Link> =>
  developer.client.call("POST", `/v1/organizations/${developer.id}/portal-links`, { appId, ...settings });

const revoke = ({ developer }: ConsoleScene, { id }: Link): Promise<unknown> =>
  developer.client.call("DELETE", `/v1/organizations/${developer.id}/portal-links/${id}`);

/** A browser that has never been here, and what it sent and logged. */
async function openBrowser(): Promise<{ context: BrowserContext; page: Page; sent: string[]; logged: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const sent: string[] = [];
  const logged: string[] = [];
  page.on("request", (request) => sent.push(`${request.url()} ${request.headers().referer ?? ""}`));
  page.on("console", (message) => logged.push(message.text()));
  page.on("pageerror", (error) => logged.push(error.message));
  return { context, page, sent, logged };
}

const tokenOf = ({ url }: Link): string => url.split("#")[1] ?? "";

const embed = async (page: Page, { url }: Link): Promise<FrameLocator> => {
  await page.goto(`${product.origin}/?${encodeURIComponent(url)}`);
  return page.frameLocator("iframe");
};

describe("a portal link by itself", () => {
  it("opens the app, and nothing of the rest", async () => {
    const { context, page, sent, logged } = await openBrowser();
    const link = await makeLink(scene);
    await page.goto(link.url);
    await page.getByRole("heading", { level: 1, name: "Service follow-up" }).waitFor();
    const navigation = page.getByRole("navigation", { name: "Console" });
    expect(await navigation.getByRole("link").allTextContents()).toEqual(["App", "Subscriptions", "Directory"]);
    await navigation.getByRole("link", { name: "Subscriptions" }).click();
    await page.getByRole("link", { name: "Repair Orders" }).first().waitFor();
    await page.waitForLoadState("networkidle");
    expect(await page.getByText("Workshop boards").count()).toBe(0);
    await navigation.getByRole("link", { name: "Directory" }).click();
    await page.getByRole("link", { name: "Repair Orders" }).first().waitFor();
    await page.waitForLoadState("networkidle");
    expect(await findBarriers(page)).toEqual([]);
    expect(logged).toEqual([]);
    expect(sent.filter((line) => line.includes(tokenOf(link)))).toEqual([]);
    expect(page.url()).not.toContain(tokenOf(link));
    await context.close();
  });

  it("that is a viewer's has no button that changes something; a developer's has", async () => {
    for (const [role, buttons] of [
      ["viewer", 0],
      ["developer", 1],
    ] as const) {
      const { context, page } = await openBrowser();
      await page.goto((await makeLink(scene, { role })).url);
      await page.getByRole("heading", { level: 1, name: "Service follow-up" }).waitFor();
      await page.waitForLoadState("networkidle");
      expect(await page.getByRole("link", { name: "Subscribe to an API" }).count()).toBe(buttons);
      await context.close();
    }
  });

  it("says that it is over once it was revoked, and where it has no token", async () => {
    const { context, page } = await openBrowser();
    const link = await makeLink(scene);
    await page.goto(link.url.split("#")[0] ?? "");
    await page.getByText("Open it again from where you came from").waitFor();
    await page.goto(link.url);
    await page.getByRole("heading", { level: 1, name: "Service follow-up" }).waitFor();
    expect(page.url()).not.toContain(tokenOf(link));
    await revoke(scene, link);
    await page.reload();
    await page.getByText("Open it again from where you came from").waitFor();
    await context.close();
  });

  it("says that it is over when its time is, while somebody looks", async () => {
    const { context, page } = await openBrowser();
    await page.goto((await makeLink(scene, { ttlSeconds: 12 })).url);
    await page.getByRole("heading", { level: 1, name: "Service follow-up" }).waitFor();
    await page.getByText("Open it again from where you came from").waitFor({ timeout: 20_000 });
    await context.close();
  });
});

describe("a portal link inside of another product", () => {
  it("works there, after a reload too, and its token leaves the browser in no address", async () => {
    const { context, page, sent, logged } = await openBrowser();
    const link = await makeLink(scene, { role: "developer", frameAncestors: [product.origin] });
    const frame = await embed(page, link);
    await frame.getByRole("heading", { level: 1, name: "Service follow-up" }).waitFor();
    await frame.getByRole("link", { name: "Subscriptions" }).click();
    await frame.getByRole("heading", { level: 1, name: "Subscriptions" }).waitFor();
    // The frame alone is loaded again, at the address that it has come to.
    await page.frames().at(-1)?.evaluate("location.reload()");
    await frame.getByRole("heading", { level: 1, name: "Subscriptions" }).waitFor();
    await frame.getByRole("link", { name: "Repair Orders" }).first().waitFor();
    await frame.getByRole("link", { name: "App", exact: true }).click();
    await frame.getByRole("link", { name: "Subscribe to an API" }).click();
    await frame.getByRole("heading", { level: 1, name: /subscri/i }).waitFor();
    await page.waitForLoadState("networkidle");
    expect(logged).toEqual([]);
    // What the product's page asks its own server for is the product's affair.
    const toRelay = sent.filter((line) => line.startsWith(relay.origin));
    expect(toRelay.length).toBeGreaterThan(0);
    expect(toRelay.filter((line) => new URL(line.split(" ")[0] ?? "").search.includes("rp_"))).toEqual([]);
    expect(toRelay.filter((line) => line.includes("/v1/") && line.includes("rp_"))).toEqual([]);
    expect(page.frames().at(-1)?.url()).not.toContain("rp_");
    await context.close();
  });

  it("is refused to a page that the link does not name", async () => {
    for (const frameAncestors of [[], ["https://app.example.com"]]) {
      const { context, page, logged } = await openBrowser();
      const frame = await embed(page, await makeLink(scene, { frameAncestors }));
      await expect.poll(() => logged.join(" ")).toMatch(/frame-ancestors|X-Frame-Options/i);
      expect(await frame.getByRole("heading", { level: 1 }).count()).toBe(0);
      await context.close();
    }
  });

  it("is refused for the rest of the console, whatever link there is", async () => {
    const { context, page, logged } = await openBrowser();
    await makeLink(scene, { frameAncestors: [product.origin] });
    const frame = await embed(page, { id: "", url: `${relay.origin}/sign-in` });
    await expect.poll(() => logged.join(" ")).toMatch(/frame-ancestors|X-Frame-Options/i);
    expect(await frame.getByRole("textbox").count()).toBe(0);
    await context.close();
  });
});
