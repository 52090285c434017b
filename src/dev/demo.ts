import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort, type LocalReceiver, type Received, startLocalReceiver } from "./local-receiver.ts";
import { type LocalRelay, startLocalRelay } from "./local-relay.ts";
import { type CreatedSubscription, Publisher, RelayClient } from "./relay-client.ts";

const SPEC = "specs/repair-order.asyncapi.yaml";
const CHANNEL = "repair-orders/store-042/status-changed";
const ORDERS = ["RO-1001", "RO-1002", "RO-1003"];
const STEPS = ["open", "in-progress", "waiting-for-parts", "in-progress", "ready", "closed"];
const OPERATOR_TOKEN = "demo-operator-token";
const ARRIVE_MS_MAX = 60_000;
const FAILURES_AT_FIRST = 4;

const paint = (code: number) => (text: string) => (process.stdout.isTTY ? `\x1b[${code}m${text}\x1b[0m` : text);
const [bold, dim, red, green, yellow] = [1, 2, 31, 32, 33].map(paint) as [Paint, Paint, Paint, Paint, Paint];
type Paint = (text: string) => string;

/** One subscriber: its webhook, and how often it fails before it begins to work. */
type Subscriber = { name: string; receiver: LocalReceiver; subscription: CreatedSubscription };

const startedMs = Date.now();
const say = (text: string): void =>
  console.log(`${dim(`${((Date.now() - startedMs) / 1000).toFixed(1)} s`.padStart(7))}  ${text}`);

const stateDir = mkdtempSync(join(tmpdir(), "event-relay-demo-"));
let relay: LocalRelay | null = null;
const receivers: LocalReceiver[] = [];
try {
  say("starting the relay in workerd, with an empty state");
  relay = await startLocalRelay({
    port: await findFreePort(),
    stateDir,
    operatorToken: OPERATOR_TOKEN,
    allowPrivateEndpoints: true,
    onLine: (line, isError) => isError && console.error(line),
  });
  process.exitCode = (await tellStory(relay.origin)) ? 0 : 1;
} finally {
  await relay?.stop();
  for (const receiver of receivers) await receiver.close();
  rmSync(stateDir, { recursive: true, force: true });
}

async function tellStory(origin: string): Promise<boolean> {
  const operator = new RelayClient(origin, OPERATOR_TOKEN);
  const publisher = await operator.createOrganization("Workshop Software Ltd");
  const developer = await operator.createOrganization("Follow-up Apps Inc");
  const owner = await operator.createOrganization("Main Street Motors");
  say(`relay on ${origin}; three organizations: a publisher, an app developer, a data owner`);

  const api = await publisher.client.registerApi(readFileSync(SPEC, "utf8"));
  await publisher.client.call("PATCH", `/v1/apis/${api.id}`, {
    visibility: "public",
    access: "consent",
    validation: "enforce",
  });
  say(
    `registered ${bold(api.title)} from ${SPEC}: ${api.channels.length} channels, access by consent, payloads checked`,
  );

  const subscribers = [
    await subscribe("steady", developer.client, api.id, 0),
    await subscribe("shaky", developer.client, api.id, FAILURES_AT_FIRST),
  ];
  for (const { subscription } of subscribers) {
    await owner.client.call("POST", "/v1/consents", { subscriptionId: subscription.id });
  }
  say(
    `two webhooks subscribed; ${bold("shaky")} answers 503 to its first ${FAILURES_AT_FIRST} attempts; the owner consents`,
  );

  say(`publishing ${STEPS.length - 1} events for each of ${ORDERS.length} repair orders; each attempt as it happens:`);
  const published = await publishAll(await Publisher.login(origin, api.credentials), owner.id);
  say(`published ${published.length} events; waiting for the last to arrive`);
  const endMs = Date.now() + ARRIVE_MS_MAX;
  while (Date.now() < endMs && subscribers.some((s) => delivered(s).length < published.length)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return subscribers.map((s) => check(s, published)).every((isGood) => isGood);
}

async function subscribe(name: string, client: RelayClient, apiId: string, failures: number): Promise<Subscriber> {
  let left = failures;
  const attempts = new Map<string, number>();
  const receiver = await startLocalReceiver(
    () => ({ status: left-- > 0 ? 503 : 204 }),
    (received) => {
      const id = String(received.headers["webhook-id"]);
      attempts.set(id, (attempts.get(id) ?? 0) + 1);
      sayAttempt(name, received, attempts.get(id) ?? 1);
    },
  );
  receivers.push(receiver);
  const app = await client.createApp(`${name} app`);
  const subscription = await client.subscribe(app.id, { apiId, endpoint: `${receiver.url}/hook` });
  return { name, receiver, subscription };
}

function sayAttempt(name: string, { status, headers, body }: Received, attempt: number): void {
  const { status: step } = JSON.parse(body) as { status: string };
  const outcome = status < 300 ? green(String(status)) : red(String(status));
  const tries = attempt > 1 ? yellow(`  attempt ${attempt}`) : "";
  say(`  ${name.padEnd(7)} ${outcome}  ${String(headers["partition-key"])}  ${step}${tries}`);
}

/** Publishes each step from one status to the next, one order after the other; answers what was published, in order. */
async function publishAll(publisher: Publisher, dataOwnerId: string): Promise<{ id: string; order: string }[]> {
  const published: { id: string; order: string }[] = [];
  for (const [i, status] of STEPS.slice(1).entries()) {
    for (const order of ORDERS) {
      const changedAt = new Date().toISOString();
      const event = { repairOrderNumber: order, storeId: "store-042", previousStatus: STEPS[i], status, changedAt };
      const headers = { partitionKey: order, "Data-Owner-Id": dataOwnerId };
      published.push({ id: await publisher.publish(CHANNEL, event, headers), order });
    }
  }
  return published;
}

function delivered({ receiver }: Subscriber): Received[] {
  return receiver.received.filter(({ status }) => status < 300);
}

/** Every event arrived once or more, each order's events in the order they were published, each attempt signed. */
function check(subscriber: Subscriber, published: { id: string; order: string }[]): boolean {
  const arrived = [...new Set(delivered(subscriber).map(({ headers }) => String(headers["webhook-id"])))];
  const isInOrder = ORDERS.every((order) => {
    const expected = published.filter((event) => event.order === order).map(({ id }) => id);
    const got = arrived.filter((id) => expected.includes(id));
    return got.join() === expected.join();
  });
  const { received } = subscriber.receiver;
  const isSigned = received.every((attempt) => hasGoodSignature(attempt, subscriber.subscription.signingSecret));
  const isGood = arrived.length === published.length && isInOrder && isSigned;
  const failures = received.length - delivered(subscriber).length;
  const mark = isGood ? green("✓") : red("✗");
  const order = isInOrder ? "in order per key" : red("OUT OF ORDER");
  const signed = isSigned ? "every signature good" : red("A BAD SIGNATURE");
  say(
    `${mark} ${bold(subscriber.name)}: ${arrived.length} of ${published.length} arrived, ${order}, ${failures} failed attempts retried, ${signed}`,
  );
  return isGood;
}

/** Standard Webhooks: HMAC-SHA256 over `id.timestamp.body` with the secret behind `whsec_`. */
function hasGoodSignature({ headers, body }: Received, secret: string): boolean {
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const expected = `v1,${createHmac("sha256", key).update(signed).digest("base64")}`;
  return String(headers["webhook-signature"]).split(" ").includes(expected);
}
