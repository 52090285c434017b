import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Publisher, type RegisteredApi, RelayClient } from "../../src/dev/relay-client.ts";
import { findBarriers, openPage, overflowOf, startBrowser, type View, type WatchedPage } from "../support/browser.ts";
import { makeOrganization, type SignedOrganization } from "../support/console-scene.ts";
import { signInWith } from "../support/console-session.ts";
import { OPERATOR_TOKEN, startTestRelay, type TestRelay } from "../support/relay.ts";
import { readSpec } from "../support/specs.ts";

/** What a publisher does in the console, and what the API says of it then. */

let relay: TestRelay;
let browser: Browser;
let operator: RelayClient;

beforeAll(async () => {
  [relay, browser] = await Promise.all([startTestRelay(), startBrowser()]);
  operator = new RelayClient(relay.origin, OPERATOR_TOKEN);
});

afterAll(async () => {
  await browser?.close();
  await relay?.close();
});

const DESKTOP: View = { width: 1280, colorScheme: "light" };
const PHONE: View = { width: 360, colorScheme: "dark" };

type Desk = WatchedPage & { organization: SignedOrganization; base: string };

/** A page of the console at which somebody of a new organization sits. */
async function sitDown(name: string, view: View = DESKTOP): Promise<Desk> {
  const organization = await makeOrganization(relay.origin, operator, name);
  const watched = await openPage(browser, relay.origin, view);
  await signInWith(watched.page.context(), relay.origin, [organization.token]);
  return { ...watched, organization, base: `/o/${organization.id}` };
}

/** Nobody is kept out, nothing went wrong, and what the browser noted itself is what the relay refused. */
async function expectGood({ page, incidents }: Desk, refusals: number[] = []): Promise<void> {
  expect(await overflowOf(page)).toBe(0);
  expect(await findBarriers(page)).toEqual([]);
  expect(incidents.splice(0)).toEqual(refusals.map((status) => expect.stringContaining(`status of ${status}`)));
}

const documentField = (page: Page) => page.getByRole("textbox", { name: "AsyncAPI document" });

/** Puts another text in the editor's place, as somebody who selects all and pastes. */
async function writeDocument(page: Page, text: string): Promise<void> {
  await documentField(page).press("ControlOrMeta+a");
  await page.keyboard.insertText(text);
}

const documentOf = (title: string, type: string) => `asyncapi: 3.0.0
info: { title: ${title}, version: 1.0.0 }
channels:
  checks:
    address: tyres/{storeId}/checked
    parameters: { storeId: {} }
    messages:
      TyreChecked: { payload: { type: ${type}, required: [depth], properties: { depth: { type: number, minimum: 0 } } } }
`;

const largeDocument = (title: string, channels: number, sentences: number): string =>
  [
    `asyncapi: 3.0.0\ninfo: { title: ${title}, version: 1.0.0 }\nchannels:`,
    ...Array.from(
      { length: channels },
      (_, n) => `  channel${n}:
    address: tyres/${n}/checked
    description: ${"What is known of it. ".repeat(sentences)}
    messages: { Checked: { payload: { type: object, properties: { depth: { type: number, minimum: ${n} } } } } }`,
    ),
  ].join("\n");

describe("a new API", () => {
  it.each([DESKTOP, PHONE])("is registered once its fault is mended, at $width pixels", async (view) => {
    const desk = await sitDown(`Tyres at ${view.width}`, view);
    const { page, base, organization } = desk;
    await page.goto(`${base}/apis`);
    await page.getByRole("link", { name: "Register an API" }).first().click();
    await writeDocument(page, documentOf("Tyres", "objec"));
    const findings = page.getByRole("region", { name: "Findings" });
    await findings.getByRole("button", { name: /did you mean "object"/i }).click();
    expect(await page.locator(".cm-lintRange-error").allTextContents()).toContain("objec");
    expect(await page.evaluate("document.activeElement?.ariaLabel")).toBe("AsyncAPI document");
    await page.getByRole("button", { name: "Register the API" }).click();
    await page.getByText("The relay did not take it.").waitFor();
    await expectGood(desk, [422]);

    await writeDocument(page, documentOf("Tyres", "object"));
    await findings.getByText(/^(Nothing to mend|\d+ hints?)$/).waitFor();
    await page.getByRole("button", { name: "Register the API" }).click();
    await page.getByRole("heading", { name: "Tyres is registered" }).waitFor();
    await expectGood(desk);

    const [clientId = "", clientSecret = ""] = await page.locator("main code").allTextContents();
    await page.getByRole("button", { name: "I have kept them" }).click();
    await page.getByRole("heading", { level: 1, name: "Tyres" }).waitFor();
    await expectGood(desk);
    const { data } = await organization.client.call<{ data: RegisteredApi[] }>("GET", "/v1/apis");
    expect(data.map(({ title }) => title)).toEqual(["Tyres"]);
    await expect(Publisher.login(relay.origin, { clientId, clientSecret })).resolves.toBeDefined();
    await page.context().close();
  });

  it("keeps its secret in sight until somebody has kept it", async () => {
    const desk = await sitDown("Careless");
    const { page, base } = desk;
    await page.goto(`${base}/apis/new`);
    await writeDocument(page, documentOf("Tyres", "object"));
    await page.getByRole("button", { name: "Register the API" }).click();
    await page.getByRole("heading", { name: "Tyres is registered" }).waitFor();
    await page.getByRole("link", { name: "Audit" }).click();
    const asked = page.getByRole("alertdialog", { name: "Leave without the secret?" });
    await asked.getByRole("button", { name: "Stay here" }).click();
    await asked.waitFor({ state: "hidden" });
    expect(await page.getByRole("heading", { name: "Tyres is registered" }).isVisible()).toBe(true);
    await expectGood(desk);
    await page.context().close();
  });

  it.each([DESKTOP, PHONE])(
    "may be as large as a document may: searched, mended, registered, at $width pixels",
    async (view) => {
      const desk = await sitDown(`Large at ${view.width}`, view);
      const { page, base } = desk;
      await page.goto(`${base}/apis/new`);
      const text = largeDocument("Tyres of the world", 200, 215);
      expect(text.length).toBeGreaterThan(900_000);
      const buffer = Buffer.from(text);
      await page.locator("input[type=file]").setInputFiles({ name: "tyres.yaml", mimeType: "text/yaml", buffer });
      await page.getByText("channel0", { exact: true }).waitFor();
      await documentField(page).press("ControlOrMeta+f");
      const find = page.getByRole("textbox", { name: "Find" });
      await find.pressSequentially("channel150:");
      await find.press("Enter");
      await page.getByText("address: tyres/150/checked").waitFor();
      await page.getByRole("textbox", { name: "Replace" }).fill("searched:");
      await page.getByRole("button", { name: "Replace", exact: true }).click();
      await page.getByText("searched", { exact: true }).waitFor();
      await expectGood(desk);
      await page.getByRole("button", { name: "Close" }).click();
      expect(await page.evaluate("document.activeElement?.ariaLabel")).toBe("AsyncAPI document");
      await page.getByRole("button", { name: "Register the API" }).click();
      await page.getByRole("heading", { name: "Tyres of the world is registered" }).waitFor();
      await page.getByRole("button", { name: "I have kept them" }).click();
      await page.getByRole("heading", { level: 1, name: "Tyres of the world" }).waitFor();
      await expectGood(desk);
      await page.context().close();
    },
  );

  it("is told apart from one that has its title", async () => {
    const desk = await sitDown("Twice");
    await desk.organization.client.registerApi(documentOf("Tyres", "object"));
    await desk.page.goto(`${desk.base}/apis/new`);
    await writeDocument(desk.page, documentOf("Tyres", "object"));
    await desk.page.getByRole("button", { name: "Register the API" }).click();
    await desk.page.getByText("has an API with this title already").waitFor();
    await expectGood(desk, [409]);
    await desk.page.context().close();
  });
});

describe("an API", () => {
  it("takes a test event from a form, and says at its fields why it refuses one", async () => {
    const desk = await sitDown("Workshop Tests");
    const { page, base, organization } = desk;
    const api = await organization.client.registerApi(readSpec("repair-order.asyncapi.yaml"));
    await organization.client.call("PATCH", `/v1/apis/${api.id}`, { validation: "enforce" });
    await page.goto(`${base}/apis/${api.id}`);
    await page.getByRole("link", { name: "Publish a test event" }).first().click();
    await page.getByLabel("repairOrderNumber").fill("nonsense");
    await page.getByLabel("Partition key").fill("RO-7");
    await page.getByRole("button", { name: "Publish the event" }).click();
    await page.getByText("was not taken").waitFor();
    const field = page.getByLabel("repairOrderNumber");
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    await expectGood(desk, [422]);

    await field.fill("RO-7");
    await page.getByRole("button", { name: "Publish the event" }).click();
    await page.getByRole("link", { name: "See what becomes of it" }).click();
    await page.getByRole("heading", { level: 1, name: "Event" }).waitFor();
    await page.getByText('"RO-7"').waitFor();
    await expectGood(desk);
    const events = await organization.client.call<{ data: { partitionKey: string }[] }>(
      ...(["GET", `/v1/apis/${api.id}/events`] as const),
    );
    expect(events.data.map(({ partitionKey }) => partitionKey)).toEqual(["RO-7"]);

    await page.goto(`${base}/apis/${api.id}/events`);
    await page.getByText("Search by channel, key").click();
    const search = page.getByRole("form", { name: "Search events" });
    const searchFor = async (key: string): Promise<void> => {
      await search.getByLabel("Partition key").fill(key);
      await search.getByRole("button", { name: "Search" }).click();
      await page.waitForURL(new RegExp(`partitionKey=${key}$`));
    };
    await searchFor("RO-8");
    await page.getByText("No event is so").waitFor();
    await searchFor("RO-7");
    await page.getByRole("row", { name: /RO-7/ }).waitFor();
    await expectGood(desk);
    await page.context().close();
  });

  it("takes a version that breaks subscribers only from somebody who has seen what it breaks", async () => {
    const desk = await sitDown("Workshop Versions");
    const { page, base, organization } = desk;
    const spec = readSpec("repair-order.asyncapi.yaml");
    const api = await organization.client.registerApi(spec);
    await page.goto(`${base}/apis/${api.id}/versions/new`);
    await documentField(page).waitFor();
    await writeDocument(
      page,
      spec.replace("version: 1.4.0", "version: 2.0.0").replace("repair-orders/closed\n", "done\n"),
    );
    await page.getByRole("button", { name: "Publish the version" }).click();
    await page.getByText("This version breaks subscribers.").waitFor();
    await page.getByText("The channel is gone.").waitFor();
    await expectGood(desk, [409]);
    expect((await organization.client.call("GET", `/v1/apis/${api.id}`)).version).toBe("1.4.0");

    await page.getByRole("button", { name: "Publish anyway…" }).click();
    await page.getByRole("button", { name: "Publish anyway", exact: true }).click();
    await page.getByRole("link", { name: "2.0.0" }).waitFor();
    await expectGood(desk);
    expect((await organization.client.call("GET", `/v1/apis/${api.id}`)).version).toBe("2.0.0");
    await page.context().close();
  });

  it("has its settings changed, is shared, and is deleted by whoever writes its title", async () => {
    const desk = await sitDown("Workshop Settings", PHONE);
    const { page, base, organization } = desk;
    const other = await makeOrganization(relay.origin, operator, "Partner Ltd");
    const api = await organization.client.registerApi(readSpec("vehicle-inventory.asyncapi.yaml"));
    await organization.client.call("PATCH", `/v1/apis/${api.id}`, { shards: 4, region: "weur" });
    await page.goto(`${base}/apis/${api.id}/settings`);
    const logs = page.getByRole("region", { name: "Logs" });
    await logs.waitFor();
    expect(await logs.locator("dd").allTextContents()).toEqual(["4", "Western Europe", `PATCH /v1/apis/${api.id}`]);
    await page.getByText("Refused", { exact: true }).click();
    await page.getByLabel("Keep events for (days)").fill("7");
    await page.getByRole("button", { name: "Save the settings" }).click();
    await page.getByText("The settings are saved").waitFor();
    const saved = await organization.client.call("GET", `/v1/apis/${api.id}`);
    expect(saved).toMatchObject({ validation: "enforce", retentionDays: 7, visibility: "private" });

    await page.getByLabel("Organization id").fill(other.id);
    await page.getByRole("button", { name: "Share with it" }).click();
    await page.getByRole("cell", { name: "Partner Ltd" }).waitFor();
    await expectGood(desk);

    await page.getByRole("button", { name: "Delete the API…" }).click();
    const remove = page.getByRole("dialog").getByRole("button", { name: "Delete the API" });
    expect(await remove.isDisabled()).toBe(true);
    await page.getByLabel(/Type “/).fill("Vehicle Inventory");
    await remove.click();
    await page.getByText("No APIs yet").waitFor();
    expect((await organization.client.call<{ data: unknown[] }>("GET", "/v1/apis")).data).toEqual([]);
    await page.context().close();
  });

  it("has credentials made, rotated and revoked", async () => {
    const desk = await sitDown("Workshop Credentials");
    const { page, base, organization } = desk;
    const api = await organization.client.registerApi(readSpec("vehicle-inventory.asyncapi.yaml"));
    await page.goto(`${base}/apis/${api.id}/credentials`);
    await page.getByRole("button", { name: "New credentials" }).click();
    await page.getByLabel("Name").fill("Lot scanner");
    await page.getByRole("button", { name: "Make them" }).click();
    await page.getByRole("button", { name: "I have kept them" }).click();
    const row = page.getByRole("row").filter({ hasText: "Lot scanner" });
    await row.getByRole("button", { name: "Rotate" }).click();
    await page.getByRole("button", { name: "Make a new secret" }).click();
    await page.getByText("has another secret").waitFor();
    await expectGood(desk);
    await page.getByRole("button", { name: "I have kept them" }).click();
    await row.getByRole("button", { name: "Revoke" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
    // A row behind a dialog is none to a screen reader either: that it is not found says nothing yet.
    await page.getByText("Lot scanner is revoked").waitFor();
    await row.waitFor({ state: "detached" });
    const left = await organization.client.call<{ data: { name: string }[] }>("GET", `/v1/apis/${api.id}/credentials`);
    expect(left.data.map(({ name }) => name)).toEqual(["default"]);
    await page.context().close();
  });
});
