import { describe, expect, it } from "vitest";
import { writeFamilies } from "../../../../src/http/metrics/prometheus.ts";
import { readPrometheusText } from "../../../support/prometheus-text.ts";

const written = (channel: string, value = 1, help = "help"): string =>
  writeFamilies([{ name: "a_total", type: "counter", help, samples: [{ labels: { channel, shard: "0" }, value }] }]);

const readBack = (text: string) => readPrometheusText(text).get("a_total");

it("writes a metric with its help, its type and its samples", () => {
  const samples = [
    { labels: {}, value: 3 },
    { labels: { kind: "x", of: "y" }, value: 0.25 },
  ];
  expect(writeFamilies([{ name: "waiting", type: "gauge", help: "What waits.", samples }])).toBe(
    '# HELP waiting What waits.\n# TYPE waiting gauge\nwaiting 3\nwaiting{kind="x",of="y"} 0.25\n',
  );
});

it("leaves out what has no sample", () => {
  expect(writeFamilies([{ name: "none", type: "gauge", help: "", samples: [] }])).toBe("");
});

describe("a hostile channel", () => {
  it.each([
    ["quotes", 'a"} 1\na_total{channel="b'],
    ["a line of its own", "a\n# TYPE b gauge\nb 1"],
    ["backslashes", "a\\"],
    ["a backslash before a quote", 'a\\"'],
    ["what looks like an escape", "a\\n"],
    ["braces and commas", 'x",y="z{},'],
    ["other line ends", "a\r\u2028\u0085b"],
    ["other scripts", "ключ/鍵/🔑"],
  ])("stays within its label: %s", (_, channel) => {
    const family = readBack(written(channel));
    expect(family?.samples).toEqual([{ labels: { channel, shard: "0" }, value: 1 }]);
  });

  it("with half a character is still UTF-8", () => {
    const bytes = new TextEncoder().encode(written("a\ud800b"));
    expect(
      readBack(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes))?.samples[0]?.labels.channel,
    ).toBe("a\ufffdb");
  });
});

it("keeps a help of several lines on one", () => {
  expect(readBack(written("c", 1, "one\ntwo \\ three"))?.help).toBe("one\ntwo \\ three");
});

it.each([
  [0, "0"],
  [1e21, "1e+21"],
  [Number.MAX_SAFE_INTEGER, "9007199254740991"],
  [Number.POSITIVE_INFINITY, "+Inf"],
  [Number.NEGATIVE_INFINITY, "-Inf"],
  [Number.NaN, "NaN"],
])("writes %s as Go reads it", (value, text) => {
  expect(written("c", value)).toContain(` ${text}\n`);
  expect(readBack(written("c", value))?.samples[0]?.value).toBe(value);
});
