import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { newId } from "../../../src/kernel/ids.ts";
import { type Api, findApi, insertApi, updateApi } from "../../../src/registry/apis.ts";
import { findApp, insertApp } from "../../../src/registry/apps.ts";
import { findClient, insertClient, revokeClient } from "../../../src/registry/clients.ts";
import { commit } from "../../../src/registry/commit.ts";
import { findOrganization, insertOrganization } from "../../../src/registry/organizations.ts";
import { loadPublisher } from "../../../src/registry/publishers.ts";
import {
  dropPushes,
  listOldestPushes,
  listPushesOf,
  markPushesTried,
  newGeneration,
  pushTopics,
} from "../../../src/registry/pushes.ts";
import { putTopic } from "../../../src/registry/topics.ts";
import { overheard } from "../../support/overheard-registry.ts";

const db = env.REGISTRY;

function newApi(organizationId: string, settings: Partial<Api> = {}): Api {
  return {
    id: newId(),
    organizationId,
    organizationName: "Acme",
    title: `API ${newId()}`,
    version: "1",
    specVersion: "3.0.0",
    description: null,
    tags: [],
    visibility: "private",
    access: "open",
    approval: "auto",
    validation: "off",
    retentionDays: 7,
    maxUndeliveredDays: null,
    shards: 1,
    region: null,
    documentation: null,
    support: null,
    pricing: null,
    terms: null,
    revision: 1,
    createdMs: 1,
    updatedMs: 1,
    ...settings,
  };
}

const newTopic = (apiId: string, address: string) => ({
  ...{ id: newId(), apiId, address, title: null, description: null, messages: [], parameters: [] },
  number: Math.floor(Math.random() * 2 ** 30),
});

let organizationId: string;

beforeEach(async () => {
  organizationId = newId();
  await commit(db, [insertOrganization(db, { id: organizationId, name: "Acme", createdMs: 1 })]);
});

describe("a commit", () => {
  it("writes everything or nothing", async () => {
    const taken = newApi(organizationId);
    await commit(db, [insertApi(db, taken)]);
    const app = {
      id: newId(),
      organizationId,
      name: "A",
      description: null,
      website: null,
      isListed: false,
      createdMs: 1,
      updatedMs: 1,
    };
    const refused = await commit(db, [
      insertApp(db, app),
      insertApi(db, { ...newApi(organizationId), title: taken.title }),
    ]);
    expect(refused).toMatchObject({
      ok: false,
      error: { reason: "unique_taken", constraint: expect.stringContaining("api.title") },
    });
    expect(await findApp(db, app.id)).toBeNull();
  });

  it("refuses what was decided on an older revision", async () => {
    const api = newApi(organizationId);
    await commit(db, [insertApi(db, api)]);
    expect(await commit(db, [updateApi(db, { ...api, access: "consent" })])).toEqual({ ok: true, value: null });
    const stale = await commit(db, [updateApi(db, { ...api, visibility: "public" })]);
    expect(stale).toEqual({ ok: false, error: { reason: "row_changed" } });
    expect(await findApi(db, api.id)).toMatchObject({
      access: "consent",
      visibility: "private",
      revision: 2,
    });
  });

  it("refuses a child whose parent has gone", async () => {
    const app = {
      id: newId(),
      organizationId: newId(),
      name: "A",
      description: null,
      website: null,
      isListed: false,
      createdMs: 1,
      updatedMs: 1,
    };
    expect(await commit(db, [insertApp(db, app)])).toEqual({ ok: false, error: { reason: "row_changed" } });
  });

  it("throws on what is a bug", async () => {
    await expect(commit(db, [db.prepare("INSERT INTO nowhere (id) VALUES (1)")])).rejects.toThrow("nowhere");
  });

  it("keeps every text as it is, whatever is in it", async () => {
    const name = `'); DROP TABLE organization; -- "\\ é 車 🚗`;
    const id = newId();
    await commit(db, [insertOrganization(db, { id, name, createdMs: 1 })]);
    expect((await findOrganization(db, id))?.name).toBe(name);
  });
});

describe("an OAuth client", () => {
  it("is found by its id until it is revoked", async () => {
    const api = newApi(organizationId);
    const client = { id: newId(), name: "default", channels: ["a"], createdMs: 1, secretDigest: "digest" };
    await commit(db, [insertApi(db, api), insertClient(db, { kind: "publisher", apiId: api.id }, client)]);
    const found = { id: client.id, kind: "publisher", secretDigest: "digest", previousSecretDigest: null };
    expect(await findClient(db, client.id, 1)).toEqual(found);
    await commit(db, [revokeClient(db, client.id, 2)]);
    expect(await findClient(db, client.id, 3)).toBeNull();
    expect(await findClient(db, "nobody", 3)).toBeNull();
  });
});

describe("a publisher", () => {
  it("is loaded with its topics in one query", async () => {
    const api = newApi(organizationId, { access: "consent", validation: "warn", revision: 4, shards: 2 });
    const topics = [newTopic(api.id, "a"), newTopic(api.id, "b/{id}")];
    const client = { id: newId(), name: "default", channels: null, createdMs: 1, secretDigest: "digest" };
    await commit(db, [
      insertApi(db, api),
      ...topics.map((topic) => putTopic(db, topic)),
      insertClient(db, { kind: "publisher", apiId: api.id }, client),
    ]);
    let queries = 0;
    const counting = overheard(db, () => {
      queries += 1;
    });
    const publisher = await loadPublisher(counting, client.id);
    expect(queries).toBe(1);
    expect(publisher).toEqual({
      clientId: client.id,
      apiId: api.id,
      validation: "warn",
      topicConfig: {
        ...{ version: 4, access: "consent", organizationId },
        ...{ retentionDays: api.retentionDays, maxUndeliveredDays: api.maxUndeliveredDays },
        isAddressed: false,
      },
      allowedChannels: null,
      topics: expect.arrayContaining(
        topics.map(({ id, number, address }) => ({
          ...{ id, number, address, shards: 2 },
          hasParameterSchemas: false,
        })),
      ),
    });
  });
});

describe("the outbox", () => {
  it("names each shard's log and holds a change once", async () => {
    const api = newApi(organizationId, { shards: 4 });
    const topic = newTopic(api.id, "a");
    const change = newGeneration("org/one");
    await commit(db, [insertApi(db, api), putTopic(db, topic)]);
    await commit(db, [pushTopics(db, api.id, change), pushTopics(db, api.id, change)]);
    const pushes = await listPushesOf(db, change, 100);
    expect(pushes.map((push) => push.log).sort()).toEqual([0, 1, 2, 3].map((shard) => `${topic.id}/${shard}`));
    expect(await listPushesOf(db, change, 3)).toHaveLength(3);
  });

  it("keeps what each change wrote until that is dropped, and finds it by what was changed", async () => {
    const api = newApi(organizationId);
    const [first, again, other] = ["org/two", "org/two", "org/two2"].map(newGeneration);
    if (!first || !again || !other) throw new Error("three were asked for");
    await commit(db, [insertApi(db, api), putTopic(db, newTopic(api.id, "a"))]);
    await commit(db, [pushTopics(db, api.id, first), pushTopics(db, api.id, other)]);
    const before = await listPushesOf(db, first, 100);
    expect(before.map((push) => push.generation)).toEqual([first]);
    await commit(db, [pushTopics(db, api.id, again)]);
    expect(await listPushesOf(db, first, 100)).toHaveLength(2);
    await dropPushes(db, before);
    expect((await listPushesOf(db, first, 100)).map((push) => push.generation)).toEqual([again]);
    expect(await listPushesOf(db, other, 100)).toHaveLength(1);
  });

  it("gives what was tried longest ago first", async () => {
    const [one, two] = [newApi(organizationId), newApi(organizationId)];
    await db.prepare("DELETE FROM push").run();
    for (const [api, triedMs] of [
      [one, 5],
      [two, 4],
    ] as const) {
      const change = newGeneration(api.id);
      await commit(db, [insertApi(db, api), putTopic(db, newTopic(api.id, "a")), pushTopics(db, api.id, change)]);
      await markPushesTried(db, await listPushesOf(db, change, 1), triedMs);
    }
    expect((await listOldestPushes(db, 10)).map((push) => push.entityId)).toEqual([two.id, one.id]);
    expect((await listOldestPushes(db, 1)).map((push) => push.entityId)).toEqual([two.id]);
  });
});
