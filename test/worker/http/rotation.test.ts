import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { SIGNING_SECRETS_MAX } from "../../../src/kernel/limits.ts";
import { unseal } from "../../../src/kernel/sealed-box.ts";
import { type Answer, type Json, type Organization, Relay } from "./relay.ts";

let relay: Relay;
let organization: Organization;
beforeEach(async () => {
  relay = new Relay();
  organization = await relay.organization();
});

const DAY_SECONDS = 24 * 3600;
const at = (seconds: number): string => new Date(relay.clock.nowMs + seconds * 1000).toISOString();

describe("rotating a signing secret", () => {
  let subscription: Json;
  beforeEach(async () => {
    const api = await organization.api();
    subscription = await organization.subscription(api.id);
  });

  const rotate = (body?: Json): Promise<Answer> =>
    organization.call("POST", `/v1/subscriptions/${subscription.id}/rotate-secret`, { body });

  /** What each log would sign with, and until when; all of them the same. */
  async function secretsInLogs(): Promise<{ secret: string; expiresAt: string | null }[]> {
    const known = [...relay.logs.logsOf(subscription.id).values()];
    const each = known.map(({ subscription: { target } }) => JSON.stringify(target?.sealedSigningSecrets));
    expect(new Set(each).size).toBe(1);
    const sealedSecrets = known[0]?.subscription.target?.sealedSigningSecrets ?? [];
    return Promise.all(
      sealedSecrets.map(async ({ sealed, expiresMs }) => ({
        secret: await unseal(env.RELAY_MASTER_KEY, sealed),
        expiresAt: expiresMs === null ? null : new Date(expiresMs).toISOString(),
      })),
    );
  }

  it("shows the new one once, and lets the one before sign for a day beside it", async () => {
    const { status, body } = await rotate();
    expect([status, body.previousExpiresAt]).toEqual([200, at(DAY_SECONDS)]);
    expect(body.signingSecret).toMatch(/^whsec_.{44}$/);
    expect(await secretsInLogs()).toEqual([
      { secret: body.signingSecret, expiresAt: null },
      { secret: subscription.signingSecret, expiresAt: at(DAY_SECONDS) },
    ]);
    const { text } = await organization.call("GET", `/v1/subscriptions/${subscription.id}`);
    for (const hidden of ["whsec_", "sealed", "v2."]) expect(text).not.toContain(hidden);
  });

  it.each([0, 60, 7 * DAY_SECONDS])(
    "ends the one before after %i s where that is asked for",
    async (overlapSeconds) => {
      await rotate({ overlapSeconds });
      const [, ...before] = await secretsInLogs();
      expect(before.map(({ expiresAt }) => expiresAt)).toEqual(overlapSeconds === 0 ? [] : [at(overlapSeconds)]);
    },
  );

  it("ends all before it in time: an overlap is never made longer, and forgets what is over", async () => {
    const first = (await rotate({ overlapSeconds: 3_600 })).body.signingSecret;
    relay.clock.nowMs += 60_000;
    await rotate({ overlapSeconds: 7_200 });
    expect((await secretsInLogs()).slice(1)).toEqual([
      { secret: first, expiresAt: at(7_200) },
      { secret: subscription.signingSecret, expiresAt: at(3_540) },
    ]);
    relay.clock.nowMs += 3_600_000;
    await rotate({ overlapSeconds: 600 });
    expect((await secretsInLogs()).map(({ expiresAt }) => expiresAt)).toEqual([null, at(600), at(600)]);
  });

  it("has a bound on what signs at once, and a way out of it", async () => {
    for (let i = 1; i < SIGNING_SECRETS_MAX; i++) expect((await rotate({})).status).toBe(200);
    const before = await secretsInLogs();
    expect((await rotate({})).status).toBe(409);
    expect(await secretsInLogs()).toEqual(before);
    expect((await rotate({ overlapSeconds: 0 })).status).toBe(200);
    expect(await secretsInLogs()).toHaveLength(1);
  });

  it("survives a change of the subscription", async () => {
    await rotate();
    const before = await secretsInLogs();
    await organization.call("PATCH", `/v1/subscriptions/${subscription.id}`, { body: { timeoutSeconds: 3 } });
    expect(await secretsInLogs()).toEqual(before);
  });

  it.each([{ overlapSeconds: -1 }, { overlapSeconds: 7 * DAY_SECONDS + 1 }, { overlapSeconds: 1.5 }, { overlap: 1 }])(
    "refuses %j, and changes nothing",
    async (body) => {
      const before = await secretsInLogs();
      expect((await rotate(body)).status).toBe(422);
      expect(await secretsInLogs()).toEqual(before);
    },
  );
});

describe.each(["publisher", "app"])("rotating the secret of a %s's credentials", (kind) => {
  let path: string;
  let clientId: string;
  let secret: string;
  beforeEach(async () => {
    const owner = kind === "publisher" ? await organization.api() : await organization.app();
    const first = kind === "publisher" ? owner.credentials : { clientId: owner.apiKey, clientSecret: owner.apiSecret };
    ({ clientId, clientSecret: secret } = first);
    path = `/v1/${kind === "publisher" ? "apis" : "apps"}/${owner.id}/credentials/${clientId}`;
  });

  const rotate = (body?: Json): Promise<Answer> => organization.call("POST", `${path}/rotate`, { body });

  const secretOf = ({ body }: Answer): string => (kind === "publisher" ? body.clientSecret : body.apiSecret);

  /** Whether the token endpoint takes this secret now. */
  async function isGood(clientSecret: string): Promise<boolean> {
    const text = JSON.stringify({ grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret });
    const headers = { "Content-Type": "application/json" };
    const { status } = await relay.call("POST", "/v1/token", { token: null, text, headers });
    expect([200, 401]).toContain(status);
    return status === 200;
  }

  it("shows the new one once; the one before is good for a day", async () => {
    const rotated = await rotate();
    expect([rotated.status, rotated.body.previousExpiresAt]).toEqual([200, at(DAY_SECONDS)]);
    expect(await isGood(secretOf(rotated))).toBe(true);
    relay.clock.nowMs += DAY_SECONDS * 1000 - 1;
    expect(await isGood(secret)).toBe(true);
    relay.clock.nowMs += 1;
    expect(await isGood(secret)).toBe(false);
    expect(await isGood(secretOf(rotated))).toBe(true);
  });

  it("ends the one before at once where no overlap is asked for, and the one before that always", async () => {
    const first = secretOf(await rotate({ overlapSeconds: 60 }));
    const second = secretOf(await rotate({ overlapSeconds: 60 }));
    expect([await isGood(secret), await isGood(first), await isGood(second)]).toEqual([false, true, true]);
    const third = secretOf(await rotate({ overlapSeconds: 0 }));
    expect([await isGood(first), await isGood(second), await isGood(third)]).toEqual([false, false, true]);
  });

  it("is for those who own them, and for credentials that are there", async () => {
    const stranger = await relay.organization("Stranger");
    expect((await stranger.call("POST", `${path}/rotate`, { body: {} })).status).toBe(404);
    await organization.call("DELETE", path);
    expect((await rotate()).status).toBe(404);
    expect(await isGood(secret)).toBe(false);
  });
});
