import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { type Json, type Organization, Relay, START_MS } from "./relay.ts";

const MINUTE_MS = 60_000;

let relay: Relay;
let acme: Organization;
let app: Json;

/** Three changes, a minute apart: an app is made, changed and deleted. */
beforeEach(async () => {
  relay = new Relay();
  acme = await relay.organization();
  relay.clock.nowMs = START_MS + MINUTE_MS;
  app = await acme.app();
  relay.clock.nowMs += MINUTE_MS;
  await acme.call("PATCH", `/v1/apps/${app.id}`, { body: { name: "Other" } });
  relay.clock.nowMs += MINUTE_MS;
  await acme.call("DELETE", `/v1/apps/${app.id}`);
});

async function list(query: string): Promise<string[]> {
  const { body } = await acme.call("GET", `/v1/audit?${query}`);
  return body.data.map((row: { action: string }) => row.action);
}

describe("the audit", () => {
  it.each([
    ["", ["app.delete", "app.update", "app.create", "organization.create"]],
    ["action=app.update", ["app.update"]],
    ["action=app", []],
    ["action=%25", []],
    ["from=2026-11-21T12:02:00Z", ["app.delete", "app.update"]],
    ["to=2026-11-21T12:02:00Z", ["app.create", "organization.create"]],
    ["from=2026-11-21T12:01:00Z&to=2026-11-21T12:03:00Z", ["app.update", "app.create"]],
    ["from=2026-11-21T12:03:00Z&to=2026-11-21T12:01:00Z", []],
    ["from=2026-11-21T13:01:00%2B01:00&action=app.create", ["app.create"]],
  ])("answers what was asked for: %s", async (query, actions) => {
    expect(await list(query)).toEqual(actions);
  });

  it("is asked for what was changed, page by page", async () => {
    expect(await list(`subject=${acme.id}`)).toEqual(["organization.create"]);
    const first = await acme.call("GET", `/v1/audit?subject=${app.id}&limit=2`);
    expect(first.body.data).toHaveLength(2);
    expect(await list(`subject=${app.id}&limit=2&cursor=${first.body.nextCursor}`)).toEqual(["app.create"]);
  });

  it.each([
    ["subject", "subject=7"],
    ["from", "from=yesterday"],
    ["to", "to=1764000000"],
    ["action", `action=${"a".repeat(65)}`],
    ["action", "action=a%00"],
  ])("refuses a wrong %s: %s", async (path, query) => {
    const answer = await acme.call("GET", `/v1/audit?${query}`);
    expect([answer.status, answer.body.errors[0].path]).toEqual([422, path]);
  });

  it("is of one organization, whatever is asked for", async () => {
    const stranger = await relay.organization();
    const { body } = await stranger.call("GET", `/v1/audit?subject=${app.id}`);
    expect(body.data).toEqual([]);
  });

  it("is refused to whoever asks for another organization's", async () => {
    const stranger = await relay.organization();
    const answer = await stranger.call("GET", `/v1/audit?organizationId=${acme.id}`);
    expect([answer.status, answer.body.errors[0].path]).toEqual([422, "organizationId"]);
    const { body } = await acme.call("GET", `/v1/audit?organizationId=${acme.id.toUpperCase()}`);
    expect(body.data).toHaveLength(4);
  });

  it("is shown to the operator of all organizations, or of one, page by page", async () => {
    const other = await relay.organization("Other");
    await other.app();
    const ask = async (query: string): Promise<[string, string][]> => {
      const { body } = await relay.call("GET", `/v1/audit?${query}`);
      return body.data.map(({ organizationId, action }: Json) => [organizationId, action]);
    };
    const newest = [
      [other.id, "app.create"],
      [other.id, "organization.create"],
      [acme.id, "app.delete"],
    ];
    expect(await ask("limit=3")).toEqual(newest);
    const { body: first } = await relay.call("GET", "/v1/audit?limit=2");
    expect(await ask(`limit=1&cursor=${first.nextCursor}`)).toEqual(newest.slice(2));
    expect(await ask(`organizationId=${acme.id}&action=app.create`)).toEqual([[acme.id, "app.create"]]);
    expect(await ask(`organizationId=${crypto.randomUUID()}`)).toEqual([]);
  });

  it("shows the operator one entry for each organization that a change touches", async () => {
    const publisher = await relay.organization("Publisher");
    const api = await publisher.api(undefined, { visibility: "public" });
    const { id } = await acme.subscription(api.id);
    const { body } = await relay.call("GET", `/v1/audit?subject=${id}`);
    const entries = body.data.map(({ organizationId, actor }: Json) => [organizationId, actor]);
    expect(entries.sort()).toEqual(
      [
        [publisher.id, `organization:${acme.id}`],
        [acme.id, expect.stringMatching(/^token:/)],
      ].sort(([a = ""], [b = ""]) => (a < b ? -1 : 1)),
    );
  });

  it.each(["UPDATE audit SET actor = 'nobody'", "DELETE FROM audit", "REPLACE INTO audit SELECT * FROM audit"])(
    "stays as it was written: %s",
    async (sql) => {
      await expect(env.REGISTRY.prepare(sql).run()).rejects.toThrow("the audit is append-only");
      expect(await list("")).toHaveLength(4);
    },
  );
});
