import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Publisher, RelayClient } from "../../src/dev/relay-client.ts";
import { document3 } from "../support/asyncapi.ts";
import { openPage, overflowOf, startBrowser, type View } from "../support/browser.ts";
import { openConsolePage } from "../support/console-pages.ts";
import { makeOrganization, type SignedOrganization } from "../support/console-scene.ts";
import { signInWith } from "../support/console-session.ts";
import { OPERATOR_TOKEN, startTestRelay, type TestRelay } from "../support/relay.ts";

/** Pages whose names, descriptions, addresses and payloads were written by somebody who means no good. */

let relay: TestRelay;
let browser: Browser;
let organizations: Record<"publisher" | "subscriber" | "owner", SignedOrganization>;
let paths: string[];

const WIDE = "W".repeat(190);
const SCRIPT = "\u202ereversed <img src=x onerror=alert(1)>";
const CHANNEL = `${"c".repeat(300)}/{p}`;
const DESKTOP: View = { width: 1280, colorScheme: "light" };
/** A desktop's window, enlarged four times (WCAG 1.4.10). */
const ENLARGED: View = { width: 320, colorScheme: "dark" };

beforeAll(async () => {
  [relay, browser] = await Promise.all([startTestRelay(), startBrowser()]);
  const operator = new RelayClient(relay.origin, OPERATOR_TOKEN);
  const make = (name: string): Promise<SignedOrganization> => makeOrganization(relay.origin, operator, name);
  organizations = {
    publisher: await make(WIDE),
    subscriber: await make(SCRIPT),
    owner: await make(`${"👩‍👩‍👧‍👦".repeat(15)}\u200b`),
  };
  paths = await fill(organizations);
});

afterAll(async () => {
  await browser?.close();
  await relay?.close();
});

type Made = { id: string };

/** Answers the pages that show what was written. */
async function fill({ publisher, subscriber, owner }: typeof organizations): Promise<string[]> {
  const api = await publisher.client.registerApi(hostileApi());
  await publisher.client.call("PATCH", `/v1/apis/${api.id}`, {
    ...{ visibility: "public", access: "consent", support: `https://example.com/${"s".repeat(500)}` },
    ...{ terms: "javascript:alert(1)", pricing: "p".repeat(1000) },
  });
  const app = await subscriber.client.createApp(SCRIPT + WIDE.slice(SCRIPT.length));
  const website = `https://example.com/${"w".repeat(300)}`;
  await subscriber.client.call("PATCH", `/v1/apps/${app.id}`, { description: WIDE + SCRIPT, website, listed: true });
  const endpoint = `http://127.0.0.1:9/${"e".repeat(900)}`;
  const settings = { apiId: api.id, endpoint, description: WIDE + WIDE };
  const { id } = await subscriber.client.subscribe(app.id, settings);
  const asked = { dataOwnerId: owner.id };
  const consent = await subscriber.client.call<Made>("POST", `/v1/subscriptions/${id}/consents`, asked);
  await owner.client.call("POST", `/v1/consents/${consent.id}/grant`, {});
  await subscriber.client.call("POST", `/v1/subscriptions/${id}/consents`, { dataOwnerId: publisher.id });
  const publishing = await Publisher.login(relay.origin, api.credentials);
  const event = { [WIDE]: WIDE.repeat(30), html: SCRIPT };
  const headers = { "Partition-Key": "k".repeat(250), "Data-Owner-Id": owner.id };
  const eventId = await publishing.publish(CHANNEL.replace("{p}", "v".repeat(200)), event, headers);
  const of = (organization: SignedOrganization, ...pages: string[]): string[] =>
    pages.map((page) => `/o/${organization.id}${page}`);
  const subscription = `/subscriptions/${id}`;
  return [
    ...of(publisher, "", "/apis", `/apis/${api.id}`, `/apis/${api.id}/versions`, `/apis/${api.id}/subscribers`),
    ...of(publisher, `/apis/${api.id}/events`, `/apis/${api.id}/settings`, `/events/${eventId}`, "/consents"),
    ...of(publisher, `/apis/${api.id}?publish=${encodeURIComponent(CHANNEL)}`),
    ...of(subscriber, "", "/directory", `/directory/${api.id}`, `/directory/${api.id}/code`, `/apps/${app.id}`),
    ...of(subscriber, "/apps", "/subscriptions", subscription, `${subscription}/deliveries`),
    ...of(subscriber, `${subscription}/settings`, `/deliveries/${id}.${eventId}`, `/consents?side=asked`),
    ...of(subscriber, `/subscriptions/new?apiId=${api.id}`, "/notices", "/audit"),
    ...of(owner, "", "/consents", `/consents/${consent.id}`, "/consents/activate"),
    ...["organizations", "notices", "audit"].map((page) => `/operator/${page}`),
  ];
}

const hostileApi = (): string =>
  document3(
    {
      a: {
        ...{ address: CHANNEL, title: WIDE, description: WIDE, parameters: { p: { description: SCRIPT } } },
        messages: { m: { name: WIDE, payload: { properties: { [WIDE]: { type: "string", description: SCRIPT } } } } },
      },
    },
    {
      info: {
        ...{ title: SCRIPT + WIDE, version: `1.0.0-${"9".repeat(60)}`, tags: [{ name: WIDE }, { name: SCRIPT }] },
        description: `${SCRIPT} ${WIDE}\n\n${"x".repeat(9000)}`,
      },
    },
  );

describe("what somebody else has written", () => {
  it.each([DESKTOP, ENLARGED])(
    "runs nothing, asks nobody for anything and makes no page wider than its window, at $width pixels",
    async (view) => {
      const { page, incidents } = await openPage(browser, relay.origin, view);
      const tokens = Object.values(organizations).map(({ token }) => token);
      await signInWith(page.context(), relay.origin, [...tokens, OPERATOR_TOKEN]);
      const faults: string[] = [];
      for (const path of paths) {
        await openConsolePage(page, path);
        const overflow = await overflowOf(page);
        if (overflow > 0) faults.push(`${path} is ${overflow} pixels too wide`);
        faults.push(...incidents.splice(0));
      }
      expect(faults).toEqual([]);
      await page.context().close();
    },
    300_000,
  );

  it("turns no other words around", async () => {
    const { page } = await openPage(browser, relay.origin, DESKTOP);
    await signInWith(page.context(), relay.origin, [organizations.owner.token]);
    await openConsolePage(page, `/o/${organizations.owner.id}/directory`);
    await page.locator("main li h2 a").first().waitFor();
    expect(await page.evaluate('getComputedStyle(document.querySelector("main li h2 a")).unicodeBidi')).toBe("isolate");
    await page.context().close();
  });
});
