import type { Page } from "playwright-core";
import type { ConsoleScene, SignedOrganization } from "./console-scene.ts";

/** A page of the console by a name, for whoever looks at all of them. */
export type ConsolePage = { name: string; path: string };

/** Every page of the console, as the organization sees it to which it matters; `fresh` has done nothing yet. */
export function consolePages(scene: ConsoleScene, fresh: SignedOrganization): ConsolePage[] {
  const { dealer, developer, fleet, repairOrders, subscriptions, failingEventId, consents, appId } = scene;
  const of = ({ id }: SignedOrganization, pages: Record<string, string>): ConsolePage[] =>
    Object.entries(pages).map(([name, path]) => ({ name, path: `/o/${id}${path}` }));
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
      "api-versions": `${api}/versions`,
      "api-subscribers": `${api}/subscribers`,
      "api-events": `${api}/events`,
      "api-settings": `${api}/settings`,
      event: `/events/${failingEventId}`,
    }),
    ...of(developer, {
      "home-subscriber": "",
      directory: "/directory",
      "directory-api": `/directory/${repairOrders.id}`,
      "directory-code": `/directory/${repairOrders.id}/code`,
      "directory-versions": `/directory/${repairOrders.id}/versions`,
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
export async function openConsolePage(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.waitForLoadState("networkidle");
  await page
    .getByRole("status", { name: /^Loading/ })
    .first()
    .waitFor({ state: "hidden" });
}
