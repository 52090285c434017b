import { describe, expect, it } from "vitest";
import { readFilter, writeFilter } from "../../../../src/console/pages/subscriptions/fields/filter-draft.ts";
import { readPairs, writePairs } from "../../../../src/console/pages/subscriptions/fields/pairs-draft.ts";
import { changesOf } from "../../../../src/console/pages/subscriptions/settings/changes.ts";
import { readPace, toPaceDraft } from "../../../../src/console/pages/subscriptions/settings/pace-draft.ts";
import {
  EMPTY_DRAFT,
  findLack,
  isEndpoint,
  reachStep,
  stepOf,
  toNewSubscription,
} from "../../../../src/console/pages/subscriptions/wizard/subscription-draft.ts";
import { toMoment } from "../../../../src/console/parts/local-time.ts";

const DONE = { ...EMPTY_DRAFT, apiId: "api", appId: "app", endpoint: " https://hooks.example.com/in " };

describe("the steps to a subscription", () => {
  it("lead no further than the first that lacks something", () => {
    expect(reachStep("delivery", EMPTY_DRAFT)).toBe("api");
    expect(reachStep("delivery", { ...DONE, endpoint: "" })).toBe("endpoint");
    expect(reachStep("delivery", { ...DONE, channels: [] })).toBe("events");
    expect(reachStep("delivery", DONE)).toBe("delivery");
    expect(reachStep("events", DONE)).toBe("events");
    expect(reachStep("nonsense", DONE)).toBe("api");
    expect(reachStep(undefined, DONE)).toBe("api");
  });

  it("say what they lack", () => {
    expect(findLack("events", { ...DONE, filter: "[1]" })).toMatch(/filter/);
    expect(findLack("endpoint", { ...DONE, endpoint: "javascript:alert(1)" })).toMatch(/URL/);
    expect(findLack("endpoint", { ...DONE, endpoint: "", isLive: true })).toBeNull();
    expect(findLack("delivery", { ...DONE, start: "time" })).toMatch(/time/);
  });

  it("find the step of what the relay refused", () => {
    expect(stepOf("/endpoint")).toBe("endpoint");
    expect(stepOf("retry.schedule.0")).toBe("delivery");
    expect(stepOf("filter")).toBe("events");
    expect(stepOf("something")).toBeNull();
  });

  it("send what was chosen, and nothing that was not", () => {
    expect(toNewSubscription(DONE)).toEqual({
      ...{ apiId: "api", channels: null, start: "latest", endpoint: "https://hooks.example.com/in" },
      ...{ format: "standard", structured: false, eventPath: null },
    });
    const live = toNewSubscription({ ...DONE, isLive: true, retry: { ...DONE.retry, kind: "schedule" } });
    expect(live).toEqual({ apiId: "api", channels: null, start: "latest" });
    const startTime = "2026-11-22T10:00";
    const late = toNewSubscription({ ...DONE, start: "time", startTime, filter: '{"type":"object"}' });
    expect(late).toMatchObject({ start: new Date(startTime).toISOString(), filter: { type: "object" } });
  });
});

describe("what people write", () => {
  it("is an endpoint where it is the address of a web server", () => {
    expect(["https://a.example", "http://127.0.0.1:9/x?y"].every(isEndpoint)).toBe(true);
    expect(["", "a.example", "ftp://a.example", "https://"].some(isEndpoint)).toBe(false);
  });

  it("is a moment, or none", () => {
    expect(toMoment("")).toBeNull();
    expect(toMoment("soon")).toBeNull();
  });

  it("is a filter, none, or a mistake that is said", () => {
    expect(readFilter("  ")).toEqual({ ok: true, value: null });
    expect(readFilter("{")).toMatchObject({ ok: false, error: expect.stringContaining("JSON") });
    for (const text of ["[]", "null", "3", '"x"']) expect(readFilter(text).ok).toBe(false);
    const filter = { properties: { key: { const: "k" } } };
    expect(readFilter(writeFilter(filter))).toEqual({ ok: true, value: filter });
  });

  it("is headers, a line each", () => {
    expect(readPairs("X-Team: blue\n\n x-note : a: b ")).toEqual({
      ok: true,
      value: { "X-Team": "blue", "x-note": "a: b" },
    });
    expect(readPairs("no colon").ok).toBe(false);
    expect(readPairs("a: 1\na: 2").ok).toBe(false);
    expect(readPairs("__proto__: x")).toEqual({ ok: true, value: Object.fromEntries([["__proto__", "x"]]) });
    expect(writePairs({ a: "1", b: "2" })).toBe("a: 1\nb: 2");
  });

  it("is a pace, whole and above nothing", () => {
    const pace = { timeoutSeconds: 15, maxInFlight: 4, rateLimit: { perSecond: 2.5, burst: 3 } };
    expect(readPace(toPaceDraft(pace))).toEqual({ ok: true, value: pace });
    const draft = { timeoutSeconds: "15", maxInFlight: "", perSecond: "", burst: "" };
    expect(readPace(draft)).toMatchObject({ value: { maxInFlight: null, rateLimit: null } });
    expect(readPace({ ...draft, perSecond: "7.9" })).toMatchObject({ value: { rateLimit: { burst: 7 } } });
    expect(readPace({ ...draft, timeoutSeconds: "", perSecond: "-1" })).toMatchObject({
      error: { timeoutSeconds: expect.any(String), perSecond: expect.any(String) },
    });
  });

  it("is sent as far as it differs", () => {
    expect(changesOf({ a: 1, b: [1], c: null }, { a: 1, b: [2], c: null })).toEqual({ b: [2] });
  });
});
