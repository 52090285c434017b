import { describe, expect, it } from "vitest";
import { readTraceContext, traceIdOf } from "../../../src/domain/trace-context.ts";
import { TRACESTATE_CHARS_MAX } from "../../../src/kernel/limits.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";
const PARENT = `00-${TRACE}-${SPAN}-01`;

const parentOf = (text: string | null) => readTraceContext(text, null).traceparent;
const stateOf = (text: string, parent: string | null = PARENT) => readTraceContext(parent, text).tracestate;

describe("a traceparent", () => {
  it.each([PARENT, `00-${TRACE}-${SPAN}-00`, `00-${TRACE}-${SPAN}-ff`])("of version 00 stays as it is: %s", (text) => {
    expect(parentOf(text)).toBe(text);
  });

  it.each([
    [`01-${TRACE}-${SPAN}-01`, PARENT],
    [`cc-${TRACE}-${SPAN}-03-what-comes-then`, PARENT],
    [`fe-${TRACE}-${SPAN}-fe`, `00-${TRACE}-${SPAN}-00`],
  ])("of a later version goes on as version 00 (§3.2.4): %s", (text, goesOn) => {
    expect(parentOf(text)).toBe(goesOn);
  });

  it.each([
    ["nothing", ""],
    ["two of them", `${PARENT}, ${PARENT}`],
    ["capitals", PARENT.toUpperCase()],
    ["no trace", `00-${"0".repeat(32)}-${SPAN}-01`],
    ["no span", `00-${TRACE}-${"0".repeat(16)}-01`],
    ["a short trace", `00-${TRACE.slice(1)}-${SPAN}-01`],
    ["no flags", `00-${TRACE}-${SPAN}`],
    ["more than version 00 has", `${PARENT}-more`],
    ["the version that is none", `ff-${TRACE}-${SPAN}-01`],
    ["a later version without its dash", `01-${TRACE}-${SPAN}-01more`],
    ["a later version without a trace", `01-${"0".repeat(32)}-${SPAN}-01`],
    ["a line break", `${PARENT}\r\nx: y`],
    ["a long one", `01-${TRACE}-${SPAN}-01-${"\n".repeat(10_000)}`],
  ])("that is not well formed is ignored: %s", (_, text) => {
    expect(readTraceContext(text, "a=1")).toEqual({ traceparent: null, tracestate: null });
  });

  it("has the id that its spans share", () => {
    expect([traceIdOf(PARENT), traceIdOf(null)]).toEqual([TRACE, null]);
  });
});

describe("a tracestate", () => {
  it.each([
    ["rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"],
    ["a=1 ,\t b=2,, ,c=3", "a=1,b=2,c=3"],
    ["tenant@vendor=x y;z", "tenant@vendor=x y;z"],
    ["9a/_-*=1", "9a/_-*=1"],
    [Array.from({ length: 32 }, (_, i) => `k${i}=1`).join(), Array.from({ length: 32 }, (_, i) => `k${i}=1`).join()],
  ])("goes along in its order: %s", (text, goesOn) => {
    expect(stateOf(text)).toBe(goesOn);
  });

  it("goes nowhere without its traceparent", () => {
    expect([stateOf("a=1", null), stateOf("a=1", "00-broken")]).toEqual([null, null]);
  });

  it.each([
    ["nothing", ""],
    ["only commas", ",,"],
    ["no value", "a="],
    ["no key", "=1"],
    ["no equals sign", "a"],
    ["capitals in a key", "A=1"],
    ["an equals sign in a value", "a=1=2"],
    ["a key twice", "a=1,b=2,a=3"],
    ["control characters", "a=1\u0000"],
    ["a line break", "a=1\r\nx: y"],
    ["another script", "a=ключ"],
    ["too long a value", `a=${"x".repeat(257)}`],
    ["too many members", Array.from({ length: 33 }, (_, i) => `k${i}=1`).join()],
  ])("that is not well formed is ignored, and its traceparent goes on: %s", (_, text) => {
    expect(readTraceContext(PARENT, text)).toEqual({ traceparent: PARENT, tracestate: null });
  });

  it("that is too long loses whole members: the long ones first, then from its end (§3.3.3.1)", () => {
    const member = (key: string, chars: number) => `${key}=${"x".repeat(chars - 2)}`;
    const [long, a, b, c, d, e] = [member("l", 200), ...["a", "b", "c", "d", "e"].map((key) => member(key, 100))];
    expect(stateOf([long, a, b, c].join())).toBe([long, a, b, c].join());
    expect(stateOf([long, a, b, c, d].join())).toBe([a, b, c, d].join());
    expect(stateOf([a, b, c, d, e].join())).toBe([a, b, c, d, e].join());
    const last = member("f", TRACESTATE_CHARS_MAX - 5 * 101);
    expect(stateOf([a, b, c, d, e, last].join())).toHaveLength(TRACESTATE_CHARS_MAX);
    expect(stateOf([a, b, c, d, e, `${last}x`].join())).toBe([a, b, c, d, e].join());
  });
});
