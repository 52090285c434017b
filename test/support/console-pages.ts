import type { Page } from "playwright-core";
import { settled } from "./browser.ts";
import type { ConsoleScene, SignedOrganization } from "./console-scene.ts";

/** A page of the console by a name, for whoever looks at all of them; with what is pressed to open a dialog on it. */
export type ConsolePage = { name: string; path: string; press?: string };

/** Every page of the console, as the organization sees it to which it matters; `fresh` has done nothing yet. */
export function consolePages(scene: ConsoleScene, fresh: SignedOrganization): ConsolePage[] {
  const { dealer, developer, fleet, repairOrders, inventory, subscriptions, failingEventId, consents, appId } = scene;
  const of = ({ id }: SignedOrganization, pages: Record<string, string>): ConsolePage[] =>
    Object.entries(pages).map(([name, path]) => ({ name, path: `/o/${id}${path}` }));
  const dialogsOf = ({ id }: SignedOrganization, dialogs: Record<string, [string, string]>): ConsolePage[] =>
    Object.entries(dialogs).map(([name, [path, press]]) => ({
      name: `dialog-${name}`,
      path: `/o/${id}${path}`,
      press,
    }));
  const api = `/apis/${repairOrders.id}`;
  const failing = `/subscriptions/${subscriptions.failing}`;
  return [
    { name: "sign-in", path: "/sign-in" },
    ...of(dealer, {
      "home-publisher": "",
      apis: "/apis",
      "api-new": "/apis/new",
      "api-channels": api,
      "api-credentials": `${api}/credentials`,
      "api-versions": `/apis/${inventory.id}/versions`,
      "api-version-new": `/apis/${inventory.id}/versions/new`,
      "api-subscribers": `${api}/subscribers`,
      "api-test-event": `${api}?publish=repair-orders/created`,
      "api-events": `${api}/events`,
      "api-settings": `${api}/settings`,
      event: `/events/${failingEventId}`,
    }),
    ...of(developer, {
      "home-subscriber": "",
      directory: "/directory",
      "directory-api": `/directory/${repairOrders.id}`,
      "directory-code": `/directory/${repairOrders.id}/code`,
      "directory-versions": `/directory/${inventory.id}/versions`,
      apps: "/apps",
      app: `/apps/${appId}`,
      subscriptions: "/subscriptions",
      "subscription-new": `/subscriptions/new?apiId=${repairOrders.id}`,
      subscription: failing,
      "subscription-deliveries": `${failing}/deliveries`,
      "subscription-settings": `${failing}/settings`,
      delivery: `/deliveries/${subscriptions.failing}.${failingEventId}`,
      "consents-asked": "/consents?side=asked",
      audit: "/audit",
      notices: "/notices",
      organization: "/organization",
    }),
    ...of(fleet, {
      "home-owner": "",
      consents: "/consents",
      consent: `/consents/${consents.granted}`,
      activation: "/consents/activate",
    }),
    ...dialogsOf(dealer, {
      "api-credentials": [`${api}/credentials`, "New credentials"],
      "api-delete": [`${api}/settings`, "Delete the API…"],
      grant: [`/consents/${consents.requested}`, "Grant"],
    }),
    ...dialogsOf(developer, {
      app: ["/apps", "New app"],
      "app-delete": [`/apps/${appId}`, "Delete the app"],
      "portal-link": [`/apps/${appId}`, "New portal link"],
      test: [failing, "Test"],
      skip: [failing, "Skip"],
      "send-again": [`/deliveries/${subscriptions.failing}.${failingEventId}`, "Send again from here…"],
      token: ["/organization", "New token"],
      member: ["/organization", "Invite somebody"],
    }),
    ...dialogsOf(fleet, {
      revoke: [`/consents/${consents.granted}`, "Revoke"],
    }),
    { name: "portal-app", path: scene.portalUrl },
    {
      name: "portal-subscription",
      path: scene.portalUrl.replace(/\/apps\/[^#]+/, `/subscriptions/${subscriptions.failing}`),
    },
    ...of(fresh, {
      "empty-home": "",
      "empty-apis": "/apis",
      "empty-apps": "/apps",
      "empty-subscriptions": "/subscriptions",
      "empty-consents": "/consents",
      "empty-notices": "/notices",
      "no-such-page": "/nothing",
    }),
    ...["organizations", "health", "notices", "audit"].map((part) => ({
      name: `operator-${part}`,
      path: `/operator/${part}`,
    })),
  ];
}

/** Goes to a page, and waits until it has what it shows. */
export async function openConsolePage(page: Page, { path, press }: Pick<ConsolePage, "path" | "press">): Promise<void> {
  await page.goto(path);
  await page.waitForLoadState("networkidle");
  await page
    .getByRole("status", { name: /^Loading/ })
    .first()
    .waitFor({ state: "hidden" });
  if (press === undefined) return;
  await page.getByRole("button", { name: press }).first().click();
  await page.getByRole("dialog").or(page.getByRole("alertdialog")).waitFor();
  await settled(page);
}
