import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findFreePort } from "../../../src/dev/local-receiver.ts";
import { RelayClient, RelayError } from "../../../src/dev/relay-client.ts";
import { type OrderReceiver, seededRandom, startOrderReceiver } from "../../support/order-receiver.ts";
import { type Scene, setScene } from "../../support/relay.ts";
import { OPERATOR_TOKEN, startMixedRelay } from "./mixed-relay.ts";
import { buildThisVersion, buildVersion, type Version } from "./versions.ts";

const KEYS = 20;
const PER_KEY_AND_PHASE = 8;
const FAILURE_RATE = 0.2;
const ARRIVE_MS_MAX = 240_000; // leases of consumers that were ended have to expire first

const { values: options } = parseArgs({ options: { from: { type: "string" } } });
if (!options.from) throw new Error("which version is upgraded? --from COMMIT");

const dir = mkdtempSync(join(tmpdir(), "event-relay-upgrade-"));
const place = { port: await findFreePort(), stateDir: join(dir, "state") };
const origin = `http://127.0.0.1:${place.port}`;
const random = seededRandom(7);
const receiver = await startOrderReceiver({ statusOf: () => (random() < FAILURE_RATE ? 500 : 204) });
const older = await buildVersion(options.from, join(dir, "older"));
try {
  const newer = await buildThisVersion(join(dir, "newer"));
  process.exitCode = (await upgrade(older, newer)) ? 0 : 1;
} finally {
  older.close();
  await receiver.close();
  rmSync(dir, { recursive: true, force: true });
}

/** One relay's state goes through a rolling upgrade; publishes and deliveries go on in each phase. True: nothing lost or out of order. */
async function upgrade(older: Version, newer: Version): Promise<boolean> {
  const phases = [
    { isolates: older, objects: older, registry: older },
    { isolates: newer, objects: older, registry: newer },
    { isolates: older, objects: newer, registry: newer },
    { isolates: newer, objects: newer, registry: newer },
  ];
  let scene: Scene | null = null;
  let subscriptionId = "";
  for (const [n, { isolates, objects, registry }] of phases.entries()) {
    const relay = await startMixedRelay({ isolates, objects }, place);
    try {
      await registry.migrateRegistry(relay);
      const operator = new RelayClient(origin, OPERATOR_TOKEN);
      if (!scene) {
        scene = await setScene({ origin, operator }, { channels: ["orders"] });
        const subscription = { apiId: scene.api.id, endpoint: `${receiver.url}/hook`, retry: { maxDelaySeconds: 2 } };
        subscriptionId = (await scene.subscribing.client.subscribe(scene.app.id, subscription)).id;
      }
      await publishPhase(scene, n);
      console.log(`isolates of ${isolates.name}, objects of ${objects.name}: ${await describe(scene, subscriptionId)}`);
      if (n === phases.length - 1) await untilDelivered(receiver, KEYS * PER_KEY_AND_PHASE * phases.length);
    } finally {
      await relay.dispose();
    }
  }
  return judge(KEYS * PER_KEY_AND_PHASE * phases.length);
}

/** All keys side by side, each event of a key after the one before it. */
async function publishPhase({ publisher }: Scene, phase: number): Promise<void> {
  const publishKey = async (key: string): Promise<void> => {
    for (let i = 0; i < PER_KEY_AND_PHASE; i++) {
      await publisher.publish("orders", { key, n: phase * PER_KEY_AND_PHASE + i }, { partitionKey: key });
    }
  };
  await Promise.all(Array.from({ length: KEYS }, (_, i) => publishKey(`key-${i}`)));
}

/** What the management API says meanwhile: an answer, or that it is to be asked again. */
async function describe({ subscribing }: Scene, id: string): Promise<string> {
  const { backlog, blockedKeys } = await subscribing.client.call("GET", `/v1/subscriptions/${id}`);
  const statusOf = (error: unknown): number => (error instanceof RelayError ? error.status : 0);
  const listed = await subscribing.client.call("GET", `/v1/subscriptions/${id}/deliveries`).then(() => 200, statusOf);
  return `backlog ${backlog}, ${blockedKeys} keys blocked; deliveries: ${listed}`;
}

async function untilDelivered(receiver: OrderReceiver, events: number): Promise<void> {
  const endMs = Date.now() + ARRIVE_MS_MAX;
  while (receiver.deliveredInAll() < events && Date.now() < endMs) await new Promise((next) => setTimeout(next, 200));
}

function judge(published: number): boolean {
  const lost = published - receiver.deliveredInAll();
  console.log(
    `${published} published, ${receiver.deliveredInAll()} delivered: ${lost} lost, ${receiver.violations.length} out of order, ${receiver.repeats()} duplicates`,
  );
  for (const violation of receiver.violations.slice(0, 10)) console.log(violation);
  return lost === 0 && receiver.violations.length === 0;
}
