import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type BoardServer, serveBoard } from "../../src/dev/board-server.ts";
import { openWorkshop, type Workshop } from "../../src/dev/workshop.ts";
import { findBarriers, openPage, overflowOf, startBrowser, type View, type WatchedPage } from "../support/browser.ts";
import { type CutProxy, startCutProxy } from "../support/cut-proxy.ts";
import { OPERATOR_TOKEN, startTestRelay, type TestRelay } from "../support/relay.ts";

/** The example: a replica in a browser, by the browser's own EventSource. */

let relay: TestRelay;
let proxy: CutProxy;
let browser: Browser;
let workshop: Workshop;
let board: BoardServer;

beforeAll(async () => {
  [relay, browser] = await Promise.all([startTestRelay(), startBrowser()]);
  proxy = await startCutProxy(relay.origin);
  workshop = await openWorkshop(relay.origin, OPERATOR_TOKEN);
  board = await serveBoard(workshop, proxy.origin, 0);
});

afterAll(async () => {
  await browser?.close();
  await board?.close();
  await proxy?.close();
  await relay?.close();
});

const DESKTOP: View = { width: 1280, colorScheme: "light" };
const PHONE: View = { width: 360, colorScheme: "dark" };

async function openBoard(view: View): Promise<WatchedPage> {
  const opened = await openPage(browser, proxy.origin, view);
  await opened.page.goto(board.url);
  await waitFor(opened.page, "Live");
  return opened;
}

const waitFor = (page: Page, state: string): Promise<void> =>
  page.locator("#state", { hasText: state }).waitFor({ timeout: 20_000 });

/** How many events of the stream the page has taken. */
const streamed = async (page: Page): Promise<number> =>
  Number(/then (\d+)/.exec((await page.locator("#figures").textContent()) ?? "")?.[1]);

describe("the workshop's board", () => {
  it.each([DESKTOP, PHONE])("is for everybody, at $width pixels in $colorScheme", async (view) => {
    const { page, incidents } = await openBoard(view);
    await vi.waitFor(async () => expect(await page.locator("#orders tr").count()).toBe(12));
    expect(await overflowOf(page)).toBe(0);
    // The page's own policy lets nobody put a script into it.
    const { page: open } = await openPage(browser, board.url, view);
    await open.setContent((await page.content()).replace(/<script.*?<\/script>/s, ""));
    await open.addStyleTag({ content: await (await fetch(`${board.url}board.css`)).text() });
    expect(await findBarriers(open)).toEqual([]);
    expect(incidents.filter((incident) => !incident.includes(board.url))).toEqual([]);
    for (const { context } of [page, open].map((one) => ({ context: one.context() }))) await context.close();
  });

  it("shows what happens, each event once, over connections that are cut", async () => {
    const { page } = await openBoard(DESKTOP);
    for (let round = 1; round <= 3; round++) {
      for (let i = 0; i < 5; i++) await workshop.step();
      await vi.waitFor(async () => expect(await streamed(page)).toBe(round * 10 - 5), 20_000);
      proxy.cut();
      await waitFor(page, "Reconnecting");
      for (let i = 0; i < 5; i++) await workshop.step();
      await waitFor(page, "Live");
      await vi.waitFor(async () => expect(await streamed(page)).toBe(round * 10), 20_000);
    }
    await page.context().close();
  });

  it("goes on with a new token, once its own has expired, where it was", async () => {
    const shortLived = await serveBoard({ ...workshop, makeToken: () => workshop.makeToken(2) }, proxy.origin, 0);
    const { page } = await openPage(browser, proxy.origin, DESKTOP);
    await page.goto(shortLived.url);
    await waitFor(page, "Live");
    const sessions: string[] = [];
    page.on("request", (request) => sessions.push(new URL(request.url()).pathname.split("/").at(-1) ?? ""));
    await page.waitForTimeout(2_500);
    for (let i = 0; i < 5; i++) await workshop.step();
    await vi.waitFor(async () => expect(await streamed(page)).toBe(5), 20_000);
    proxy.cut();
    await waitFor(page, "Reconnecting");
    for (let i = 0; i < 5; i++) await workshop.step();
    await vi.waitFor(async () => expect(await streamed(page)).toBe(10), 20_000);
    expect(sessions).toContain("session");
    expect(sessions).not.toContain("snapshot");
    await page.context().close();
    await shortLived.close();
  });

  it("shows the same whether it was open all the time or is opened now", async () => {
    const { page: first } = await openBoard(DESKTOP);
    for (let i = 0; i < 30; i++) await workshop.step();
    await vi.waitFor(async () => expect(await streamed(first)).toBe(30), 20_000);
    const { page: second } = await openBoard(DESKTOP);
    const shown = (page: Page): Promise<string[]> =>
      page.locator("#orders tr:not([data-status=closed]) td.status").allTextContents();
    await vi.waitFor(async () => expect(await shown(second)).toEqual(await shown(first)), 20_000);
    for (const page of [first, second]) await page.context().close();
  });
});
