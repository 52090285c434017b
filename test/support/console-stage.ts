import type { Browser } from "playwright-core";
import { startBrowser } from "./browser.ts";
import { type ConsoleScene, fillConsole } from "./console-scene.ts";
import { OPERATOR_TOKEN, startTestRelay, type TestRelay } from "./relay.ts";

/** A relay whose console has something on every page, and a browser to look at it. */
export type ConsoleStage = { relay: TestRelay; browser: Browser; scene: ConsoleScene; close(): Promise<void> };

export async function startConsole(): Promise<ConsoleStage> {
  const [relay, browser] = await Promise.all([startTestRelay(), startBrowser()]);
  let scene: ConsoleScene | null = null;
  const close = async (): Promise<void> => {
    await browser.close();
    await scene?.close();
    await relay.close();
  };
  try {
    await relay.runCron();
    scene = await fillConsole(relay.origin, OPERATOR_TOKEN);
    return { relay, browser, scene, close };
  } catch (error) {
    await close();
    throw error;
  }
}
