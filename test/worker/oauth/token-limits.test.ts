import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { oauthRoutes } from "../../../src/http/oauth.ts";
import { Relay } from "../http/relay.ts";
import { withClock } from "./with-clock.ts";

const limits = {
  TOKEN_LIMIT_PER_CLIENT: env.TEST_LIMIT_PER_CLIENT,
  TOKEN_LIMIT_PER_ADDRESS: env.TEST_LIMIT_PER_ADDRESS,
};

// The counters begin anew with each minute of the clock, and that may fall into a test.
const OVER_THE_MINUTE = { retry: 2 };

/** The start of addresses that nobody else has, of IPv4 and of IPv6. */
function newNetworks(): { v4: string; v6: string } {
  const [a = 0, b = 0] = crypto.getRandomValues(new Uint8Array(2));
  return { v4: `198.${a}.${b}`, v6: `2001:db8:${a.toString(16)}:${b.toString(16)}` };
}

type Asked = { clientId?: string; secret?: string; address?: string | null; text?: string };

/** A token request. */
function ask(
  { clientId = crypto.randomUUID(), secret = "wrong", address = null, text }: Asked,
  bindings: object = limits,
) {
  const body = text ?? JSON.stringify({ grant_type: "client_credentials", client_id: clientId, client_secret: secret });
  const headers = { "Content-Type": "application/json", ...(address !== null && { "CF-Connecting-IP": address }) };
  return withClock(oauthRoutes).request(
    "https://relay.test/v1/token",
    { method: "POST", headers, body },
    { ...env, ...bindings },
  );
}

async function statusesOf(count: number, asked: (i: number) => Asked, bindings?: object): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < count; i++) statuses.push((await ask(asked(i), bindings)).status);
  return statuses;
}

describe("the token endpoint, where limits are bound", OVER_THE_MINUTE, () => {
  it("lets an address try no more clients than its limit, of IPv6 a whole network, whatever is in the body", async () => {
    const { v4, v6 } = newNetworks();
    expect(await statusesOf(6, () => ({ address: `${v4}.1` }))).toEqual([401, 401, 401, 401, 401, 429]);
    expect(await statusesOf(6, (i) => ({ address: `${v6}::${i}` }))).toEqual([401, 401, 401, 401, 401, 429]);
    expect(await statusesOf(6, () => ({ address: `${v4}.2`, text: "{" }))).toEqual([400, 400, 400, 400, 400, 429]);
    expect((await ask({ address: `${v4}.3` })).status).toBe(401);
  });

  it("lets a client be tried no more often, from however many addresses, whether it exists or not", async () => {
    const clientId = crypto.randomUUID();
    const { v4 } = newNetworks();
    const asked = (i: number) => ({ clientId, address: `${v4}.${i}` });
    expect(await statusesOf(5, asked)).toEqual([401, 401, 401, 429, 429]);
  });

  it("counts a token that is given as one that is not, and looks up no client that is tried too often", async () => {
    const relay = new Relay();
    const { credentials } = await (await relay.organization()).api();
    const asked = { clientId: credentials.clientId, secret: credentials.clientSecret };
    expect(await statusesOf(4, () => asked)).toEqual([200, 200, 200, 429]);
    const REGISTRY = {
      prepare: () => {
        throw new Error("the registry was asked");
      },
    };
    expect((await ask(asked, { ...limits, REGISTRY })).status).toBe(429);
  });

  it("answers in OAuth's words, and says when to come again", async () => {
    const clientId = crypto.randomUUID();
    await statusesOf(3, () => ({ clientId }));
    const refused = await ask({ clientId });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect(refused.headers.get("Cache-Control")).toBe("no-store");
    expect(await refused.json()).toEqual({ error: "temporarily_unavailable", error_description: expect.any(String) });
  });

  it("goes on without a counter that fails", async () => {
    const lines = vi.spyOn(console, "log").mockImplementation(() => {});
    const broken = {
      limit: async () => {
        throw new Error("no counter");
      },
    };
    const bindings = { TOKEN_LIMIT_PER_CLIENT: broken, TOKEN_LIMIT_PER_ADDRESS: broken };
    expect((await ask({ address: "203.0.113.4" }, bindings)).status).toBe(401);
    expect(lines.mock.calls.filter(([line]) => String(line).includes("token_limit_failed"))).toHaveLength(2);
    lines.mockRestore();
  });
});

describe("the token endpoint, where no limit is bound", () => {
  it("lets anybody try", async () => {
    const clientId = crypto.randomUUID();
    const asked = () => ({ clientId, address: "203.0.113.5" });
    expect(new Set(await statusesOf(10, asked, {}))).toEqual(new Set([401]));
  });
});
