import { describe, expect, it, vi } from "vitest";
import { isOperatorEmail, readOidcSettings } from "../../../../src/http/session/oidc/settings.ts";

const ENV = {
  OIDC_ISSUER: "https://login.example.com/tenant",
  OIDC_CLIENT_ID: "relay",
  OIDC_LABEL: "Single sign-on",
  OIDC_EMAIL_VERIFICATION: "required",
  RELAY_ORIGIN: "https://relay.test",
  ALLOW_PRIVATE_ENDPOINTS: "false",
};

describe("the settings of an issuer", () => {
  it("say where members sign in, and where they come back to", () => {
    expect(readOidcSettings(ENV)).toEqual({
      issuer: new URL("https://login.example.com/tenant"),
      clientId: "relay",
      clientSecret: null,
      redirectUri: "https://relay.test/session/oidc/callback",
      label: "Single sign-on",
      trustsEmails: false,
      allowHttp: false,
    });
    expect(readOidcSettings({ ...ENV, OIDC_CLIENT_SECRET: "secret" })?.clientSecret).toBe("secret");
    expect(readOidcSettings({ ...ENV, OIDC_CLIENT_SECRET: "" })?.clientSecret).toBeNull();
  });

  it("take the issuer's word for an e-mail where the operator says so, and only then", () => {
    const trusts = (OIDC_EMAIL_VERIFICATION: string) =>
      readOidcSettings({ ...ENV, OIDC_EMAIL_VERIFICATION })?.trustsEmails;
    expect(["assumed", "required", "", "true", "Assumed"].map(trusts)).toEqual([true, false, false, false, false]);
  });

  it("are for an issuer over http where the relay runs locally", () => {
    const local = { ...ENV, OIDC_ISSUER: "http://127.0.0.1:4000", ALLOW_PRIVATE_ENDPOINTS: "true" };
    expect(readOidcSettings(local)).toMatchObject({ allowHttp: true });
  });

  it("say nothing where there is no issuer", () => {
    const lines = vi.spyOn(console, "log").mockImplementation(() => {});
    expect(readOidcSettings({ ...ENV, OIDC_ISSUER: "" })).toBeNull();
    expect(lines).not.toHaveBeenCalled();
    lines.mockRestore();
  });

  it.each([
    ["http", { OIDC_ISSUER: "http://login.example.com" }, "OIDC_ISSUER"],
    ["no URL", { OIDC_ISSUER: "login.example.com" }, "OIDC_ISSUER"],
    ["a query", { OIDC_ISSUER: "https://login.example.com/?a=1" }, "OIDC_ISSUER"],
    ["a fragment", { OIDC_ISSUER: "https://login.example.com/#a" }, "OIDC_ISSUER"],
    ["another scheme", { OIDC_ISSUER: "file:///etc/passwd", ALLOW_PRIVATE_ENDPOINTS: "true" }, "OIDC_ISSUER"],
    ["no client", { OIDC_CLIENT_ID: "" }, "OIDC_CLIENT_ID"],
  ])("with %s let nobody in, and say so", (_, settings, name) => {
    const lines = vi.spyOn(console, "log").mockImplementation(() => {});
    expect(readOidcSettings({ ...ENV, ...settings })).toBeNull();
    expect(JSON.parse(lines.mock.calls[0]?.[0])).toMatchObject({ what: "setting_invalid", name });
    lines.mockRestore();
  });
});

it("operators are those whose whole e-mail is in the list", () => {
  const env = { OIDC_OPERATORS: " Ann@Example.com ,,bob@example.com" };
  expect(isOperatorEmail(env, "ann@example.com")).toBe(true);
  expect(isOperatorEmail(env, "bob@example.com")).toBe(true);
  for (const email of [
    "",
    "n@example.com",
    "ann@example.com ",
    "ann@example.com ,,bob@example.com",
    "eve@example.com",
  ]) {
    expect(isOperatorEmail(env, email), email).toBe(false);
  }
  expect(isOperatorEmail({ OIDC_OPERATORS: "" }, "")).toBe(false);
});
