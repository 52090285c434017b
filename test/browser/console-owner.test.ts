import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RelayClient } from "../../src/dev/relay-client.ts";
import { findBarriers, openPage, overflowOf, type View } from "../support/browser.ts";
import { type ConsoleScene, makeOrganization } from "../support/console-scene.ts";
import { signInWith } from "../support/console-session.ts";
import { type ConsoleStage, startConsole } from "../support/console-stage.ts";
import { OPERATOR_TOKEN, type TestRelay } from "../support/relay.ts";

/** The data owner's pages, the organization's and the operator's: what is pressed, and what the API says then. */

let stage: ConsoleStage;
let relay: TestRelay;
let browser: Browser;
let scene: ConsoleScene;

beforeAll(async () => {
  stage = await startConsole();
  ({ relay, browser, scene } = stage);
});

afterAll(() => stage?.close());

const DESKTOP: View = { width: 1280, colorScheme: "dark" };
const PHONE: View = { width: 360, colorScheme: "light" };

/** Signs in, does something, and says what went wrong besides. */
async function asSomebody(token: string, view: View, act: (page: Page) => Promise<void>): Promise<void> {
  const { page, incidents } = await openPage(browser, relay.origin, view);
  await signInWith(page.context(), relay.origin, [token]);
  await act(page);
  expect(await overflowOf(page)).toBe(0);
  expect(await findBarriers(page)).toEqual([]);
  expect(incidents).toEqual([]);
  await page.context().close();
}

const statusOf = async (consentId: string): Promise<unknown> =>
  (await scene.dealer.client.call("GET", `/v1/consents/${consentId}`)).status;

describe("a data owner", () => {
  it("hears at home who asks, grants a part of it, sees it, and takes it back", async () => {
    const { dealer, consents } = scene;
    await asSomebody(dealer.token, PHONE, async (page) => {
      await page.goto(`/o/${dealer.id}`);
      await page.getByRole("link", { name: /Service follow-up of Follow-up Apps asks/ }).click();
      await page.getByRole("heading", { level: 1, name: "Service follow-up" }).waitFor();
      await page.getByRole("button", { name: "Grant", exact: true }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("checkbox", { name: "inventory/vehicle-removed" }).uncheck();
      await dialog.getByLabel("Until the end of").fill("2099-12-31");
      await dialog.getByRole("button", { name: "Grant", exact: true }).click();
      await page.getByText("Service follow-up has your consent").waitFor();
      const granted = await dealer.client.call("GET", `/v1/consents/${consents.requested}`);
      expect(granted).toMatchObject({
        status: "granted",
        expiresAt: expect.stringMatching(/^(2099-12-31|2100-01-01)/),
      });
      expect(granted.channels).not.toContain("inventory/vehicle-removed");
      expect(granted.channels).toHaveLength(2);

      await page.getByRole("button", { name: "Revoke" }).click();
      const asked = page.getByRole("alertdialog");
      expect(await asked.textContent()).toContain("nothing more of yours is sent");
      await asked.getByRole("button", { name: "Keep it as it is" }).click();
      await asked.waitFor({ state: "hidden" });
      expect(await statusOf(consents.requested)).toBe("granted");
      await page.getByRole("button", { name: "Revoke" }).click();
      await asked.getByRole("button", { name: "Revoke" }).click();
      await page.getByText(/Revoked: nothing more of yours/).waitFor();
      expect(await statusOf(consents.requested)).toBe("revoked");
      await page.getByText("revoked a consent").waitFor();
    });
  });

  it("says no, which is asked first, and can be asked again", async () => {
    const owner = await makeOrganization(relay.origin, new RelayClient(relay.origin, OPERATOR_TOKEN), "Careful Cars");
    const terms = { dataOwnerId: owner.id };
    const path = `/v1/subscriptions/${scene.subscriptions.consented}/consents`;
    const { id } = await scene.developer.client.call<{ id: string }>("POST", path, terms);
    const status = async (): Promise<string> =>
      (await owner.client.call<{ status: string }>("GET", `/v1/consents/${id}`)).status;
    await asSomebody(owner.token, DESKTOP, async (page) => {
      await page.goto(`/o/${owner.id}/consents/${id}`);
      await page.getByRole("button", { name: "Deny" }).click();
      expect(await status()).toBe("requested");
      await page.getByRole("alertdialog").getByRole("button", { name: "Deny" }).click();
      await page.getByText("Denied: Service follow-up receives nothing about you").waitFor();
      expect(await status()).toBe("denied");
    });
  });

  it("sees which of its events were sent because of a consent", async () => {
    const { fleet, consents } = scene;
    await asSomebody(fleet.token, DESKTOP, async (page) => {
      await page.goto(`/o/${fleet.id}/consents/${consents.granted}`);
      const sent = page.getByRole("table", { name: "Events sent to Service follow-up" });
      await sent.getByText("received", { exact: true }).first().waitFor();
      expect(await sent.getByText("inventory/vehicle-added").count()).toBe(3);
    });
  });

  it("finds what it has decided behind what still waits for it", async () => {
    const { developer, fleet, inventory, appId, consents } = scene;
    const { id } = await developer.client.call<{ id: string }>("POST", `/v1/apps/${appId}/subscriptions`, {
      apiId: inventory.id,
    });
    await developer.client.call("POST", `/v1/subscriptions/${id}/consents`, { dataOwnerId: fleet.id });
    await asSomebody(fleet.token, PHONE, async (page) => {
      // A page of the list has no more than what was asked last.
      await page.route(/consents\?as=dataOwner(&cursor=[^&]*)?$/, (route) =>
        route.continue({ url: `${route.request().url()}&limit=1` }),
      );
      await page.goto(`/o/${fleet.id}/consents`);
      await page.getByRole("button", { name: "Look further back" }).click();
      await page.getByRole("table").getByRole("link", { name: "Service follow-up" }).waitFor();
      expect(await page.locator(`a[href$="${consents.granted}"]`).count()).toBe(1);
    });
    await developer.client.call("DELETE", `/v1/subscriptions/${id}`);
  });

  it("activates an app that lets itself be found, and finds none that does not", async () => {
    const { dealer, developer, appId } = scene;
    const other = await relay.operator.call<{ id: string; token: string }>("POST", "/v1/organizations", {
      name: "Hillside Cars",
    });
    await developer.client.call("PATCH", `/v1/apps/${appId}`, { listed: false });
    await asSomebody(other.token, DESKTOP, async (page) => {
      await page.goto(`/o/${other.id}/consents`);
      await page.getByRole("link", { name: "Activate an app" }).first().click();
      await page.getByText("No app can be activated yet").waitFor();
      await developer.client.call("PATCH", `/v1/apps/${appId}`, { listed: true });
      await page.reload();
      await page.getByRole("searchbox").fill("service");
      await page.waitForURL(/q=service/);
      await page.getByRole("button", { name: "Activate Service follow-up for Vehicle Inventory" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Activate" }).click();
      await page.getByRole("link", { name: "To your consent" }).click();
      await page.getByRole("heading", { level: 1, name: "Service follow-up" }).waitFor();
    });
    const { data } = await developer.client.call<{ data: object[] }>(
      "GET",
      "/v1/consents?as=subscriber&status=granted",
    );
    expect(data).toContainEqual(expect.objectContaining({ dataOwnerId: other.id, dataOwnerName: "Hillside Cars" }));
    expect(dealer.id).not.toBe(other.id);
  });
});

describe("a publisher whose API is approved by hand", () => {
  it("approves an app that waits for it, and rejects it later, which is asked first", async () => {
    const { developer, fleet, subscriptions } = scene;
    const { data } = await fleet.client.call<{ data: { id: string }[] }>("GET", "/v1/apis");
    const status = async (): Promise<string> =>
      (await developer.client.call<{ status: string }>("GET", `/v1/subscriptions/${subscriptions.pending}`)).status;
    await asSomebody(fleet.token, DESKTOP, async (page) => {
      await page.goto(`/o/${fleet.id}/apis/${data[0]?.id}/subscribers`);
      await page.getByRole("button", { name: "Approve" }).click();
      await page.getByText("Workshop boards gets events from now on").waitFor();
      expect(await status()).not.toBe("pending");
      await page.getByRole("button", { name: "Reject" }).click();
      await page.getByRole("alertdialog").getByRole("button", { name: "Reject" }).click();
      await page.getByText("Workshop boards is rejected").waitFor();
      expect(await status()).toBe("rejected");
    });
  });
});

describe("a data owner who looks at an API", () => {
  it("finds which apps it can let have its events, and from there all others", async () => {
    const { developer, fleet, inventory, appId } = scene;
    await developer.client.call("PATCH", `/v1/apps/${appId}`, { listed: true });
    await asSomebody(fleet.token, PHONE, async (page) => {
      await page.goto(`/o/${fleet.id}/directory/${inventory.id}`);
      await page.getByRole("link", { name: "See which apps you can let have its events" }).click();
      await page.waitForURL(`**/consents/activate?apiId=${inventory.id}`);
      await page.getByText("Only apps that receive Vehicle Inventory.").waitFor();
      await page.getByRole("heading", { name: "Service follow-up" }).waitFor();
      await page.getByRole("searchbox").fill("follow");
      await page.waitForURL(/q=follow/);
      expect(new URL(page.url()).searchParams.get("apiId")).toBe(inventory.id);
      await page.getByRole("link", { name: "Show all apps" }).click();
      await page.waitForURL((url) => url.search === "");
      expect(await page.getByRole("searchbox").inputValue()).toBe("");
    });
  });
});

describe("an admin", () => {
  it("makes a token that works, which is shown once, and revokes it", async () => {
    const { dealer } = scene;
    await asSomebody(dealer.token, PHONE, async (page) => {
      await page.goto(`/o/${dealer.id}/organization`);
      await page.getByRole("button", { name: "New token" }).click();
      await page.getByLabel("Name").fill("Night shift");
      await page.getByRole("radio", { name: /Viewer/ }).check();
      await page.getByRole("button", { name: "Make the token" }).click();
      const token = (await page.getByRole("dialog").locator("code").textContent()) ?? "";
      const callWith = () =>
        fetch(`${relay.origin}/v1/apis`, { headers: { Authorization: `Bearer ${token}` } }).then(
          ({ status }) => status,
        );
      expect(await callWith()).toBe(200);
      await page.getByRole("button", { name: "I have kept it" }).click();
      expect(await page.getByText(token).count()).toBe(0);
      await page.getByRole("button", { name: "Revoke Night shift" }).click();
      await page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
      await page.getByText("Night shift is revoked").waitFor();
      expect(await callWith()).toBe(401);
    });
  });

  it("invites somebody, changes what they may do, and removes them", async () => {
    const { dealer } = scene;
    const members = async (): Promise<unknown> =>
      (await dealer.client.call<{ data: object[] }>("GET", `/v1/organizations/${dealer.id}/members`)).data;
    await asSomebody(dealer.token, DESKTOP, async (page) => {
      await page.goto(`/o/${dealer.id}/organization`);
      await page.getByRole("button", { name: "Invite somebody" }).click();
      await page.getByLabel("E-mail address").fill("Ada@Example.com");
      await page.getByRole("button", { name: "Invite", exact: true }).click();
      const role = page.getByRole("combobox", { name: "Role of ada@example.com" });
      await role.selectOption("viewer");
      await page.getByText("ada@example.com is viewer now").waitFor();
      expect(await members()).toMatchObject([{ email: "ada@example.com", role: "viewer" }]);
      await page.getByRole("button", { name: "Remove ada@example.com" }).click();
      await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
      await page.getByText("ada@example.com is not a member any more").waitFor();
      expect(await members()).toEqual([]);
    });
  });

  it("sees what was changed, by an address that says what is filtered", async () => {
    const { dealer } = scene;
    await asSomebody(dealer.token, DESKTOP, async (page) => {
      await page.goto(`/o/${dealer.id}/audit`);
      const all = page.getByRole("button", { name: "Show everything" });
      const table = page.getByRole("table", { name: "What was changed" });
      await table.waitFor();
      expect(await all.count()).toBe(0);
      await page.getByLabel("What", { exact: true }).selectOption("api.register");
      await page.waitForURL(/action=api\.register/);
      await page.getByText("registered an API").nth(1).waitFor();
      await expect.poll(() => table.locator("tbody tr").count()).toBe(2);
      await page.reload();
      await expect.poll(() => table.locator("tbody tr").count()).toBe(2);
      await all.click();
      await expect.poll(() => table.locator("tbody tr").count()).toBeGreaterThan(2);
    });
  });
});

describe("a viewer", () => {
  it("sees no button that would be refused", async () => {
    const { dealer } = scene;
    const { token } = await dealer.client.call<{ token: string }>("POST", `/v1/organizations/${dealer.id}/tokens`, {
      ...{ name: "looks", role: "viewer" },
    });
    await asSomebody(token, DESKTOP, async (page) => {
      for (const path of ["consents", "organization", ""]) {
        await page.goto(`/o/${dealer.id}/${path}`);
        await page.waitForLoadState("networkidle");
        const refused = /^(Grant|Deny|Revoke|New|Invite|Activate|Register|Make)\b/;
        expect(await page.locator("main").getByRole("button", { name: refused }).count()).toBe(0);
        expect(await page.locator("main").getByRole("link", { name: refused }).count()).toBe(0);
      }
    });
  });
});

describe("the operator", () => {
  it("makes an organization, whose first token signs in", async () => {
    await asSomebody(OPERATOR_TOKEN, PHONE, async (page) => {
      await page.goto("/operator/organizations");
      await page.getByRole("button", { name: "New organization" }).click();
      await page.getByRole("textbox", { name: "Name" }).fill("Valley Garage");
      await page.getByRole("button", { name: "Make the organization" }).click();
      const token = (await page.getByRole("dialog").locator("code").textContent()) ?? "";
      await page.getByRole("button", { name: "I have kept it" }).click();
      await page.getByRole("searchbox").fill("valley");
      await expect.poll(() => page.getByRole("table").locator("tbody tr").count()).toBe(1);
      const answer = await fetch(`${relay.origin}/v1/organizations`, { headers: { Authorization: `Bearer ${token}` } });
      expect(((await answer.json()) as { data: object[] }).data).toMatchObject([{ name: "Valley Garage" }]);
    });
  });

  it("sees how the relay is, channel by channel", async () => {
    await asSomebody(OPERATOR_TOKEN, DESKTOP, async (page) => {
      await page.goto("/operator/health");
      const row = page.getByRole("row", { name: /repair-orders\/\{storeId\}\/status-changed/ });
      await row.waitFor();
      expect(await row.textContent()).toContain("32");
      expect(await row.textContent()).toContain("Repair Orders of Main Street Motors");
    });
  });
});
