import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { TopicConfig } from "../../src/domain/topic.ts";
import { insertApi } from "../../src/registry/apis.ts";
import { insertApp } from "../../src/registry/apps.ts";
import { insertToken } from "../../src/registry/organization-tokens.ts";
import { insertOrganization } from "../../src/registry/organizations.ts";
import { putTopic } from "../../src/registry/topics.ts";
import { sqliteD1 } from "../support/sqlite-d1.ts";
import { API_ID, digestOf, ORGANIZATIONS, PUBLISHER, SUBSCRIBERS, TOPIC_ID, TOPIC_NUMBER } from "./cast.ts";

const MIGRATIONS = join(import.meta.dirname, "../../src/registry/migrations");

let template: Promise<Uint8Array> | null = null;

/** A registry in which everybody is known, and one API is private; nobody subscribes to it yet. */
export async function openRegistry(topic: Omit<TopicConfig, "version">): Promise<DatabaseSync> {
  template ??= makeTemplate();
  const database = new DatabaseSync(":memory:");
  database.deserialize(await template);
  await sqliteD1(database)
    .prepare("UPDATE api SET access = ?, retention_days = ?, max_undelivered_days = ?")
    .bind(topic.access, topic.retentionDays, topic.maxUndeliveredDays)
    .run();
  return database;
}

async function makeTemplate(): Promise<Uint8Array> {
  const database = new DatabaseSync(":memory:");
  for (const file of readdirSync(MIGRATIONS).sort()) database.exec(readFileSync(join(MIGRATIONS, file), "utf8"));
  const d1 = sqliteD1(database);
  const dates = { createdMs: 0, updatedMs: 0 };
  await d1.batch([
    ...ORGANIZATIONS.flatMap(({ id, token }) => [
      insertOrganization(d1, { id, name: id, createdMs: 0 }),
      insertToken(d1, {
        ...{ id, organizationId: id, name: "token", role: "admin", digest: digestOf(token) },
        ...{ createdMs: 0, expiresMs: null, lastUsedMs: 0 },
      }),
    ]),
    insertApi(d1, {
      ...{ id: API_ID, organizationId: PUBLISHER.id, organizationName: "publisher", title: "API", version: "1" },
      ...{ specVersion: "3.1.0", description: null, tags: [], visibility: "private", access: "open" },
      ...{ approval: "auto", validation: "off", retentionDays: 1, maxUndeliveredDays: null, shards: 1, region: null },
      ...{ documentation: null, support: null, pricing: null, terms: null, revision: 1, ...dates },
    }),
    putTopic(d1, {
      ...{ id: TOPIC_ID, number: TOPIC_NUMBER, apiId: API_ID, address: "c", title: null, description: null },
      ...{ messages: [], parameters: [] },
    }),
    ...SUBSCRIBERS.flatMap(({ name, appId, organization: { id } }) => [
      insertApp(d1, {
        id: appId,
        organizationId: id,
        name,
        description: null,
        website: null,
        isListed: false,
        ...dates,
      }),
      d1.prepare("INSERT INTO api_share (api_id, organization_id, created_ms) VALUES (?, ?, 0)").bind(API_ID, id),
    ]),
  ]);
  return database.serialize();
}
