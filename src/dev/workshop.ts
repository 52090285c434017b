import { readFileSync } from "node:fs";
import { Publisher, RelayClient } from "./relay-client.ts";

const SPEC = "specs/repair-order.asyncapi.yaml";
const STORE = "store-042";
const BAYS = 12;
const TOKEN_SECONDS = 300;

/** What an order may become next; a status that stands there twice is twice as likely. */
const NEXT: Record<string, string[]> = {
  open: ["in-progress"],
  "in-progress": ["waiting-for-parts", "waiting-for-approval", "ready", "ready"],
  "waiting-for-parts": ["in-progress"],
  "waiting-for-approval": ["in-progress"],
  ready: ["closed"],
};

const WORK = [
  ...["Honda Accord · front brakes", "Ford F-150 · oil and filters", "Tesla Model 3 · wheel alignment"],
  ...["Subaru Outback · timing belt", "Toyota Camry · rear suspension", "BMW X3 · coolant leak"],
  ...["Chevrolet Bolt · battery check", "Mazda CX-5 · transmission", "Kia Sorento · recall 24V-118"],
  ...["Jeep Wrangler · clutch", "Audi A4 · starter motor", "Volvo XC60 · windscreen sensor"],
];

type Order = { number: string; status: string; work: string };

/** A dealer that publishes what happens in its workshop, and an app that has subscribed to it. */
export type Workshop = {
  apiId: string;
  channel: string;
  /** A stream token of the app. */
  makeToken(ttlSeconds?: number): Promise<string>;
  /** Something happens: an order is opened, or moves on. */
  step(): Promise<void>;
};

export async function openWorkshop(origin: string, operatorToken: string): Promise<Workshop> {
  const operator = new RelayClient(origin, operatorToken);
  const dealer = await operator.createOrganization("Main Street Motors");
  const developer = await operator.createOrganization("Workshop Boards Inc");
  const api = await dealer.client.registerApi(readFileSync(SPEC, "utf8"));
  await dealer.client.call("PATCH", `/v1/apis/${api.id}`, { visibility: "public", validation: "enforce" });
  const app = await developer.client.createApp("Workshop board");
  await developer.client.subscribe(app.id, { apiId: api.id });
  const publisher = await Publisher.login(origin, api.credentials);
  const channel = `repair-orders/${STORE}/status-changed`;
  const orders = Array.from({ length: BAYS }, (_, i) => newOrder(i));
  let opened = BAYS;

  const publish = async (order: Order, previousStatus: string): Promise<void> => {
    const { number: repairOrderNumber, status, work: note } = order;
    const technicianId = `tech-${1 + (Number(repairOrderNumber.slice(3)) % 5)}`;
    const changedAt = new Date().toISOString();
    const event = { repairOrderNumber, storeId: STORE, previousStatus, status, changedAt, technicianId, note };
    await publisher.publish(channel, event, { partitionKey: repairOrderNumber });
  };
  for (const order of orders) await publish(order, "open");

  return {
    apiId: api.id,
    channel,
    makeToken: async (ttlSeconds = TOKEN_SECONDS) => {
      const path = `/v1/apps/${app.id}/stream-tokens`;
      return (await developer.client.call<{ token: string }>("POST", path, { apiId: api.id, ttlSeconds })).token;
    },
    step: async () => {
      const bay = Math.floor(Math.random() * BAYS);
      const order = orders[bay];
      if (!order) return;
      const { status } = order;
      const next = NEXT[status];
      if (!next) {
        const newcomer = newOrder(opened++);
        orders[bay] = newcomer;
        return publish(newcomer, "open");
      }
      order.status = next[Math.floor(Math.random() * next.length)] ?? status;
      return publish(order, status);
    },
  };
}

const newOrder = (n: number): Order => ({
  number: `RO-${1001 + n}`,
  status: "open",
  work: WORK[n % WORK.length] ?? "",
});
