import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { resendPushes } from "../../../src/http/call/control-plane-pushes.ts";
import { seal, unseal } from "../../../src/kernel/sealed-box.ts";
import { resealSecrets } from "../../../src/registry/reseal.ts";
import { type Json, type Organization, Relay } from "../http/relay.ts";

const OLD = env.RELAY_MASTER_KEY;
const BOTH = `the next master key,${OLD}`;
const NEW = "the next master key";
const db = env.REGISTRY;

let relay: Relay;
let organization: Organization;
let subscription: Json;
beforeEach(async () => {
  vi.spyOn(console, "log").mockImplementation(() => {});
  await db.batch(["subscription", "signing_key", "webhook_key"].map((table) => db.prepare(`DELETE FROM ${table}`)));
  relay = new Relay();
  organization = await relay.organization();
  subscription = await organization.subscription((await organization.api()).id);
});

const boxesInLogs = (): string[] =>
  [...relay.logs.logsOf(subscription.id).values()].flatMap(({ subscription: { target } }) =>
    (target?.sealedSigningSecrets ?? []).map(({ sealed }) => sealed),
  );

const push = () => resendPushes({ db, logs: relay.logs, nowMs: relay.clock.nowMs });

describe("replacing the master key", () => {
  it("seals anew what subscriptions sign with, and tells their logs", async () => {
    const { id } = subscription;
    const rotated = await organization.call("POST", `/v1/subscriptions/${id}/rotate-secret`, { body: {} });
    expect(await resealSecrets(db, BOTH)).toEqual({ resealed: 1, failed: 0 });
    expect((await push()).unsent).toBe(0);
    const opened = await Promise.all(boxesInLogs().map((box) => unseal(NEW, box)));
    expect(new Set(opened)).toEqual(new Set([rotated.body.signingSecret, subscription.signingSecret]));
  });

  it.each([
    ["signing_key", "public_jwk", "sealed_private_jwk"],
    ["webhook_key", "public_key", "sealed_private_key"],
  ])("seals anew what stands in %s, the other columns untouched", async (table, half, box) => {
    const insert = `INSERT INTO ${table} (generation, ${half}, ${box}, created_ms, signs_from_ms)
      VALUES (?, 'public', ?, 1, 2)`;
    const sealed = await Promise.all([1, 2].map((n) => seal(OLD, `private ${n}`)));
    await db.batch(sealed.map((each, i) => db.prepare(insert).bind(i + 1, each)));
    // Two keys, and the subscription's secret.
    expect(await resealSecrets(db, BOTH)).toEqual({ resealed: 3, failed: 0 });
    const { results } = await db.prepare(`SELECT * FROM ${table} ORDER BY generation`).all<Json>();
    expect(results).toEqual(
      [1, 2].map((generation) => ({
        ...{ generation, [half]: "public", [box]: expect.any(String), created_ms: 1, signs_from_ms: 2 },
      })),
    );
    const opened = await Promise.all(results.map((row) => unseal(NEW, row[box])));
    expect(opened).toEqual(["private 1", "private 2"]);
  });

  it("finds boxes of every age, in lists of the newest key too", async () => {
    const [old, current] = await Promise.all([seal(OLD, "old"), seal(BOTH, "current")]);
    const keep = (boxes: unknown) =>
      db.prepare("UPDATE subscription SET sealed_signing_secrets = ?").bind(JSON.stringify(boxes)).run();
    for (const boxes of [
      [old.replace(/^v2\.[^.]+\./, "v1.")],
      [
        { sealed: current, expiresMs: null },
        { sealed: old, expiresMs: 9 },
      ],
    ]) {
      await keep(boxes);
      expect((await resealSecrets(db, BOTH)).resealed).toBe(1);
    }
    const row = await db.prepare("SELECT sealed_signing_secrets AS boxes FROM subscription").first<Json>();
    const secrets = JSON.parse(row.boxes);
    expect(secrets.map(({ expiresMs }: Json) => expiresMs)).toEqual([null, 9]);
    expect(await Promise.all(secrets.map(({ sealed }: Json) => unseal(NEW, sealed)))).toEqual(["current", "old"]);
  });

  it("does nothing a second time, or without a new key", async () => {
    expect(await resealSecrets(db, OLD)).toEqual({ resealed: 0, failed: 0 });
    await resealSecrets(db, BOTH);
    const revision = () => db.prepare("SELECT revision FROM subscription").first("revision");
    const before = await revision();
    expect(await resealSecrets(db, BOTH)).toEqual({ resealed: 0, failed: 0 });
    expect(await revision()).toBe(before);
  });

  it("leaves alone what no key opens, and goes on with the others", async () => {
    const other = await organization.subscription((await organization.api()).id);
    const foreign = JSON.stringify([{ sealed: await seal("somebody else's key", "?"), expiresMs: null }]);
    const update = db.prepare("UPDATE subscription SET sealed_signing_secrets = ? WHERE id = ?");
    await update.bind(foreign, other.id).run();
    expect(await resealSecrets(db, BOTH)).toEqual({ resealed: 1, failed: 1 });
    const read = db.prepare("SELECT sealed_signing_secrets AS boxes FROM subscription WHERE id = ?");
    expect(await read.bind(other.id).first("boxes")).toBe(foreign);
  });

  it("comes to those that can be opened, however many cannot", async () => {
    const box = await seal("somebody else's key", "?");
    const foreign = JSON.stringify([{ sealed: box, expiresMs: null }]);
    const columns = `app_id, api_id, organization_id, status, format, retry, start, timeout_seconds, headers, metadata, revision,
      created_ms, updated_ms`;
    await db
      .prepare(
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 210)
         INSERT INTO subscription (id, sealed_signing_secrets, ${columns})
         SELECT 'copy ' || i, ?1, ${columns} FROM subscription, n WHERE subscription.id = ?2`,
      )
      .bind(foreign, subscription.id)
      .run();
    let resealed = 0;
    for (let runs = 0; runs < 20 && resealed === 0; runs++) resealed += (await resealSecrets(db, BOTH)).resealed;
    expect(resealed).toBe(1);
  });
});
