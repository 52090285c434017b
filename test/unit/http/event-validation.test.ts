import { describe, expect, it } from "vitest";
import { compileChannel } from "../../../src/http/publish/channel-schemas.ts";
import { judgeEvent } from "../../../src/http/publish/event-validation.ts";
import { VALIDATION_STEPS_MAX } from "../../../src/json-schema/limits.ts";

const channelOf = (name: string, schema: unknown) =>
  compileChannel({ messages: [{ name, schema }], parameters: [], chars: 0 });

const ORDER = channelOf("OrderCreated", {
  required: ["id"],
  properties: { items: { items: { properties: { price: { type: "number" } } } } },
});
const BAD = { id: 1, items: [{ price: 1 }, { price: "free of charge" }] };

describe("an event that is none of its channel's messages", () => {
  it("is marked or refused, as the API's validation says, or nobody looks", () => {
    expect(judgeEvent("off", ORDER, BAD)).toBeNull();
    expect(judgeEvent("warn", ORDER, BAD)).toMatchObject({ invalid: "marked" });
    expect(judgeEvent("enforce", ORDER, BAD)).toMatchObject({ invalid: "refused" });
    expect(judgeEvent("enforce", ORDER, { id: 1 })).toBeNull();
  });

  it("is told which message it is not, where, and why", () => {
    expect(judgeEvent("enforce", ORDER, BAD)).toEqual({
      invalid: "refused",
      problem: {
        reason: "message_invalid",
        detail: 'The event is no valid "OrderCreated": /items/1/price must be a number.',
        errors: [{ path: "/items/1/price", message: "must be a number" }],
      },
      header: 'invalid; message="OrderCreated"; path="/items/1/price"',
    });
    const finding = judgeEvent("enforce", ORDER, {});
    expect(finding?.problem.detail).toMatch(/^The event is no valid "OrderCreated": the event .+\.$/);
    expect(finding?.problem.errors).toEqual([{ path: "", message: expect.stringContaining("id") }]);
  });

  it("has a pointer of escaped names", () => {
    const channel = channelOf("m", { properties: { "a/b~c": { type: "null" } } });
    expect(judgeEvent("enforce", channel, { "a/b~c": 1 })?.problem.errors?.[0]?.path).toBe("/a~1b~0c");
  });

  it("says so in a header that is one, whatever the names are", () => {
    const headerOf = (name: string, member: string) =>
      judgeEvent("warn", channelOf(name, { properties: { [member]: { type: "null" } } }), { [member]: 1 })?.header ??
      "";
    expect(headerOf('a"; x="b', "ü %\\\r\n")).toBe('invalid; message="a%22; x=%22b"; path="/%C3%BC %25%5C%0D%0A"');
    expect(headerOf("\ud800", "😀")).toBe('invalid; message="%EF%BF%BD"; path="/%F0%9F%98%80"');
    for (const name of ["漢".repeat(10_000), "😀".repeat(10_000)]) {
      const header = headerOf(name, name);
      expect(header).toMatch(/^[\x20-\x7e]{1,2500}$/);
      expect(() => decodeURIComponent(header)).not.toThrow();
    }
  });

  it("that would take too much to be checked is treated as one", () => {
    const schema = { pattern: "^b" };
    const value = "a".repeat(2 * VALIDATION_STEPS_MAX);
    const refused = judgeEvent("enforce", channelOf("m", schema), value);
    expect(refused).toMatchObject({ invalid: "refused", header: "invalid", problem: { reason: "message_invalid" } });
    expect(refused?.problem.detail).toBe("The event takes too much to be checked against its schemas.");
    expect(judgeEvent("warn", channelOf("m", schema), value)).toMatchObject({ invalid: "marked" });
  });
});
