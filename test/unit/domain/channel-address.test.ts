import { describe, expect, it } from "vitest";
import {
  findChannel,
  isTemplate,
  matchesAddress,
  normalizeAddress,
  parameterNames,
  readParameters,
  templatesOverlap,
} from "../../../src/domain/channel-address.ts";

describe("a channel address", () => {
  it.each([
    ["/orders/created", "orders/created"],
    ["//orders", "orders"],
    ["orders", "orders"],
    ["orders/", "orders/"],
    ["/", ""],
  ])("%j is kept as %j", (address, kept) => {
    expect(normalizeAddress(address)).toBe(kept);
  });

  it.each([
    ["orders/created", false],
    ["orders/{id}", true],
    ["{id}", true],
    ["", false],
  ])("%j is a template: %s", (address, expected) => {
    expect(isTemplate(address)).toBe(expected);
  });
});

describe("a path", () => {
  it.each([
    ["orders/created", "orders/created"],
    ["orders/{id}", "orders/7"],
    ["orders/{id}", "orders/{id}"],
    ["orders/{id}/status", "orders/a b/status"],
    ["{a}/{b}", "x/y"],
    ["{a}", "created"],
    ["lights.1.0.event.{id}.measured", "lights.1.0.event.7.measured"],
    ["{id}.{kind}", "a.b.c"],
    ["v{n}-{m}x", "v1-2xx"],
    ["a{x}a{y}a", "aaaaa"],
  ])("matches %j: %j", (address, path) => {
    expect(matchesAddress(address, path)).toBe(true);
  });

  it.each([
    ["orders/created", "orders/Created"],
    ["orders/created", "orders/created/"],
    ["orders/created", "/orders/created"],
    ["orders/created", "orders"],
    ["orders/{id}", "orders/"],
    ["orders/{id}", "orders"],
    ["orders/{id}", "orders/7/status"],
    ["orders/{id}/status", "orders//status"],
    ["{id}", ""],
    ["orders/.", "orders/x"],
    ["lights.{id}.measured", "lights..measured"],
    ["lights.{id}.measured", "lights.a/b.measured"],
    ["a{x}a", "aa"],
    ["a{x}a{y}a", "aaaa"],
    ["x{id}", "x"],
    ["orders/(.*)", "orders/x"],
  ])("does not match %j: %j", (address, path) => {
    expect(matchesAddress(address, path)).toBe(false);
  });
});

describe("the parameters of a path", () => {
  it.each([
    ["orders/created", "orders/created", {}],
    ["orders/{id}", "orders/7", { id: "7" }],
    ["orders/{id}", "orders/{id}", { id: "{id}" }],
    ["{a}/{b}", "x y/ü", { a: "x y", b: "ü" }],
    ["lights.1.0.event.{id}.measured", "lights.1.0.event.7.8.measured", { id: "7.8" }],
    ["v{n}-{m}x", "v1-2-3xx", { n: "1", m: "2-3x" }],
    ["{id}.{kind}", "a.b.c", { id: "a", kind: "b.c" }],
    ["a{x}a{y}a", "aaaaaa", { x: "a", y: "aa" }],
    ["{__proto__}/{constructor}", "1/2", { ["__proto__"]: "1", constructor: "2" }],
    ["shops/{shop}/sales/{shop}", "shops/7/sales/7", { shop: "7" }],
    ["{a}-{a}", "7-7", { a: "7" }],
  ])("of %j: %j", (address, path, values) => {
    const parameters = readParameters(address, path);
    expect([...(parameters ?? [])]).toEqual(Object.entries(values));
    expect([...(parameters?.keys() ?? [])]).toEqual(parameterNames(address));
    expect(matchesAddress(address, path)).toBe(true);
  });

  it.each([
    ["shops/{shop}/sales/{shop}", "shops/7/sales/8"],
    ["{a}-{a}", "7-8"],
    ["orders/{id}", "orders"],
    ["orders/{id}", "invoices/7"],
  ])("are none where %j does not match %j", (address, path) => {
    expect(readParameters(address, path)).toBeNull();
    expect(matchesAddress(address, path)).toBe(false);
  });
});

describe("the channel of a path", () => {
  const channels = [{ address: "orders/{id}" }, { address: "orders/created" }, { address: "orders/{id}/items/{item}" }];

  it.each([
    ["orders/created", "orders/created"],
    ["orders/7", "orders/{id}"],
    ["orders/7/items/2", "orders/{id}/items/{item}"],
    ["orders/{id}", "orders/{id}"],
  ])("of %j is %j: an exact address wins over a template", (path, address) => {
    expect(findChannel(channels, path)?.address).toBe(address);
  });

  it.each(["", "orders", "orders/", "orders/7/items", "orders/7/items/", "__proto__"])("of %j is none", (path) => {
    expect(findChannel(channels, path)).toBeUndefined();
  });
});

describe("two addresses", () => {
  it.each([
    ["orders/{id}", "orders/{number}"],
    ["orders/{id}", "{kind}/created"],
    ["{a}/{b}", "{c}/x"],
    ["orders/{id}/x", "orders/7/{part}"],
    ["orders/{id}", "orders/{id}"],
  ])("overlap: %j and %j", (a, b) => {
    expect(templatesOverlap(a, b)).toBe(true);
    expect(templatesOverlap(b, a)).toBe(true);
  });

  it.each([
    ["orders/{id}", "orders/created"],
    ["orders/created", "orders/created"],
    ["orders/{id}", "invoices/{id}"],
    ["orders/{id}", "orders/{id}/items"],
    ["orders/{id}/x", "orders/{id}/y"],
  ])("do not overlap: %j and %j", (a, b) => {
    expect(templatesOverlap(a, b)).toBe(false);
    expect(templatesOverlap(b, a)).toBe(false);
  });

  it("overlap exactly where some path matches both templates", () => {
    const partsOf = (name: string): string[] => ["a", "b", `{${name}}`];
    const addresses = partsOf("x").flatMap((p) =>
      partsOf("y").flatMap((q) => partsOf("z").map((r) => `${p}/${q}/${r}`)),
    );
    const paths = ["a", "b", "c"].flatMap((p) =>
      ["a", "b", "c"].flatMap((q) => ["a", "b", "c"].map((r) => `${p}/${q}/${r}`)),
    );
    for (const a of addresses.filter(isTemplate)) {
      for (const b of addresses.filter(isTemplate)) {
        const shared = paths.some((path) => matchesAddress(a, path) && matchesAddress(b, path));
        expect(templatesOverlap(a, b), `${a} and ${b}`).toBe(shared);
      }
    }
  });
});
