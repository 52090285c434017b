import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPage, startBrowser, type View, type WatchedPage } from "../support/browser.ts";
import { signInWith } from "../support/console-session.ts";
import { type Organization, startTestRelay, type TestRelay } from "../support/relay.ts";

/** A browser that is signed in: as whom its pages call, and what others make of it. */

const VIEW: View = { width: 1280, colorScheme: "light" };

type Signed = Organization & { name: string; token: string };

let relay: TestRelay;
let browser: Browser;
let [acme, best]: Signed[] = [];

beforeAll(async () => {
  [relay, browser] = await Promise.all([startTestRelay(), startBrowser()]);
  [acme, best] = [await makeOrganization("Acme"), await makeOrganization("Best")];
});

afterAll(async () => {
  await browser?.close();
  await relay?.close();
});

async function makeOrganization(name: string): Promise<Signed> {
  const organization = await relay.operator.createOrganization(name);
  const path = `/v1/organizations/${organization.id}/tokens`;
  const { token } = await organization.client.call<{ token: string }>("POST", path, { name, role: "admin" });
  return { ...organization, name, token };
}

function sceneOf(): { acme: Signed; best: Signed } {
  if (!acme || !best) throw new Error("there are no organizations");
  return { acme, best };
}

async function openSignedIn(): Promise<WatchedPage> {
  const opened = await openPage(browser, relay.origin, VIEW);
  await signInWith(opened.page.context(), relay.origin, [sceneOf().acme.token, sceneOf().best.token]);
  return opened;
}

const createApp = async (page: Page, name: string): Promise<void> => {
  await page.getByRole("button", { name: "New app" }).first().click();
  await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("dialog").getByRole("button", { name: "Create the app" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "I have kept them" }).click();
};

const appsOf = async ({ client }: Signed): Promise<string[]> =>
  (await client.call<{ data: { name: string }[] }>("GET", "/v1/apps")).data.map(({ name }) => name);

describe("who is signed in to two organizations", () => {
  it("works for the one whose page is open, whatever they only point at, and for the other one when they go there", async () => {
    const { acme, best } = sceneOf();
    const { page, incidents } = await openSignedIn();
    await page.goto(`/o/${acme.id}/apps`);
    const other = page.getByRole("menuitem", { name: best.name });
    await page.getByTitle("Switch organization").click();
    await other.hover();
    // What a link leads to is loaded when somebody points at it.
    await page.waitForLoadState("networkidle");
    await page.keyboard.press("Escape");
    await createApp(page, "Of Acme");
    await page.getByTitle("Switch organization").click();
    await other.hover();
    await other.click();
    await page.getByRole("heading", { level: 1, name: best.name }).waitFor();
    await page.getByRole("link", { name: "Apps", exact: true }).click();
    await createApp(page, "Of Best");
    expect([await appsOf(acme), await appsOf(best)]).toEqual([["Of Acme"], ["Of Best"]]);
    expect(incidents).toEqual([]);
    await page.context().close();
  });
});

describe("a page of the same site", () => {
  /** The port is no part of a site: its frames have the relay's cookies. */
  async function startNeighbour(): Promise<{ origin: string; server: Server }> {
    const server = createServer((request, response) => {
      const url = decodeURIComponent((request.url ?? "").slice(2));
      response.setHeader("Content-Type", "text/html");
      response.end(`<!doctype html><title>Neighbour</title><iframe src="${url}" width="1100" height="800"></iframe>`);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
  }

  it("gets nothing of a session into its frame, by whatever address of a portal link of its own", async () => {
    const { best } = sceneOf();
    const neighbour = await startNeighbour();
    const { id: appId } = await best.client.createApp("Bait");
    const link = await best.client.call<{ id: string; url: string }>(
      ...(["POST", `/v1/organizations/${best.id}/portal-links`] as const),
      { appId, frameAncestors: [neighbour.origin] },
    );
    const { page } = await openSignedIn();
    const frame = async (address: string) => {
      await page.goto(`${neighbour.origin}/?${encodeURIComponent(address)}`);
      await page.waitForLoadState("networkidle");
      return page.frameLocator("iframe");
    };
    await (await frame(link.url)).getByRole("heading", { level: 1, name: "Bait" }).waitFor();
    for (const path of [
      `/portal/${link.id}/x`,
      `/portal/${link.id}/sign-in`,
      `/portal/${link.id}/o/x`,
      `/portal/${link.id}/%6f/${best.id}/`,
      `/%70ortal/${link.id}/o/${best.id}/`,
    ]) {
      const shown = await frame(`${relay.origin}${path}`);
      expect(await shown.getByRole("link").count(), path).toBe(0);
    }
    await page.context().close();
    neighbour.server.close();
  });

  it("neither reads nor changes anything with the session that its requests carry", async () => {
    const { acme } = sceneOf();
    const neighbour = await startNeighbour();
    const { page } = await openSignedIn();
    const before = await appsOf(acme);
    await page.goto(`${neighbour.origin}/?about:blank`);
    const ask = (path: string, init: Record<string, unknown>): Promise<string> => {
      const asked = JSON.stringify({ credentials: "include", ...init });
      return page.evaluate(
        `fetch(${JSON.stringify(relay.origin + path)}, ${asked}).then((answer) => answer.text(), String)`,
      );
    };
    const [as, text, body] = [{ "Relay-Organization": acme.id }, { "Content-Type": "text/plain" }, '{"name":"Theirs"}'];
    for (const [path, init] of [
      ["/session", {}],
      ["/session", { method: "DELETE" }],
      ["/v1/apps", { headers: as }],
      ["/v1/apps", { method: "POST", headers: { ...text, ...as }, body }],
    ] as const) {
      expect(await ask(path, init), path).toMatch(/^TypeError/);
    }
    // What it sends blindly is answered, and it hears nothing of that.
    expect(await ask("/session", { mode: "no-cors" })).toBe("");
    expect(await ask("/v1/apps", { mode: "no-cors", method: "POST", headers: text, body })).toBe("");
    await page.evaluate(`{
      const form = Object.assign(document.createElement("form"), { method: "post", enctype: "text/plain" });
      form.action = ${JSON.stringify(`${relay.origin}/v1/apps`)};
      document.body.append(form);
      form.submit();
    }`);
    // Without the cookie, it would be answered that there is no token.
    await page.getByText("foreign-site").waitFor();
    expect(await appsOf(acme)).toEqual(before);
    await page.goto(`${relay.origin}/o/${acme.id}`);
    await page.getByRole("heading", { level: 1, name: acme.name }).waitFor();
    await page.context().close();
    neighbour.server.close();
  });
});

describe("the page to sign in", () => {
  it.each(["__proto__", "constructor", "<b>"])("says something sensible of the error %j", async (error) => {
    const { page, incidents } = await openPage(browser, relay.origin, VIEW);
    await page.goto(`/sign-in?error=${encodeURIComponent(error)}`);
    await page.getByText("The sign-in did not succeed.").waitFor();
    expect(incidents).toEqual([]);
    await page.context().close();
  });

  it.each(["//evil.example", "/%09/evil.example", "/%5Cevil.example", "/..//evil.example"])(
    "leads on to a page of the relay, where it was told %s",
    async (returnTo) => {
      const { page, incidents } = await openPage(browser, relay.origin, VIEW);
      await page.goto(`/sign-in?returnTo=${returnTo}`);
      await page.getByLabel("Token").fill(sceneOf().acme.token);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.waitForURL((url) => url.pathname !== "/sign-in");
      expect(new URL(page.url()).origin).toBe(relay.origin);
      expect(incidents).toEqual([]);
      await page.context().close();
    },
  );
});
