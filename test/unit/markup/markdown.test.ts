import { describe, expect, it } from "vitest";
import { renderInline, renderMarkdown, renderSummary } from "../../../src/markup/markdown.ts";
import { webLink } from "../../../src/markup/web-link.ts";

const rendered = (text: string): string => String(renderMarkdown(text));
const inline = (text: string): string => String(renderInline(text));

describe("a description", () => {
  it.each([
    ["one\ntwo\n\nthree", "<p>one\ntwo</p><p>three</p>"],
    ["# Orders\ntext", "<p><strong>Orders</strong></p><p>text</p>"],
    ["- one\n* two\n  goes on\n\n- three", "<ul><li>one</li><li>two\ngoes on</li></ul><ul><li>three</li></ul>"],
    ["text\n1. one\n2) two", "<p>text</p><ol><li>one</li><li>two</li></ol>"],
    ["```json\n{\n\n}\n```\nafter", '<pre tabindex="0">{\n\n}</pre><p>after</p>'],
    ["```\nnever *closed*", '<pre tabindex="0">never *closed*</pre>'],
    ["one\r\n\r\ntwo", "<p>one</p><p>two</p>"],
    ["", ""],
    ["#hash-tag and 5. five", "<p>#hash-tag and 5. five</p>"],
  ])("has paragraphs, headings, lists and code: %j", (text, expected) => {
    expect(rendered(text)).toBe(expected);
  });

  it.each([
    ["`a*b*`", "<code>a*b*</code>"],
    ["**strong** and *plain* and _under_", "<strong>strong</strong> and <em>plain</em> and <em>under</em>"],
    ["**has `code`**", "<strong>has <code>code</code></strong>"],
    ["snake_case_name, 2 * 3 * 4, __init__", "snake_case_name, 2 * 3 * 4, __init__"],
    ["unclosed *star, `tick and [label](", "unclosed *star, `tick and [label]("],
  ])("has marks within its lines: %j", (text, expected) => {
    expect(inline(text)).toBe(expected);
  });

  it("has links to the web", () => {
    const open = '<a href="https://example.com/a?b=1&amp;c=2" rel="nofollow noopener noreferrer">';
    expect(inline("[*docs*](https://example.com/a?b=1&c=2)")).toBe(`${open}<em>docs</em></a>`);
    expect(inline("see https://example.com/a?b=1&c=2.")).toBe(`see ${open}https://example.com/a?b=1&amp;c=2</a>.`);
  });

  it.each([
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert`1`)",
    "[x](data:text/html,<script>)",
    "[x](//example.com)",
    "[x](/v1/apis)",
    "[x](vbscript:x)",
    "[x](https://)",
    "[x](&#106;avascript:alert(1))",
  ])("has no other links: %j", (text) => {
    expect(inline(text)).not.toContain("<a");
  });

  it.each([
    "<script>alert(1)</script>",
    '<img src="x" onerror="alert(1)">',
    '[x](https://example.com/"onmouseover="alert(1))',
    "[<b>](https://example.com/<b>)",
    "`<b>`",
    "**<b>**",
    "# <b>",
    "- <b>",
    "```\n<b>\n```",
    'https://example.com/"><script>',
    "https://example.com/'onclick='x",
  ])("has no HTML of its own: %j", (text) => {
    const tags = rendered(text).replaceAll(
      /<\/?(?:p|strong|ul|li|pre(?: tabindex="0")?|code|a(?: href="[^"<>]*" rel="[^"<>]*")?)>/g,
      "",
    );
    expect(tags).not.toMatch(/[<>"']/);
  });

  it("is read to its end, whatever is in it", () => {
    const signs = ["*", "_", "`", "[", "**a", "[a](", "https://a", "_a ", "[a](http://b"];
    for (const sign of signs) expect(rendered(`a ${sign.repeat(20_000)}`).length).toBeGreaterThan(20_000);
  });

  it.each([
    ["#", "<p><strong>a\u2028b</strong></p>"],
    ["-", "<ul><li>a\u2028b</li></ul>"],
    ["1.", "<ol><li>a\u2028b</li></ol>"],
  ])("has whole lines, separators of other systems within them: %s", (mark, html) => {
    expect(rendered(`${mark}${" ".repeat(10_000)}a\u2028b`)).toBe(html);
  });

  it.each(["https://..", "see https://?!", "https://:1."])("stays as it is where it is no address: %s", (text) => {
    expect(rendered(text)).toBe(`<p>${text}</p>`);
  });

  it("is summed up by its first paragraph, no longer than asked", () => {
    expect(String(renderSummary("# Title\n\n- list\n\nFirst *one*.\n\nSecond.", 100))).toBe("First <em>one</em>.");
    expect(String(renderSummary(`${"a".repeat(9)}😀 and more`, 10))).toBe(`${"a".repeat(9)}…`);
    expect(String(renderSummary("", 100))).toBe("");
  });
});

describe("a link", () => {
  it.each([
    ["https://example.com/", "https://example.com/"],
    ["HTTP://example.com/x", "http://example.com/x"],
    [`https://example.com/"><b>`, "https://example.com/%22%3E%3Cb%3E"],
  ])("leads to the web: %s", (address, href) => {
    expect(String(webLink(address))).toContain(`<a href="${href}" rel="nofollow noopener noreferrer">`);
  });

  it.each([
    "javascript:alert(1)",
    " https://example.com",
    "mailto:a@example.com",
    "example.com",
    "https://",
    "",
    "\thttp://x",
  ])("leads nowhere else: %j", (address) => {
    expect(webLink(address)).toBeNull();
  });
});
