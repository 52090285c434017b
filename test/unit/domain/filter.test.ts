import { describe, expect, it } from "vitest";
import { compileFilter, type FilterInput } from "../../../src/domain/filter.ts";
import { FILTER_PATTERN_BYTES_MAX } from "../../../src/kernel/limits.ts";

const EVENT: FilterInput = { channel: "orders", key: null, owner: null, data: {} };

const outcome = (schema: unknown, event: Partial<FilterInput> = {}) => {
  const filter = compileFilter(schema);
  if (!filter.ok) throw new Error(filter.error.message);
  return filter.value.matches({ ...EVENT, ...event }, { steps: 100_000 });
};

describe("a filter", () => {
  it("says whether an event has its form", () => {
    const schema = { properties: { key: { const: "a" }, data: { required: ["n"] } } };
    expect(outcome(schema, { key: "a", data: { n: 1 } })).toBe("valid");
    expect(outcome(schema, { key: "b", data: { n: 1 } })).toBe("invalid");
    expect(outcome(schema, { key: "a" })).toBe("invalid");
    expect(outcome({ additionalProperties: false, properties: { channel: {}, key: {}, owner: {}, data: {} } })).toBe(
      "valid",
    );
  });

  it("takes no more steps than it may", () => {
    expect(outcome({ properties: { data: { items: true } } }, { data: [1] })).toBe("valid");
    expect(outcome({ properties: { data: { items: { minimum: 0 } } } }, { data: new Array(200_000).fill(1) })).toBe(
      "exhausted",
    );
    expect(outcome({ properties: { key: { pattern: "(a+)+$" } } }, { key: `${"a".repeat(250)}!` })).toBe("invalid");
  });

  it.each([
    ["reference_external", { properties: { data: { $ref: "https://schemas.test/order" } } }],
    ["reference_circular", { $ref: "#" }],
    ["pattern_unsupported", { properties: { key: { pattern: "(.)\\1" } } }],
    ["pattern_too_large", { properties: { key: { pattern: "^.{1,900}$" } } }],
    [
      "pattern_too_large",
      { allOf: [1, 2, 3, 4].map((n) => ({ properties: { key: { pattern: `^.{1,99}${n}(a{1,100})$` } } })) },
    ],
    ["schema_malformed", { properties: { key: { type: "text" } } }],
    ["schema_malformed", 7],
  ])("is refused for %s: %j", (reason, schema) => {
    const filter = compileFilter(schema);
    expect(filter.ok ? "ok" : filter.error.reason).toBe(reason);
  });

  it("has patterns whose memory is known, and grows with the texts they see", () => {
    const filter = compileFilter({ properties: { key: { pattern: "^(?:a|b)*a(?:a|b){60}$" } } });
    if (!filter.ok) throw new Error(filter.error.message);
    const before = filter.value.patternBytes;
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(FILTER_PATTERN_BYTES_MAX);
    let key = "";
    for (let i = 0; i < 200; i++) key += (i * 7919) % 13 < 6 ? "a" : "b";
    filter.value.matches({ ...EVENT, key }, { steps: 100_000 });
    expect(filter.value.patternBytes).toBeGreaterThan(before);
  });
});
