import { readFileSync } from "node:fs";
import { type Answer, type LocalReceiver, startLocalReceiver } from "../../src/dev/local-receiver.ts";
import { Publisher, type RegisteredApi, RelayClient } from "../../src/dev/relay-client.ts";

/** An organization with the token that signs in to the console. */
export type SignedOrganization = { id: string; token: string; client: RelayClient };

/** A relay on which everything that a page of the console can show has happened. */
export type ConsoleScene = {
  dealer: SignedOrganization;
  developer: SignedOrganization;
  fleet: SignedOrganization;
  repairOrders: RegisteredApi;
  inventory: RegisteredApi;
  appId: string;
  /** By what they show. */
  subscriptions: Record<"healthy" | "failing" | "dead" | "paused" | "pending" | "live" | "consented", string>;
  /** Of an event that fails at `failing`. */
  failingEventId: string;
  consents: Record<"granted" | "requested", string>;
  /** Opens the app without an account. */
  portalUrl: string;
  close(): Promise<void>;
};

const STORE = "store-042";
const CHANNEL = `repair-orders/${STORE}/status-changed`;
const STATUSES = ["in-progress", "waiting-for-parts", "ready", "closed"];
const ORDERS = 8;
/** The repair order that one receiver cannot take. */
const POISON = "RO-1003";

/** Fills an empty relay. Takes a few seconds: some deliveries fail first. */
export async function fillConsole(origin: string, operatorToken: string): Promise<ConsoleScene> {
  const operator = new RelayClient(origin, operatorToken);
  const [dealer, developer, fleet] = [
    await makeOrganization(origin, operator, "Main Street Motors"),
    await makeOrganization(origin, operator, "Follow-up Apps"),
    await makeOrganization(origin, operator, "Lakeside Fleet"),
  ];
  const repairOrders = await register(dealer, "specs/repair-order.asyncapi.yaml", { validation: "enforce" });
  const inventory = await register(dealer, "specs/vehicle-inventory.asyncapi.yaml", { access: "consent" });
  const flights = await register(fleet, "specs/flight-status.asyncapi.json", { approval: "manual" });
  const receivers = await startReceivers();
  const app = await developer.client.createApp("Service follow-up");
  await developer.client.call("PATCH", `/v1/apps/${app.id}`, {
    description: "Calls customers back when their car is ready.",
    website: "https://follow-up.example.com",
    listed: true,
  });
  const boards = await developer.client.createApp("Workshop boards");
  const subscribe = async (appId: string, settings: Record<string, unknown>): Promise<string> =>
    (await developer.client.subscribe(appId, settings)).id;
  const toRepairOrders = (receiver: LocalReceiver, description: string): Record<string, unknown> => ({
    ...{ apiId: repairOrders.id, endpoint: `${receiver.url}/repair-orders`, description },
  });
  const subscriptions = {
    healthy: await subscribe(app.id, toRepairOrders(receivers.steady, "Every change, to the call list")),
    failing: await subscribe(app.id, toRepairOrders(receivers.picky, "To the parts desk")),
    dead: await subscribe(app.id, { ...toRepairOrders(receivers.broken, "To the old CRM"), retry: TWICE }),
    paused: await subscribe(boards.id, toRepairOrders(receivers.steady, "Nightly export")),
    pending: await subscribe(boards.id, { apiId: flights.id, endpoint: `${receivers.steady.url}/flights` }),
    live: await subscribe(boards.id, { apiId: repairOrders.id, description: "The board in the workshop" }),
    consented: await subscribe(app.id, { apiId: inventory.id, endpoint: `${receivers.steady.url}/inventory` }),
  };
  await developer.client.call("POST", `/v1/subscriptions/${subscriptions.paused}/pause`, {});
  const consents = {
    granted: await askConsent(developer, fleet, subscriptions.consented),
    requested: await askConsent(developer, dealer, subscriptions.consented),
  };
  await fleet.client.call("POST", `/v1/consents/${consents.granted}/grant`, {});
  const failingEventId = await publishOrders(origin, repairOrders);
  await publishVehicles(origin, inventory, fleet.id);
  await breakInventory(dealer, inventory);
  const { url: portalUrl } = await developer.client.call<{ url: string }>(
    "POST",
    `/v1/organizations/${developer.id}/portal-links`,
    { appId: app.id },
  );
  await soon(async () => (await readStatus(developer, subscriptions.dead)).dead > 0);
  await soon(async () => (await readStatus(developer, subscriptions.failing)).blockedKeys > 0);
  return {
    ...{ dealer, developer, fleet, repairOrders, inventory, appId: app.id, subscriptions, failingEventId, consents },
    portalUrl,
    close: async () => void (await Promise.all(Object.values(receivers).map((receiver) => receiver.close()))),
  };
}

const TWICE = { initialSeconds: 1, multiplier: 1, maxDelaySeconds: 1, maxAttempts: 2 };

type Status = { dead: number; blockedKeys: number };

const readStatus = ({ client }: SignedOrganization, subscriptionId: string): Promise<Status> =>
  client.call("GET", `/v1/subscriptions/${subscriptionId}`);

const POLL_MS = 300;
const POLLS_MAX = 200;

async function soon(happened: () => Promise<boolean>): Promise<void> {
  for (let polls = 0; polls < POLLS_MAX; polls++) {
    if (await happened()) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error("what the console is to show has not happened");
}

/** An organization of an empty or a full relay, as the operator makes it. */
export async function makeOrganization(
  origin: string,
  operator: RelayClient,
  name: string,
): Promise<SignedOrganization> {
  const { id, token } = await operator.call<{ id: string; token: string }>("POST", "/v1/organizations", { name });
  return { id, token, client: new RelayClient(origin, token) };
}

async function register(
  { client }: SignedOrganization,
  spec: string,
  settings: Record<string, unknown>,
): Promise<RegisteredApi> {
  const mediaType = spec.endsWith(".json") ? "application/json" : "application/yaml";
  const api = await client.call<RegisteredApi>("POST", "/v1/apis", readFileSync(spec, "utf8"), mediaType);
  await client.call("PATCH", `/v1/apis/${api.id}`, { visibility: "public", ...settings });
  return api;
}

/** A version that breaks its subscribers. */
async function breakInventory({ client }: SignedOrganization, { id }: RegisteredApi): Promise<void> {
  const document = readFileSync("specs/vehicle-inventory.asyncapi.yaml", "utf8")
    .replace("version: 2.1.0", "version: 3.0.0")
    .replace("required: [vin, lotId, condition, listPrice, addedAt]", "required: [vin, lotId, condition]")
    .replace("maximum: 2100", "maximum: 2200");
  await client.call("PUT", `/v1/apis/${id}/spec?force=true`, document, "application/yaml");
}

async function startReceivers(): Promise<Record<"steady" | "picky" | "broken", LocalReceiver>> {
  const answerPicky = ({ body }: { body: string }): Answer => ({ status: body.includes(POISON) ? 500 : 204 });
  return {
    steady: await startLocalReceiver(() => ({ status: 204 })),
    picky: await startLocalReceiver(answerPicky),
    broken: await startLocalReceiver(() => ({ status: 503 })),
  };
}

async function askConsent(asking: SignedOrganization, owner: SignedOrganization, subscriptionId: string) {
  const terms = { dataOwnerId: owner.id };
  return (await asking.client.call<{ id: string }>("POST", `/v1/subscriptions/${subscriptionId}/consents`, terms)).id;
}

/** Some orders go through the workshop. Answers an event of the order that one receiver cannot take. */
async function publishOrders(origin: string, api: RegisteredApi): Promise<string> {
  const publisher = await Publisher.login(origin, api.credentials);
  let failingId = "";
  for (const [step, status] of STATUSES.entries()) {
    for (let n = 1; n <= ORDERS; n++) {
      const repairOrderNumber = `RO-${1000 + n}`;
      const event = {
        ...{ repairOrderNumber, storeId: STORE, previousStatus: STATUSES[step - 1] ?? "open", status },
        changedAt: new Date().toISOString(),
      };
      const id = await publisher.publish(CHANNEL, event, { partitionKey: repairOrderNumber });
      if (failingId === "" && repairOrderNumber === POISON) failingId = id;
    }
  }
  return failingId;
}

/** Cars of an owner that has consented, and of one that was not asked. */
async function publishVehicles(origin: string, api: RegisteredApi, dataOwnerId: string): Promise<void> {
  const publisher = await Publisher.login(origin, api.credentials);
  const [channel] = api.channels;
  for (const vin of ["1HGCM82633A004352", "WVWZZZ1JZXW000010", "JTDKN3DU0A0000001"]) {
    const headers = { partitionKey: vin, "Data-Owner-Id": dataOwnerId };
    await publisher.publish(channel?.address.replaceAll(/\{\w+\}/g, STORE) ?? "", { vin }, headers);
  }
}
