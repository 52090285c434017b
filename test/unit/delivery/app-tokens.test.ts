import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createAppTokens } from "../../../src/delivery/app-tokens.ts";

const HOUR_MS = 3_600_000;

/** A signer that numbers its tokens; `hold` makes it wait for ever, as one in a cancelled request does. */
function makeSigner() {
  const state = { minted: [] as string[], hold: false, fail: false, nowMs: 1_000_000 };
  const mint = async (appClientId: string) => {
    state.minted.push(appClientId);
    const token = `${appClientId}#${state.minted.length}`;
    if (state.hold) await new Promise<void>(() => {});
    if (state.fail) throw new Error("no key");
    return { token, expiresMs: state.nowMs + HOUR_MS };
  };
  return { state, appToken: createAppTokens({ mint, now: () => state.nowMs }) };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("createAppTokens", () => {
  it("signs once for an app, and for each app its own", async () => {
    const { state, appToken } = makeSigner();
    expect([await appToken("a"), await appToken("a"), await appToken("b"), await appToken("a")]).toEqual([
      "a#1",
      "a#1",
      "b#2",
      "a#1",
    ]);
    expect(state.minted).toEqual(["a", "b"]);
  });

  it("signs once where many ask at the same time", async () => {
    const { state, appToken } = makeSigner();
    const tokens = await Promise.all(Array.from({ length: 50 }, () => appToken("a")));
    expect(new Set(tokens)).toEqual(new Set(["a#1"]));
    expect(state.minted).toEqual(["a"]);
  });

  it("renews shortly before the token expires, not earlier", async () => {
    const { state, appToken } = makeSigner();
    await appToken("a");
    state.nowMs += HOUR_MS - 6 * 60_000;
    expect(await appToken("a")).toBe("a#1");
    state.nowMs += 2 * 60_000;
    expect(await appToken("a")).toBe("a#2");
  });

  it("passes a failure on to all who wait, and tries again", async () => {
    const { state, appToken } = makeSigner();
    state.fail = true;
    const results = await Promise.allSettled([appToken("a"), appToken("a")]);
    expect(results.map((result) => result.status)).toEqual(["rejected", "rejected"]);
    state.fail = false;
    expect(await appToken("a")).toBe("a#2");
  });

  it("does not wait for ever for a signature that another request began", async () => {
    const { state, appToken } = makeSigner();
    state.hold = true;
    void appToken("a");
    state.hold = false;
    const waiting = Promise.all(Array.from({ length: 20 }, () => appToken("a")));
    await vi.runAllTimersAsync();
    expect(new Set(await waiting)).toEqual(new Set(["a#2"]));
    expect(state.minted).toEqual(["a", "a"]);
  });

  it("leaves no timer behind", async () => {
    const { appToken } = makeSigner();
    await Promise.all([appToken("a"), appToken("a")]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("forgets the oldest app beyond its bound", async () => {
    const { state, appToken } = makeSigner();
    for (let i = 0; i <= 1_000; i++) await appToken(`app-${i}`);
    await appToken("app-1");
    expect(state.minted).toHaveLength(1_001);
    await appToken("app-0");
    expect(state.minted).toHaveLength(1_002);
  });

  it("keeps apps apart whose ids look like an object's own properties", async () => {
    const { appToken } = makeSigner();
    expect(await appToken("__proto__")).toBe("__proto__#1");
    expect(await appToken("constructor")).toBe("constructor#2");
  });
});
