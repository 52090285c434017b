import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { LogSubscription } from "../../../src/domain/subscription.ts";
import { TopicConfig } from "../../../src/domain/topic.ts";
import { unseal } from "../../../src/kernel/sealed-box.ts";
import { listApis } from "../../../src/registry/apis.ts";
import { findConsentFor } from "../../../src/registry/consents.ts";
import { loadPublisher } from "../../../src/registry/publishers.ts";
import { loadSubscriptionPayload } from "../../../src/registry/push-payloads.ts";
import { resealSecrets } from "../../../src/registry/reseal.ts";
import { NEWEST } from "../../../src/registry/rows.ts";
import { findSubscription, listSubscribers } from "../../../src/registry/subscriptions.ts";
import { loadTopicConfig } from "../../../src/registry/topic-config.ts";
import { listApiLogs } from "../../../src/registry/topic-logs.ts";
import registry1 from "../../fixtures/versions/log-1/registry.sql?raw";
import registry2 from "../../fixtures/versions/log-2/registry.sql?raw";
import registry3 from "../../fixtures/versions/log-3/registry.sql?raw";
import registry6 from "../../fixtures/versions/log-6/registry.sql?raw";

/** Of the relay that the fixtures were recorded from. */
const MASTER_KEY = "local-master-key-for-development-only";
const ALL = { before: NEWEST, limit: 10 };

/** What each version has left, and the last migration that it knew. */
const LEFT = [
  { lastMigration: "0002_signing_keys.sql", rows: registry1, db: env.REGISTRY_1 },
  { lastMigration: "0007_api_versions.sql", rows: registry2, db: env.REGISTRY_2 },
  { lastMigration: "0011_audit_replace.sql", rows: registry3, db: env.REGISTRY_3 },
  { lastMigration: "0012_seek.sql", rows: registry6, db: env.REGISTRY_6 },
];

/** Fills a database as a version did, and brings it to this one. */
async function upgrade({ lastMigration, rows, db }: (typeof LEFT)[number]): Promise<void> {
  const known = env.MIGRATIONS.filter(({ name }) => name <= lastMigration);
  await applyD1Migrations(db, known);
  await db.batch(rows.split(/(?<=;)\n/).flatMap((row) => (row.trim() === "" ? [] : db.prepare(row))));
  await applyD1Migrations(db, env.MIGRATIONS);
}

const organization = async (db: D1Database, name: string): Promise<string> =>
  (await db.prepare("SELECT id FROM organization WHERE name = ?").bind(name).first<string>("id")) ?? "";

async function stored(db: D1Database) {
  const apis = await listApis(db, await organization(db, "Publishing Ltd"), ALL);
  const open = apis.rows.find(({ access }) => access === "open");
  const byConsent = apis.rows.find(({ access }) => access === "consent");
  if (!open || !byConsent) throw new Error("an API is missing");
  return { open, byConsent };
}

describe.each(LEFT)("a registry of the version that ended with $lastMigration", (left) => {
  const { db } = left;
  beforeAll(() => upgrade(left));

  it("has its APIs, with the settings that their logs are told of", async () => {
    const { open } = await stored(db);
    expect(open).toMatchObject({ title: "Orders", visibility: "public", retentionDays: 365, maxUndeliveredDays: null });
    expect(TopicConfig.parse(await loadTopicConfig(db, open.id))).toMatchObject({ access: "open", retentionDays: 365 });
    expect(await listApiLogs(db, open.id)).toHaveLength(1);
  });

  it("has its subscriptions, which go on as they were: with their secrets, and without what they could not ask for", async () => {
    const { open } = await stored(db);
    const { rows: subscriptions } = await listSubscribers(db, open.id, ALL);
    expect(subscriptions).toHaveLength(2);
    for (const { id } of subscriptions) {
      const subscription = await findSubscription(db, id);
      expect(subscription).toMatchObject({ status: "active", format: "standard", filter: null, rateLimit: null });
      const payload = await loadSubscriptionPayload(db, id);
      const config = LogSubscription.parse(payload?.subscription);
      const [secret] = config.target?.sealedSigningSecrets ?? [];
      expect(await unseal(MASTER_KEY, secret?.sealed ?? "")).toMatch(/^whsec_/);
    }
  });

  it("has its consents and credentials", async () => {
    const { open, byConsent } = await stored(db);
    const [subscription] = (await listSubscribers(db, byConsent.id, ALL)).rows;
    const consent = await findConsentFor(db, subscription?.id ?? "", await organization(db, "Owning Ltd"));
    expect(consent?.status).toBe("granted");
    const client = await db.prepare("SELECT id FROM client WHERE api_id = ?").bind(open.id).first<string>("id");
    const publisher = await loadPublisher(db, client ?? "");
    expect(publisher?.topicConfig).toMatchObject({ organizationId: await organization(db, "Publishing Ltd") });
  });

  it("has secrets that a new master key can seal anew", async () => {
    expect(await resealSecrets(db, `new-master-key,${MASTER_KEY}`)).toEqual({
      resealed: expect.any(Number),
      failed: 0,
    });
    const { open } = await stored(db);
    const [subscription] = (await listSubscribers(db, open.id, ALL)).rows;
    const payload = LogSubscription.parse((await loadSubscriptionPayload(db, subscription?.id ?? ""))?.subscription);
    expect(await unseal("new-master-key", payload.target?.sealedSigningSecrets[0]?.sealed ?? "")).toMatch(/^whsec_/);
  });
});
