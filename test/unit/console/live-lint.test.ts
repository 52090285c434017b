import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type LintOutcome, LiveLint } from "../../../src/console/editor/live-lint.ts";

type Asked = { text: string; signal: AbortSignal; answer(value: string): void; fail(error: Error): void };

function begin() {
  const asked: Asked[] = [];
  const outcomes: LintOutcome<string>[] = [];
  const live = new LiveLint<string>({
    delayMs: 400,
    onOutcome: (outcome) => outcomes.push(outcome),
    lint: (text, signal) =>
      new Promise((answer, fail) => {
        asked.push({ text, signal, answer, fail });
      }),
  });
  return { live, asked, outcomes, last: () => outcomes.at(-1) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a document that is checked while it is written", () => {
  it("is asked about once nobody has typed for a while", async () => {
    const { live, asked, last } = begin();
    for (const text of ["a", "as", "asy"]) {
      live.check(text);
      await vi.advanceTimersByTimeAsync(399);
    }
    expect(asked).toEqual([]);
    expect(last()).toEqual({ state: "checking" });
    await vi.advanceTimersByTimeAsync(1);
    expect(asked.map(({ text }) => text)).toEqual(["asy"]);
  });

  it("shows the answer to its last text, in whatever order answers come", async () => {
    const { live, asked, outcomes, last } = begin();
    live.check("old");
    await vi.advanceTimersByTimeAsync(400);
    live.check("new");
    await vi.advanceTimersByTimeAsync(400);
    asked[1]?.answer("of the new one");
    await vi.advanceTimersByTimeAsync(0);
    asked[0]?.answer("of the old one");
    await vi.advanceTimersByTimeAsync(0);
    expect(asked[0]?.signal.aborted).toBe(true);
    expect(outcomes.filter(({ state }) => state === "checked")).toHaveLength(1);
    expect(last()).toEqual({ state: "checked", text: "new", answer: "of the new one" });
  });

  it("says that it could not be checked, and is checked again with the next letter", async () => {
    const { live, asked, last } = begin();
    live.check("a");
    await vi.advanceTimersByTimeAsync(400);
    asked[0]?.fail(new Error("no answer"));
    await vi.advanceTimersByTimeAsync(0);
    expect(last()).toEqual({ state: "failed", error: new Error("no answer") });
    live.check("ab");
    await vi.advanceTimersByTimeAsync(400);
    expect(asked).toHaveLength(2);
  });

  it("has nothing to check while it is empty", async () => {
    const { live, asked, last } = begin();
    live.check("text");
    live.check(" \n");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toEqual([]);
    expect(last()).toEqual({ state: "idle" });
  });

  it("says nothing any more once its page is left", async () => {
    const { live, asked, outcomes } = begin();
    live.check("text");
    await vi.advanceTimersByTimeAsync(400);
    live.stop();
    asked[0]?.fail(new Error("aborted"));
    await vi.advanceTimersByTimeAsync(0);
    expect(outcomes).toEqual([{ state: "checking" }]);
  });
});
