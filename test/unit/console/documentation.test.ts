import { describe, expect, it } from "vitest";
import { sample } from "../../../src/console/documentation/bounded-sample.ts";
import { marked } from "../../../src/console/documentation/plain-markdown.ts";

describe("an example that the renderer asks for", () => {
  it.each([
    [
      { type: "object", properties: { id: { type: "string", format: "uuid" } } },
      { id: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    ],
    [{ type: "array", items: { type: "integer", minimum: 3 } }, [3]],
    [{ const: "c", default: "d" }, "c"],
    [{ default: false }, false],
    [{ examples: ["first", "second"], enum: ["listed"] }, "first"],
    [{ oneOf: [{ enum: ["a", "b"] }, { type: "null" }] }, "a"],
    [{ allOf: [{ properties: { a: { const: 1 } } }, { properties: { b: { const: 2 } } }] }, { a: 1, b: 2 }],
    [{ type: "object" }, {}],
    [true, null],
  ])("of %j is %j", (schema, expected) => {
    expect(sample(schema)).toEqual(expected);
  });

  it("is small, whatever the schema stands for", () => {
    const schemas: Record<string, object>[] = Array.from({ length: 40 }, () => ({}));
    for (const schema of schemas) {
      Object.assign(schema, {
        type: "object",
        properties: Object.fromEntries(schemas.map((other, n) => [`to${n}`, other])),
      });
    }
    expect(JSON.stringify(sample(schemas[0])).length).toBeLessThan(10_000);
  });
});

describe("what the renderer puts into the page", () => {
  const highlight = (code: string, language: string): string => `[${language}] ${code.replaceAll("<", "&lt;")}`;

  it("is a description without HTML, and without addresses that run something", () => {
    const html = marked("**bold** <img src=x onerror=alert(1)> [a](javascript:alert(1)) [b](https://b.example)", {
      highlight,
    });
    expect(html).toContain("<strong>bold</strong> &lt;img src=x onerror=alert(1)&gt;");
    expect(html.match(/<a [^>]*>/g)).toEqual(['<a href="https://b.example/" rel="nofollow noopener noreferrer">']);
  });

  it("is an example as it is, fences in it or not", () => {
    const json = '{\n  "a": "```\\n</code><script>"\n}';
    const html = marked(`\`\`\`json\n${json}\n\`\`\``, { highlight });
    expect(html).toBe(`<pre tabindex="0"><code>[json] ${json.replaceAll("<", "&lt;")}</code></pre>`);
  });
});
