import { describe, expect, it } from "vitest";
import { lintDocument, RELAY_PROFILE, readDocument } from "../../../src/asyncapi/lint-document.ts";
import { document2, document3, lintErrors } from "../../support/asyncapi.ts";

// The first document loads AsyncAPI's parser; workerd has another stack than Node.
const SLOW = { timeout: 120_000 };

const HEAD = "asyncapi: 3.0.0\ninfo: {title: T, version: '1'}\nchannels: {c: {address: c}}\n";

const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;
const schemaRef = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const withPayload = (payload: unknown, schemas: Record<string, unknown> = {}): string =>
  document3({ c: { address: "c", messages: { m: { payload } } } }, { components: { schemas } });

describe("linting in workerd", SLOW, () => {
  it("reads YAML and JSON alike", async () => {
    const yaml = "asyncapi: 3.0.0\ninfo: {title: Orders, version: '1'}\nchannels:\n  c: {address: c}\n";
    const [fromYaml, fromJson] = [await readDocument(yaml), await readDocument(document3({ c: { address: "c" } }))];
    expect(fromYaml.ok && fromJson.ok && fromYaml.value.api).toEqual(fromJson.ok && fromJson.value.api);
  });

  it("takes a document as deep as it may be, and refuses one that is deeper", async () => {
    expect(await lintErrors(`${HEAD}x-deep: ${nested(120)}`)).toEqual([]);
    for (const depth of [200, 100_000]) {
      expect(await lintErrors(`${HEAD}x-deep: ${nested(depth)}`)).toEqual(["relay-document-too-deep"]);
    }
  });

  it("takes a payload schema that is deep within these bounds", async () => {
    let schema: unknown = { type: "string" };
    for (let n = 0; n < 50; n++) schema = { type: "object", properties: { p: schema } };
    expect(await lintErrors(withPayload(schema))).toEqual([]);
  });

  it("lets references go round in circles", async () => {
    const schemas = {
      Tree: {
        type: "object",
        properties: { kids: { type: "array", items: schemaRef("Tree") }, leaf: schemaRef("Leaf") },
      },
      Leaf: { type: "object", properties: { of: schemaRef("Tree") } },
    };
    const read = await readDocument(withPayload(schemaRef("Tree"), schemas));
    expect(read.ok && read.value.api.channels[0]?.messages[0]?.schema).toMatchObject({ definitions: { Leaf: {} } });
  });

  it.each([
    [
      "aliases",
      `${HEAD}a0: &a0 [1,1,1,1,1,1,1,1,1]\n${Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`).join("\n")}`,
    ],
    [
      "merged maps",
      `${HEAD}a0: &a0 {k: 1}\n${Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} {x: *a${i}, y: *a${i}}`).join("\n")}`,
    ],
    [
      "references in a payload",
      withPayload(
        schemaRef("s30"),
        Object.fromEntries([
          ["s0", { type: "string" }],
          ...Array.from({ length: 30 }, (_, i) => [
            `s${i + 1}`,
            { properties: { a: schemaRef(`s${i}`), b: schemaRef(`s${i}`) } },
          ]),
        ]),
      ),
    ],
  ])("refuses what stands for billions of values: %s", async (_, text) => {
    expect(await lintErrors(text)).toEqual(["relay-document-too-complex"]);
  });

  it("goes on after a document that was too complex as if nothing had been", async () => {
    const bomb = `${HEAD}a: &a [1]\n${Array.from({ length: 20 }, (_, i) => `b${i}: &b${i} [${`*${i === 0 ? "a" : `b${i - 1}`},`.repeat(9)}]`).join("\n")}`;
    await lintDocument(bomb, RELAY_PROFILE);
    expect(await lintErrors(document3({ c: { address: "c" } }))).toEqual([]);
    expect(await lintErrors(document2({ c: { subscribe: { message: 5 } } }))).not.toEqual([]);
  });

  it("runs no pattern of a document that never ends", async () => {
    const message = {
      payload: { type: "string", pattern: "^(([a-z])+.)+[A-Z]([a-z])+$" },
      examples: [{ payload: `${"a".repeat(60)}!` }],
    };
    const { diagnostics } = await lintDocument(document2({ c: { subscribe: { message } } }), RELAY_PROFILE);
    expect(diagnostics.map(({ code }) => code)).toContain("asyncapi2-message-examples");
  });

  it("answers whatever is nothing but noise", async () => {
    for (const noise of ["[", "{a: ", '{"a":', "- ", "&a [", "\0", '"\\q', "? ", "---\n", "*a "]) {
      expect((await lintErrors(noise.repeat(20_000))).length).toBeGreaterThan(0);
    }
  });

  it("refuses a reference to somewhere else where it stands", async () => {
    for (const target of ["http://127.0.0.1:9/x", "https://example.com/x.json#/a", "file:///etc/passwd", "./x.yaml"]) {
      expect(await lintErrors(withPayload({ $ref: target }))).toEqual([
        "invalid-ref /channels/c/messages/m/payload/$ref",
      ]);
    }
  });
});
