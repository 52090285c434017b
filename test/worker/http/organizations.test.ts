import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { overheard } from "../../support/overheard-registry.ts";
import { OPERATOR, Relay, START_MS } from "./relay.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

describe("organizations", () => {
  it("are created by the operator, with a token that works at once", async () => {
    const relay = new Relay();
    const created = await relay.call("POST", "/v1/organizations", { body: { name: "Acme" } });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ name: "Acme", token: expect.stringMatching(/^rk_/) });
    expect(created.body.id).toMatch(UUID);
    const read = await relay.call("GET", `/v1/organizations/${created.body.id}`, { token: created.body.token });
    expect(read.body).toEqual({ id: created.body.id, name: "Acme", createdAt: "2026-11-21T12:00:00.000Z" });
  });

  it("keep the id of the platform they come from, once", async () => {
    const relay = new Relay();
    const id = crypto.randomUUID();
    const body = { name: "Moved", id: id.toUpperCase() };
    expect((await relay.call("POST", "/v1/organizations", { body })).body.id).toBe(id);
    const again = await relay.call("POST", "/v1/organizations", { body });
    expect(again.status).toBe(409);
    expect(again.body).toMatchObject({ status: 409, code: 409, title: expect.any(String) });
  });

  it("are created by nobody else", async () => {
    const relay = new Relay();
    const { token } = await relay.organization();
    const body = { name: "Mine" };
    expect((await relay.call("POST", "/v1/organizations", { body, token })).status).toBe(403);
    expect((await relay.call("POST", "/v1/organizations", { body, token: null })).status).toBe(401);
  });

  it("see nothing of each other", async () => {
    const relay = new Relay();
    const [one, other] = [await relay.organization("One"), await relay.organization("Other")];
    expect((await one.call("GET", `/v1/organizations/${other.id}`)).status).toBe(404);
    expect((await one.call("GET", `/v1/organizations/${other.id}/tokens`)).status).toBe(404);
    expect(
      (await one.call("POST", `/v1/organizations/${other.id}/tokens`, { body: { name: "x", role: "admin" } })).status,
    ).toBe(404);
    const list = await one.call("GET", "/v1/organizations");
    expect(list.body).toEqual({ data: [expect.objectContaining({ id: one.id })], nextCursor: null });
  });

  it("are listed newest first, page by page, each once", async () => {
    const relay = new Relay();
    const made: string[] = [];
    for (let i = 0; i < 5; i++) made.unshift((await relay.organization(`Org ${i}`)).id);
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null && seen.length < 5) {
      const page = await relay.call("GET", `/v1/organizations?limit=2${cursor && `&cursor=${cursor}`}`);
      expect(page.body.data.length).toBeLessThanOrEqual(2);
      seen.push(...page.body.data.map((row: { id: string }) => row.id));
      cursor = page.body.nextCursor;
    }
    expect(seen.slice(0, 5)).toEqual(made);
  });

  it.each(["limit=0", "limit=101", "limit=x", "cursor=nonsense", "cursor=%00", "cursor=YmVmb3JlIHg"])(
    "are not listed with %s",
    async (query) => {
      const answer = await new Relay().call("GET", `/v1/organizations?${query}`);
      expect(answer.status).toBe(422);
      expect(answer.body.errors).toEqual([{ path: query.split("=")[0], message: expect.any(String) }]);
    },
  );
});

/** A registry that cannot run statements that begin so. */
const failingAt = (db: D1Database, start: string): D1Database =>
  overheard(db, (_, sql) => {
    if (sql?.startsWith(start)) throw new Error("the registry is away");
  });

describe("tokens", () => {
  it("are kept as digests only", async () => {
    const relay = new Relay();
    const { token } = await relay.organization();
    const { results } = await env.REGISTRY.prepare("SELECT * FROM organization_token").all();
    expect(JSON.stringify(results)).not.toContain(token.slice(3));
  });

  it("do what their role allows and no more", async () => {
    const relay = new Relay();
    const organization = await relay.organization();
    const path = `/v1/organizations/${organization.id}/tokens`;
    const tries = async (role: "viewer" | "developer" | "admin") => {
      const { token } = await organization.tokenFor(role);
      const read = await relay.call("GET", "/v1/apps", { token });
      const write = await relay.call("POST", "/v1/apps", { token, body: { name: "x" } });
      const manage = await relay.call("GET", path, { token });
      return [read.status, write.status, manage.status];
    };
    expect(await tries("viewer")).toEqual([200, 403, 403]);
    expect(await tries("developer")).toEqual([200, 201, 403]);
    expect(await tries("admin")).toEqual([200, 201, 200]);
  });

  it("stop when they are revoked", async () => {
    const relay = new Relay();
    const organization = await relay.organization();
    const path = `/v1/organizations/${organization.id}/tokens`;
    const { id, token } = await organization.tokenFor("viewer");
    expect((await relay.call("GET", "/v1/apps", { token })).status).toBe(200);
    expect((await organization.call("DELETE", `${path}/${id}`)).status).toBe(204);
    expect((await relay.call("GET", "/v1/apps", { token })).status).toBe(401);
    expect((await organization.call("DELETE", `${path}/${id}`)).status).toBe(404);
    const left = await organization.call("GET", path);
    expect(left.body.data.map((row: { name: string }) => row.name)).toEqual(["first token"]);
  });

  it("that have expired are not used", async () => {
    const relay = new Relay();
    const organization = await relay.organization();
    const path = `/v1/organizations/${organization.id}/tokens`;
    const expiresAt = "2026-11-21T13:00:00Z";
    const { id, token } = await organization.tokenFor("viewer", expiresAt);
    relay.clock.nowMs = Date.parse(expiresAt);
    expect((await relay.call("GET", "/v1/apps", { token })).status).toBe(401);
    expect((await relay.call("GET", path)).body.data[0]).toMatchObject({ id, lastUsedAt: null });
  });

  it("stop when they expire", async () => {
    const relay = new Relay();
    const organization = await relay.organization();
    const path = `/v1/organizations/${organization.id}/tokens`;
    const expiresAt = "2026-11-21T13:00:00+00:00";
    const made = await organization.tokenFor("viewer", expiresAt);
    expect(made.expiresAt).toBe("2026-11-21T13:00:00.000Z");
    relay.clock.nowMs = START_MS + 3_599_999;
    expect((await relay.call("GET", "/v1/apps", { token: made.token })).status).toBe(200);
    relay.clock.nowMs = START_MS + 3_600_000;
    const late = await relay.call("GET", "/v1/apps", { token: made.token });
    expect([late.status, late.body.type]).toEqual([401, "https://relay.test/problems/token-expired"]);
    const again = await organization.call("POST", path, { body: { name: "past", role: "viewer", expiresAt } });
    expect(again.body.errors).toEqual([{ path: "expiresAt", message: "must be in the future" }]);
  });

  it("say when they were last used, to within five minutes", async () => {
    const relay = new Relay();
    const organization = await relay.organization();
    const path = `/v1/organizations/${organization.id}/tokens`;
    const made = await organization.tokenFor("viewer");
    expect(made.lastUsedAt).toBeNull();
    const lastUsedAt = async () =>
      (await relay.call("GET", path)).body.data.find(({ id }: { id: string }) => id === made.id).lastUsedAt;
    expect(await lastUsedAt()).toBeNull();
    const use = (afterMs: number) => {
      relay.clock.nowMs = START_MS + afterMs;
      return relay.call("GET", "/v1/apps", { token: made.token });
    };
    await use(1_000);
    expect(await lastUsedAt()).toBe("2026-11-21T12:00:01.000Z");
    await use(300_999);
    expect(await lastUsedAt()).toBe("2026-11-21T12:00:01.000Z");
    await use(301_000);
    expect(await lastUsedAt()).toBe("2026-11-21T12:05:01.000Z");
  });

  it("are good though nobody can write down that they are used", async () => {
    const relay = new Relay();
    const organization = await relay.organization();
    relay.env.REGISTRY = failingAt(relay.env.REGISTRY, "UPDATE organization_token SET last_used_ms");
    expect((await organization.call("GET", "/v1/apps")).status).toBe(200);
    const tokens = await relay.call("GET", `/v1/organizations/${organization.id}/tokens`);
    expect(tokens.body.data).toMatchObject([{ lastUsedAt: null }]);
  });

  it("of another organization are not to be revoked", async () => {
    const relay = new Relay();
    const [one, other] = [await relay.organization(), await relay.organization()];
    const tokens = await other.call("GET", `/v1/organizations/${other.id}/tokens`);
    const id = tokens.body.data[0].id;
    expect((await one.call("DELETE", `/v1/organizations/${one.id}/tokens/${id}`)).status).toBe(404);
    expect((await one.call("DELETE", `/v1/organizations/${other.id}/tokens/${id}`)).status).toBe(404);
    expect((await other.call("GET", "/v1/apps")).status).toBe(200);
  });

  it.each([
    ["nothing", null],
    ["another scheme", "Basic abc"],
    ["an empty token", "Bearer "],
    ["an unknown token", "Bearer rk_AAAA"],
    ["a prefix of the operator's token", `Bearer ${OPERATOR.slice(0, -1)}`],
    ["the operator's token and more", `Bearer ${OPERATOR}x`],
    ["a digest", "Bearer rk_47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"],
    ["a quote", "Bearer rk_' OR 1=1 --"],
    ["ten thousand characters", `Bearer rk_${"A".repeat(10_000)}`],
  ])("are asked for: %s is 401 with a challenge", async (_, header) => {
    const headers: Record<string, string> = header === null ? {} : { Authorization: header };
    const answer = await new Relay().call("GET", "/v1/organizations", { token: null, headers });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("WWW-Authenticate")).toMatch(/^Bearer realm=/);
  });

  it("of the operator are nobody's where none is configured", async () => {
    const relay = new Relay();
    relay.env.RELAY_OPERATOR_TOKEN = "";
    expect((await relay.call("GET", "/v1/organizations", { token: "" })).status).toBe(401);
    expect((await relay.call("GET", "/v1/organizations")).status).toBe(401);
  });
});
