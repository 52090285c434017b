import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { CHANNELS_PER_API_MAX } from "../../../src/kernel/limits.ts";
import cases from "../../fixtures/json-schema/draft-07.json" with { type: "json" };
import { CountedPublisher, type RegisteredDocument } from "./counted-publisher.ts";

/** Every case of the fixture as a channel of an API whose validation is `enforce`: what is published is taken or refused as it says. */

type Group = { description: string; schema: unknown; tests: { description: string; data: unknown; valid: boolean }[] };

const GROUPS = cases as Group[];

/** AsyncAPI's own schemas, or its parser, take no document with these: they stand in the registry without one. */
const NOT_FOR_DOCUMENTS = new Set([
  "const with names of the prototype",
  "an enum of nothing",
  "properties with names of every object",
  "dependencies of names of every object",
  "a reference within data",
  "pattern with Unicode",
]);

const LINT_MS = 120_000;

/** In a document references start at its root. */
function rebase(value: unknown, root: string): unknown {
  if (Array.isArray(value)) return value.map((item) => rebase(item, root));
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => {
    const isReference = name === "$ref" && typeof member === "string";
    return [name, isReference ? member.replace(/^#/, root) : rebase(member, root)];
  });
  return Object.fromEntries(members);
}

function documentOf(groups: Group[]): string {
  const schemas = groups.map(({ description, schema }, i) => [
    `s${i}`,
    NOT_FOR_DOCUMENTS.has(description) ? {} : rebase(schema, `#/components/schemas/s${i}`),
  ]);
  const channels = groups.map((_, i) => [
    `case/${i}`,
    { subscribe: { message: { name: "Case", payload: { $ref: `#/components/schemas/s${i}` } } } },
  ]);
  return JSON.stringify({
    asyncapi: "2.6.0",
    info: { title: `API ${crypto.randomUUID()}`, version: "1" },
    channels: Object.fromEntries(channels),
    components: { schemas: Object.fromEntries(schemas) },
  });
}

const publisher = new CountedPublisher();
const apis: RegisteredDocument[] = [];

beforeAll(async () => {
  for (let from = 0; from < GROUPS.length; from += CHANNELS_PER_API_MAX) {
    const groups = GROUPS.slice(from, from + CHANNELS_PER_API_MAX);
    const registered = await publisher.registerDocument(documentOf(groups), { validation: "enforce" });
    apis.push(registered);
    for (const [i, { description, schema }] of groups.entries()) {
      if (!NOT_FOR_DOCUMENTS.has(description)) continue;
      const messages = JSON.stringify([{ name: "Case", contentType: null, schema, examples: [] }]);
      await env.REGISTRY.prepare("UPDATE topic SET messages = ? WHERE api_id = ? AND address = ?")
        .bind(messages, registered.api.id, `case/${i}`)
        .run();
    }
  }
}, LINT_MS);

describe("by a message's schema", () => {
  it.each(GROUPS.map(({ description, tests }, i) => ({ description, tests, i })))(
    "$description",
    async ({ tests, i }) => {
      const api = apis[Math.floor(i / CHANNELS_PER_API_MAX)];
      for (const { description, data, valid } of tests) {
        const path = `/case/${i % CHANNELS_PER_API_MAX}`;
        const answer = await publisher.publish(path, api?.token ?? "", {}, JSON.stringify(data));
        expect(answer.status, description).toBe(valid ? 200 : 422);
      }
    },
  );

  it("a good part of the events is taken, and a good part is not", () => {
    const all = GROUPS.flatMap(({ tests }) => tests);
    const valid = all.filter((test) => test.valid).length;
    expect(publisher.logs.appended).toHaveLength(valid);
    expect(Math.min(valid, all.length - valid)).toBeGreaterThan(200);
  });
});
