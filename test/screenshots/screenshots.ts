import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext } from "playwright-core";
import { findFreePort } from "../../src/dev/local-receiver.ts";
import { startLocalRelay } from "../../src/dev/local-relay.ts";
import { RelayClient } from "../../src/dev/relay-client.ts";
import { startBrowser } from "../support/browser.ts";
import { type ConsolePage, consolePages, openConsolePage } from "../support/console-pages.ts";
import { fillConsole, makeOrganization } from "../support/console-scene.ts";
import { signInWith } from "../support/console-session.ts";

/** Takes a picture of each page of the console: wide and narrow, light and dark. `npm run screenshots [-- part of a name]`. */
const OUT_DIR = join(import.meta.dirname, "../../dist/screenshots");
const OPERATOR_TOKEN = "screenshots-operator-token";
const SIZES = { wide: { width: 1280, height: 900 }, narrow: { width: 390, height: 844 } };
const SCHEMES = ["light", "dark"] as const;

const wanted = process.argv[2] ?? "";
const stateDir = mkdtempSync(join(tmpdir(), "event-relay-screenshots-"));
const relay = await startLocalRelay({
  ...{ port: await findFreePort(), stateDir, operatorToken: OPERATOR_TOKEN, allowPrivateEndpoints: true },
  vars: { ENDPOINT_RESOLVER: "" },
  onLine: (line, isError) => isError && console.error(line),
});
const browser = await startBrowser();
try {
  await relay.runCron();
  const scene = await fillConsole(relay.origin, OPERATOR_TOKEN);
  const fresh = await makeOrganization(relay.origin, new RelayClient(relay.origin, OPERATOR_TOKEN), "Fresh Start Ltd");
  const tokens = [scene.dealer, scene.developer, scene.fleet, fresh].map(({ token }) => token);
  const pages = consolePages(scene, fresh).filter(({ name }) => name.includes(wanted));
  mkdirSync(OUT_DIR, { recursive: true });
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of SCHEMES) {
      const context = await browser.newContext({ viewport, colorScheme, baseURL: relay.origin });
      await signInWith(context, relay.origin, [OPERATOR_TOKEN, ...tokens]);
      for (const page of pages)
        await takePicture(context, page, join(OUT_DIR, `${page.name}.${size}.${colorScheme}.png`));
      await context.close();
    }
  }
  console.log(`${pages.length * 4} pictures of ${pages.length} pages in ${OUT_DIR}`);
  await scene.close();
} finally {
  await browser.close();
  await relay.stop();
  rmSync(stateDir, { recursive: true, force: true });
}

async function takePicture(context: BrowserContext, shown: ConsolePage, file: string): Promise<void> {
  const page = await context.newPage();
  await openConsolePage(page, shown);
  await page.screenshot({ path: file, fullPage: shown.press === undefined });
  await page.close();
}
