import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, chromium, type Page } from "playwright-core";

const CANDIDATES = [
  process.env.CHROMIUM_PATH ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

/** A Chromium of this machine; `CHROMIUM_PATH` names one that stands elsewhere. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = CANDIDATES.find((path) => path !== "" && existsSync(path));
  if (!executablePath)
    throw new Error(`There is no Chromium at ${CANDIDATES.filter(Boolean).join(", ")}: set CHROMIUM_PATH.`);
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

export type View = { width: number; colorScheme: "light" | "dark" };

/** A page, and what went wrong in it or left the relay: what it logged, threw, asked others for. */
export type WatchedPage = { page: Page; incidents: string[] };

export async function openPage(browser: Browser, origin: string, { width, colorScheme }: View): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, baseURL: origin });
  const page = await context.newPage();
  const incidents: string[] = [];
  page.on("console", (message) => {
    const { url, lineNumber, columnNumber } = message.location();
    incidents.push(`console: ${message.text()} (on ${page.url()}, by ${url}:${lineNumber}:${columnNumber})`);
  });
  page.on("pageerror", (error) => incidents.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    incidents.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) incidents.push(`request: ${request.url()}`);
  });
  return { page, incidents };
}

/** Waits until nothing on the page moves or changes its color any more; what turns for ever may go on. */
export const settled = (page: Page): Promise<unknown> =>
  page.evaluate(`Promise.allSettled(
    document.getAnimations()
      .filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity)
      .map(({ finished }) => finished),
  ).then(() => undefined)`);

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** What a page does to those who do not see it, or not well: the rules of WCAG 2.2 A and AA that a program can check. */
export async function findBarriers(page: Page): Promise<string[]> {
  await settled(page);
  await page.evaluate(readFileSync(AXE, "utf8"));
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } };
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations } = await axe.run({ runOnly: { type: "tag", values: tags } });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
}

type AxeResults = { violations: { id: string; nodes: { html: string }[] }[] };

/** By how many pixels a page is wider than its window. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
