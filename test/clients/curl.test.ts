import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type LocalReceiver, startLocalReceiver } from "../../src/dev/local-receiver.ts";
import { OPERATOR_TOKEN, startTestRelay, type TestRelay } from "../support/relay.ts";

/** The tour of the README, with the programs that it names: curl, and openssl to check a signature. */
let relay: TestRelay;
let receiver: LocalReceiver;

beforeAll(async () => {
  relay = await startTestRelay();
  receiver = await startLocalReceiver(() => ({ status: 204 }));
}, 120_000);

afterAll(async () => {
  await receiver.close();
  await relay.close();
});

function run(program: string, args: string[], input = ""): string {
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: "utf8", input });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status}: ${stderr}`);
  return stdout;
}

type Json = Record<string, string>;

/** `token`: whose call it is; `body`: JSON, or the path of an AsyncAPI document. */
function curl(path: string, token: string, body?: object | string, ...more: string[]): Json & { credentials?: Json } {
  const sends =
    typeof body === "string"
      ? ["-H", "Content-Type: application/yaml", "--data-binary", `@${body}`]
      : ["-H", "Content-Type: application/json", "-d", JSON.stringify(body ?? {})];
  const args = [
    "-sS",
    "--fail-with-body",
    relay.origin + path,
    "-H",
    `Authorization: Bearer ${token}`,
    ...sends,
    ...more,
  ];
  return JSON.parse(run("curl", args));
}

it("goes from an empty relay to a delivery whose signature openssl confirms", { timeout: 120_000 }, async () => {
  const publisher = curl("/v1/organizations", OPERATOR_TOKEN, { name: "Workshop Software" });
  const subscriber = curl("/v1/organizations", OPERATOR_TOKEN, { name: "Follow-up Apps" });
  const api = curl("/v1/apis", publisher.token ?? "", "specs/repair-order.asyncapi.yaml");
  curl(`/v1/apis/${api.id}`, publisher.token ?? "", { visibility: "public" }, "-X", "PATCH");
  const app = curl("/v1/apps", subscriber.token ?? "", { name: "Follow-up" });
  const wish = { apiId: api.id, endpoint: `${receiver.url}/hook` };
  const subscription = curl(`/v1/apps/${app.id}/subscriptions`, subscriber.token ?? "", wish);

  const { clientId, clientSecret } = api.credentials ?? {};
  const login = [
    "-sS",
    "--fail-with-body",
    `${relay.origin}/oauth2/default/v1/token`,
    "-u",
    `${clientId}:${clientSecret}`,
  ];
  const { access_token: accessToken } = JSON.parse(run("curl", [...login, "-d", "grant_type=client_credentials"]));
  const event = { repairOrderNumber: "RO-1001" };
  const { eventId } = curl("/v2/events/repair-orders/created", accessToken, event, "-H", "partitionKey: RO-1001");

  await expect.poll(() => receiver.received.length, { timeout: 30_000 }).toBe(1);
  const [delivery] = receiver.received;
  expect(delivery?.headers["webhook-id"]).toBe(eventId);
  expect(delivery?.headers["partition-key"]).toBe("RO-1001");
  const signed = `${eventId}.${delivery?.headers["webhook-timestamp"]}.${delivery?.body}`;
  const key = Buffer.from(String(subscription.signingSecret).slice("whsec_".length), "base64").toString("hex");
  const digest = run("openssl", ["dgst", "-sha256", "-mac", "HMAC", "-macopt", `hexkey:${key}`, "-hex"], signed);
  const signature = Buffer.from(digest.trim().split(" ").at(-1) ?? "", "hex").toString("base64");
  expect(String(delivery?.headers["webhook-signature"]).split(" ")).toContain(`v1,${signature}`);
});
