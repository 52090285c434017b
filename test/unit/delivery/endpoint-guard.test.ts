import { describe, expect, it } from "vitest";
import { checkEndpoint } from "../../../src/delivery/endpoint-guard.ts";
import {
  addressEndpoints,
  foreignPortEndpoints,
  goodEndpoints,
  nameOf,
  neverEndpoints,
  plainHttpEndpoints,
  privateNameEndpoints,
  refusedAlways,
  refusedInPublic,
} from "../../support/endpoints.ts";

const PUBLIC = { allowPrivate: false, relayOrigin: "https://relay.example.com" };
const LOCAL = { allowPrivate: true, relayOrigin: "http://127.0.0.1:8787" };

const reasoned = (table: Record<string, string[]>): [string, string, string][] =>
  Object.entries(table).flatMap(([reason, urls]) =>
    urls.map((url): [string, string, string] => [nameOf(url), reason, url]),
  );

const named = (urls: string[]): [string, string][] => urls.map((url) => [nameOf(url), url]);

const isRefused = (url: string, rules = PUBLIC): boolean => {
  const result = checkEndpoint(url, rules);
  if (!result.ok)
    expect(result.error).toEqual({ reason: "endpoint_refused", detail: expect.stringMatching(/^The .+\.$/) });
  return !result.ok;
};

describe("checkEndpoint where private endpoints are not allowed", () => {
  it.each(named(goodEndpoints))("takes %s", (_, url) => {
    expect(checkEndpoint(url, PUBLIC)).toEqual({ ok: true, value: expect.any(URL) });
  });

  it.each(reasoned({ ...refusedInPublic, ...refusedAlways }))("refuses %s: %s", (_, reason, url) => {
    expect(checkEndpoint(url, PUBLIC)).toEqual({ ok: false, error: { reason: "endpoint_refused", detail: reason } });
  });

  it.each([
    "https://relay.example.com/v2/events/x",
    "https://relay.example.com:8443/",
    "https://RELAY.example.com/",
    "https://ｒelay.example.com/",
    "https://relay。example.com/",
    "https://relay.example.com:443/",
    "https://RELAY.EXAMPLE.COM:8443/x",
    "https://relay%2eexample.com/",
    "https://rel\u00aday.example.com/",
    "https://%72elay.example.com/",
  ])("refuses the relay's own host: %j", (url) => {
    expect(checkEndpoint(url, PUBLIC)).toMatchObject({ error: { detail: "The endpoint is the relay itself." } });
  });

  it("answers the URL that it checked, in the parser's one spelling", () => {
    const result = checkEndpoint("HTTPS://HOOKS。example.com:443/In/../x?q=1", PUBLIC);
    expect(result.ok && result.value.href).toBe("https://hooks.example.com/x?q=1");
  });

  it("never repeats the URL in its detail", () => {
    const result = checkEndpoint("https://user:hunter2@hooks.example.com/", PUBLIC);
    expect(JSON.stringify(result)).not.toContain("hunter2");
  });

  it("ends at once on a text made to be slow", () => {
    for (const text of [`https://${"a.".repeat(1000)}`, `https://${"-".repeat(2000)}`, `https://${"1.".repeat(1000)}`])
      expect(isRefused(text)).toBe(true);
    expect(isRefused("h".repeat(10_000_000))).toBe(true);
  });
});

describe("checkEndpoint where private endpoints are allowed", () => {
  it.each(
    named([
      ...goodEndpoints,
      ...privateNameEndpoints,
      ...plainHttpEndpoints,
      ...foreignPortEndpoints,
      ...addressEndpoints,
      "http://127.0.0.1:9001/hook",
      "http://localhost:9001/hook",
      "http://[::1]:9001/hook",
      "http://receiver:9001/hook",
      "http://10.0.0.7:8787/",
    ]),
  )("takes %s", (_, url) => expect(checkEndpoint(url, LOCAL).ok).toBe(true));

  it.each(named(neverEndpoints))("still refuses %s", (_, url) => expect(isRefused(url, LOCAL)).toBe(true));

  it.each([
    "http://127.0.0.1:8787/",
    "http://127.0.0.1:8787/v2/events/x",
    "https://127.0.0.1:8787/",
    "http://2130706433:8787/",
    "http://127.1:8787/",
    "http://localhost:8787/",
    "http://relay.localhost:8787/",
    "http://[::1]:8787/",
    "http://[::ffff:127.0.0.1]:8787/",
    "http://0.0.0.0:8787/",
    "http://[::]:8787/",
  ])("refuses the relay itself in every spelling: %j", (url) => expect(isRefused(url, LOCAL)).toBe(true));

  it("tells the relay's default port from another one", () => {
    const rules = { allowPrivate: true, relayOrigin: "http://localhost" };
    expect(checkEndpoint("http://127.0.0.1:80/", rules).ok).toBe(false);
    expect(checkEndpoint("http://127.0.0.1:81/", rules).ok).toBe(true);
  });
});
