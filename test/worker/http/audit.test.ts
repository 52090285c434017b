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

  it.each(["UPDATE audit SET actor = 'nobody'", "DELETE FROM audit", "REPLACE INTO audit SELECT * FROM audit"])(
    "stays as it was written: %s",
    async (sql) => {
      await expect(env.REGISTRY.prepare(sql).run()).rejects.toThrow("the audit is append-only");
      expect(await list("")).toHaveLength(4);
    },
  );
});
