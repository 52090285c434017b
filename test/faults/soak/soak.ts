import { parseArgs } from "node:util";
import { type CreatedSubscription, RelayClient } from "../../../src/dev/relay-client.ts";
import { type OrderReceiver, seededRandom, startOrderReceiver } from "../../support/order-receiver.ts";
import { type Scene, setScene } from "../../support/relay.ts";
import { type Published, publishUntil } from "./publishers.ts";
import { OPERATOR_TOKEN, prepareWranglerDev, sleep, type WranglerDev } from "./wrangler-dev.ts";

const CHANNELS = ["orders", "appointments", "invoices"];
const RESTART_MS = { least: 15_000, most: 60_000 };
const PAUSE_MS = { least: 5_000, most: 20_000 };
const GRACEFUL_SHARE = 1 / 3;
const SAID_EVERY_MS = 30_000;
const STILL_MS_MAX = 240_000; // nothing has arrived for so long: what is missing is lost
const RETRY = { maxDelaySeconds: 5 };

type Subscriber = { name: string; receiver: OrderReceiver; subscription: CreatedSubscription };

/** What is done to the relay, and how often. */
type Deeds = { killed: number; stopped: number; paused: number };

const { values: options } = parseArgs({
  options: { minutes: { type: "string", default: "10" }, seed: { type: "string", default: String(Date.now()) } },
});
const random = seededRandom(Number(options.seed));
const startedMs = Date.now();
let endMs = Number.POSITIVE_INFINITY; // of publishing
const isOver = (): boolean => Date.now() >= endMs;
const say = (text: string): void =>
  console.log(`${((Date.now() - startedMs) / 1000).toFixed(0).padStart(5)} s  ${text}`);
const between = ({ least, most }: { least: number; most: number }): number => least + random() * (most - least);

say(`seed ${options.seed}: wrangler dev, an empty state`);
const relay = await prepareWranglerDev();
// Nobody else ends the processes that it has started.
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => void relay.close().finally(() => process.exit(1)));
const receivers: OrderReceiver[] = [];
try {
  await relay.start();
  endMs = Date.now() + Number(options.minutes) * 60_000;
  process.exitCode = (await soak(relay)) ? 0 : 1;
} finally {
  await relay.close();
  for (const receiver of receivers) await receiver.close();
}

/** Publishes for as long as it is told to, under restarts and pauses, then waits for what is owed. True: nothing was lost or out of order. */
async function soak(relay: WranglerDev): Promise<boolean> {
  const operator = new RelayClient(relay.origin, OPERATOR_TOKEN);
  const scene = await setScene({ origin: relay.origin, operator }, { channels: CHANNELS });
  const subscribers = [
    await subscribe(scene, "healthy", {}),
    await subscribe(scene, "flaky", { statusOf: () => (random() < 0.1 ? 500 : 204) }),
    await subscribe(scene, "slow", { afterMs: 120 }),
  ];
  const published: Published = { counts: new Map(), repeats: 0 };
  const deeds: Deeds = { killed: 0, stopped: 0, paused: 0 };
  const ticker = setInterval(() => tell(subscribers, published, deeds), SAID_EVERY_MS);
  try {
    await Promise.all([
      publishUntil(isOver, { origin: relay.origin, api: scene.api, channels: CHANNELS, published }),
      restartNowAndThen(relay, deeds),
      pauseNowAndThen(scene, subscribers, deeds),
    ]);
    say("no more publishes; waiting for what is owed");
    await untilDelivered(subscribers, countAll(published));
  } finally {
    clearInterval(ticker);
  }
  return judge(subscribers, published, deeds);
}

async function subscribe(
  { subscribing, app, api }: Scene,
  name: string,
  answers: Parameters<typeof startOrderReceiver>[0],
): Promise<Subscriber> {
  const receiver = await startOrderReceiver(answers);
  receivers.push(receiver);
  const endpoint = `${receiver.url}/${name}`;
  return {
    name,
    receiver,
    subscription: await subscribing.client.subscribe(app.id, { apiId: api.id, endpoint, retry: RETRY }),
  };
}

async function restartNowAndThen(relay: WranglerDev, deeds: Deeds): Promise<void> {
  for (;;) {
    await sleep(between(RESTART_MS));
    if (isOver()) return;
    const how = random() < GRACEFUL_SHARE ? "SIGTERM" : "SIGKILL";
    await relay.end(how);
    deeds[how === "SIGKILL" ? "killed" : "stopped"]++;
    await relay.start();
  }
}

/** One subscriber at a time; at the end all go on. */
async function pauseNowAndThen({ subscribing }: Scene, subscribers: Subscriber[], deeds: Deeds): Promise<void> {
  const control = async (id: string, what: "pause" | "resume"): Promise<void> => {
    const ask = () => subscribing.client.call("POST", `/v1/subscriptions/${id}/${what}`, {});
    while (
      !(await ask().then(
        () => true,
        () => false,
      ))
    )
      await sleep(1_000);
  };
  for (;;) {
    await sleep(between(PAUSE_MS));
    if (isOver()) return;
    const one = subscribers[Math.floor(random() * subscribers.length)];
    if (!one) return;
    await control(one.subscription.id, "pause");
    deeds.paused++;
    await sleep(between(PAUSE_MS));
    await control(one.subscription.id, "resume");
  }
}

function countAll({ counts }: Published): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

async function untilDelivered(subscribers: Subscriber[], events: number): Promise<void> {
  const waitingSinceMs = Date.now();
  const lastMs = () => Math.max(waitingSinceMs, ...subscribers.map(({ receiver }) => receiver.lastDeliveredMs()));
  const isAll = () => subscribers.every(({ receiver }) => receiver.deliveredInAll() >= events);
  while (!isAll() && Date.now() - lastMs() < STILL_MS_MAX) await sleep(500);
}

function tell(subscribers: Subscriber[], published: Published, { killed, stopped, paused }: Deeds): void {
  const delivered = subscribers.map(({ name, receiver }) => `${name} ${receiver.deliveredInAll()}`).join(", ");
  say(`${countAll(published)} published; ${delivered}; ${killed + stopped} restarts, ${paused} pauses`);
  // What has been judged need not be kept.
  for (const { receiver } of subscribers) receiver.requests.length = 0;
}

/** What was acknowledged and has not arrived, key for key. */
function countLost({ receiver }: Subscriber, { counts }: Published): number {
  return [...counts].reduce((sum, [key, count]) => sum + Math.max(0, count - receiver.delivered(key)), 0);
}

function judge(subscribers: Subscriber[], published: Published, { killed, stopped, paused }: Deeds): boolean {
  const rows = subscribers.map((subscriber) => ({
    subscriber: subscriber.name,
    published: countAll(published),
    delivered: subscriber.receiver.deliveredInAll(),
    lost: countLost(subscriber, published),
    "out of order": subscriber.receiver.violations.length,
    duplicates: subscriber.receiver.repeats(),
    "failed attempts": subscriber.receiver.failures(),
  }));
  console.table(rows);
  for (const { name, receiver } of subscribers)
    for (const what of receiver.violations.slice(0, 10)) say(`${name}: ${what}`);
  say(
    `${killed} times killed, ${stopped} times stopped and started again, ${paused} pauses, ${published.repeats} publishes repeated`,
  );
  return rows.every((row) => row.lost === 0 && row["out of order"] === 0);
}
