import { describe, expect, it } from "vitest";
import { document3, readInvalid, readValid } from "../../support/asyncapi.ts";

// The YAML package has another build for workerd, and workerd another stack than Node.
describe("reading a document in workerd", () => {
  it("reads YAML and JSON", () => {
    const yaml = "asyncapi: 3.0.0\ninfo: {title: Orders, version: '1'}\nchannels:\n  c: {address: /c}\n";
    expect(readValid(yaml)).toEqual(readValid(document3({ c: { address: "c" } })));
  });

  it("reads what is as deep as a document may be, and refuses what is deeper", () => {
    const deep = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
    const text = (levels: number) => `${document3({ c: { address: "c" } }).slice(0, -1)},"x":${deep(levels)}}`;
    expect(readValid(text(127)).title).toBe("Orders");
    for (const levels of [128, 100_000])
      expect(readInvalid(text(levels))).toMatchObject([{ code: "document-too-deep" }]);
  });

  it("survives more bad escapes than would fit into memory with a stack each", () => {
    expect(readInvalid(`"${"\\q".repeat(500_000)}"`)[0]).toMatchObject({ code: "yaml-bad-dq-escape" });
  });
});
