import { randomUUID } from "node:crypto";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RelayClient } from "../../src/dev/relay-client.ts";
import { findBarriers, openPage, overflowOf, type View } from "../support/browser.ts";
import { type ConsolePage, consolePages, openConsolePage } from "../support/console-pages.ts";
import { type ConsoleScene, makeOrganization } from "../support/console-scene.ts";
import { signInWith } from "../support/console-session.ts";
import { type ConsoleStage, startConsole } from "../support/console-stage.ts";
import { OPERATOR_TOKEN, type TestRelay } from "../support/relay.ts";

/** Each page of the console, for those who do not see it, or not well, or on a phone. */

let stage: ConsoleStage;
let relay: TestRelay;
let browser: Browser;
let scene: ConsoleScene;
let pages: ConsolePage[];
let tokens: string[];

beforeAll(async () => {
  stage = await startConsole();
  ({ relay, browser, scene } = stage);
  const fresh = await makeOrganization(relay.origin, new RelayClient(relay.origin, OPERATOR_TOKEN), "Fresh Start Ltd");
  pages = consolePages(scene, fresh);
  tokens = [OPERATOR_TOKEN, ...[scene.dealer, scene.developer, scene.fleet, fresh].map(({ token }) => token)];
});

afterAll(() => stage?.close());

const DESKTOP: View = { width: 1280, colorScheme: "light" };
const PHONE: View = { width: 360, colorScheme: "dark" };

describe("every page of the console", () => {
  it.each([DESKTOP, PHONE])(
    "is for everybody, at $width pixels in $colorScheme",
    async (view) => {
      const { page, incidents } = await openPage(browser, relay.origin, view);
      await signInWith(page.context(), relay.origin, tokens);
      const faults: string[] = [];
      for (const shown of pages) {
        await openConsolePage(page, shown);
        const barriers = await findBarriers(page);
        const overflow = await overflowOf(page);
        if (overflow > 0) barriers.push(`is ${overflow} pixels too wide`);
        if ((await page.locator("h1").count()) !== 1) barriers.push("has not one h1");
        faults.push(...[...barriers, ...incidents.splice(0)].map((fault) => `${shown.name}: ${fault}`));
      }
      expect(faults).toEqual([]);
      await page.context().close();
    },
    300_000,
  );
});

describe("the page of a thing that is not there", () => {
  it.each(["apis/ID", "directory/ID", "apps/ID", "subscriptions/ID", "deliveries/ID.ID", "consents/ID"])(
    "says so: %s",
    async (path) => {
      const { page, incidents } = await openPage(browser, relay.origin, PHONE);
      await signInWith(page.context(), relay.origin, tokens);
      await page.goto(`/o/${scene.dealer.id}/${path.replaceAll("ID", () => randomUUID())}`);
      await page.getByRole("heading", { level: 1, name: "No page has this address" }).waitFor();
      expect(await findBarriers(page)).toEqual([]);
      expect(new Set(incidents)).toEqual(new Set([expect.stringContaining("status of 404")]));
      await page.context().close();
    },
  );
});
