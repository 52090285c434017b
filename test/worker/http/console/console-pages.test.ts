import { beforeEach, describe, expect, it } from "vitest";
import { Relay } from "../relay.ts";

let relay: Relay;

beforeEach(() => {
  relay = new Relay();
});

const open = (path: string) => relay.call("GET", path, { token: null });
const policyOf = ({ headers }: { headers: Headers }): string => headers.get("Content-Security-Policy") ?? "";
const nonceOf = (policy: string): string => /'nonce-([\w+/=]+)'/.exec(policy)?.[1] ?? "";

describe("the console's page", () => {
  it.each(["/", "/sign-in", "/o/3f2504e0-4f89-41d3-9a0c-0305e82c3301/apis", "/operator", "/operator/health"])(
    "stands at %s",
    async (path) => {
      const page = await open(path);
      expect(page.status).toBe(200);
      expect(page.headers.get("Content-Type")).toMatch(/^text\/html/);
      expect(page.text).toContain('<div id="root">');
    },
  );

  it("runs its own scripts only, and lets a style through that has this answer's nonce", async () => {
    const page = await open("/");
    const policy = policyOf(page);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(page.text).toContain(`<meta property="csp-nonce" nonce="${nonceOf(policy)}">`);
    expect(page.text).not.toContain("CSP-NONCE");
    expect(nonceOf(policyOf(await open("/")))).not.toBe(nonceOf(policy));
  });

  it("is framed by nobody, kept by nobody and tells nobody where it was", async () => {
    const page = await open("/");
    expect(policyOf(page)).toContain("frame-ancestors 'none'");
    expect(page.headers.get("X-Frame-Options")).toBe("DENY");
    expect(page.headers.get("Cache-Control")).toBe("no-store");
    expect(page.headers.get("Referrer-Policy")).toBe("no-referrer");
    expect(page.headers.get("Strict-Transport-Security")).toContain("max-age=");
  });

  it("does not stand in the way of what the relay answers otherwise", async () => {
    const unknown = await open("/nothing");
    expect(unknown.status).toBe(404);
    expect(unknown.headers.get("Content-Type")).toContain("application/problem+json");
    expect((await relay.call("POST", "/", { token: null })).status).toBe(405);
    expect((await open("/v1/apis")).status).toBe(401);
  });
});

describe("the page of a portal link", () => {
  it("is embedded by the pages that the link names, for as long as it is good", async () => {
    const acme = await relay.organization();
    const app = await acme.app();
    const frameAncestors = ["https://app.example.com", "https://*.example.com"];
    const link = await acme.portalLink({ appId: app.id, frameAncestors, ttlSeconds: 60 });
    const path = `/portal/${link.id}/o/${acme.id}/apps/${app.id}`;
    const page = await open(path);
    expect(page.status).toBe(200);
    expect(policyOf(page)).toContain("frame-ancestors https://app.example.com https://*.example.com");
    expect(page.headers.get("X-Frame-Options")).toBeNull();
    expect(page.headers.get("Referrer-Policy")).toBe("no-referrer");
    relay.clock.nowMs += 60_000;
    expect(policyOf(await open(path))).toContain("frame-ancestors 'none'");
  });

  it("is embedded by nobody where the link names nobody, or there is none", async () => {
    const acme = await relay.organization();
    const link = await acme.portalLink({ appId: (await acme.app()).id });
    for (const id of [link.id, crypto.randomUUID(), "x;script-src *", "%27none%27;"]) {
      const page = await open(`/portal/${id}/o/${acme.id}`);
      expect(policyOf(page)).toMatch(/frame-ancestors 'none'$/);
      expect(page.headers.get("X-Frame-Options")).toBe("DENY");
    }
  });
});

describe("the console's files", () => {
  it("are those that its page names", async () => {
    const [, script = ""] = /src="(\/assets\/[\w-]+\.js)"/.exec((await open("/")).text) ?? [];
    const file = await open(script);
    expect(file.status).toBe(200);
    expect(file.headers.get("Content-Type")).toContain("javascript");
    expect(file.headers.get("X-Content-Type-Options")).toBe("nosniff");
  });

  it.each(["/assets/none.js", "/assets/", "/assets/../index.html", "/assets/%2e%2e/index.html"])(
    "do not include %s",
    async (path) => {
      expect((await open(path)).status).toBe(404);
    },
  );
});
