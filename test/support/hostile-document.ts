import { document3 } from "./asyncapi.ts";

const SCRIPT = "<script>alert('script')</script><img src=x onerror=alert('image')><form action=/v1><input></form>";
const MUTUAL_SCHEMAS = 6;

/** An AsyncAPI document that wants more than to be read, and has no end where it is written out. */
export function hostileDocument(): string {
  const names = Array.from({ length: MUTUAL_SCHEMAS }, (_, n) => `S${n}`);
  const others = Object.fromEntries(names.map((name) => [`to${name}`, { $ref: `#/components/schemas/${name}` }]));
  const schemas = Object.fromEntries(
    names.map((name) => [name, { type: "object", description: SCRIPT, properties: others }]),
  );
  const wild = {
    type: "object",
    title: SCRIPT,
    properties: { [SCRIPT]: { description: SCRIPT, pattern: "</style>", enum: [SCRIPT, 1, null] } },
    required: [SCRIPT],
    oneOf: [{ title: "One" }, { title: SCRIPT }],
  };
  const endless = {
    ...{ name: SCRIPT, title: SCRIPT, summary: SCRIPT, contentType: "application/json" },
    externalDocs: { url: "javascript:alert('docs')", description: SCRIPT },
    headers: { type: "object", properties: { h: { $ref: "#/components/schemas/S0" } } },
    payload: { $ref: "#/components/schemas/S0" },
    traits: [{ description: SCRIPT, tags: [{ name: SCRIPT, externalDocs: { url: "javascript:alert('tag')" } }] }],
  };
  const examples = [{ name: SCRIPT, summary: SCRIPT, payload: { [SCRIPT]: "</pre></main></body>```\n```" } }];
  const description = `${SCRIPT} [a link](javascript:alert('link')) ![](http://tracker.example/pixel.png) [web](https://example.com)`;
  return document3(
    {
      "a-channel": {
        ...{ address: "a/{p}", description, parameters: { p: { description: SCRIPT } } },
        messages: { endless, wild: { payload: wild, examples } },
      },
      "b-channel": { address: "b", messages: { list: { payload: { $ref: "#/components/schemas/list" } } } },
    },
    {
      info: {
        title: `Hostile ${SCRIPT}`,
        version: "1",
        description: `${description}\n\n${"a-word-without-end".repeat(50)}`,
      },
      components: { schemas: { ...schemas, list: { type: "array", items: { $ref: "#/components/schemas/list" } } } },
    },
  );
}
