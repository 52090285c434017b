import { describe, expect, it } from "vitest";
import { renderChannels } from "../../../../src/http/pages/channel-section.ts";
import type { Topic } from "../../../../src/registry/topics.ts";

const ROWS_MAX = 4_000;

const topicOf = (topic: Partial<Topic>): Topic => ({
  ...{ id: "t", apiId: "a", number: 1, address: "orders", title: null, description: null },
  ...{ messages: [], parameters: [] },
  ...topic,
});

const messagesOf = (count: number, schema: unknown): Topic["messages"] =>
  Array.from({ length: count }, (_, n) => ({ name: `m${n}`, contentType: null, schema, examples: [] }));

/** A schema that all of its properties refer to: a small document writes out to a large page. */
const wide = (shared: unknown) => ({
  properties: Object.fromEntries(Array.from({ length: 390 }, (_, n) => [`p${n}`, { $ref: "#/definitions/shared" }])),
  definitions: { shared },
});

const countOf = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

describe("the channels of a page", () => {
  it("say no more of their values than somebody would read, however often a description is referred to", () => {
    const page = String(
      renderChannels([topicOf({ messages: messagesOf(10, wide({ description: "d".repeat(5_000) })) })]),
    );
    expect(countOf(page, /<tr class/g)).toBe(3_900);
    expect(countOf(page, /d/g)).toBeGreaterThan(500_000);
    expect(page.length).toBeLessThan(1_500_000);
  });

  it("have no more parameters than rows", () => {
    const parameters = Array.from({ length: 250 }, (_, n) => ({ name: `p${n}`, schema: null }));
    const page = String(renderChannels(Array.from({ length: 20 }, () => topicOf({ parameters }))));
    expect(countOf(page, /<tr class/g)).toBe(ROWS_MAX);
    expect(page).toContain("The rest is in the document.");
  });

  it("write a value once that stands in many rows", () => {
    let written = 0;
    const value = { toJSON: () => `value ${++written}` };
    const page = String(
      renderChannels([topicOf({ messages: messagesOf(10, wide({ default: value, enum: [value] })) })]),
    );
    expect(countOf(page, /default &quot;value 1&quot;/g)).toBe(3_900);
    expect(written).toBe(1);
  });

  it("mark what is required, of a list of thousands of names too", () => {
    const shared = { type: "object", required: Array.from({ length: 20_000 }, (_, n) => `r${n}`) };
    const schema = { ...wide(shared), required: ["p1", "p2"] };
    const page = String(renderChannels([topicOf({ messages: messagesOf(10, schema) })]));
    expect(countOf(page, /class="required"/g)).toBe(20);
  });
});
