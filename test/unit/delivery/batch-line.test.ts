import { describe, expect, it } from "vitest";
import { type BatchLine, type ConsumerDeps, consumeWakes, type WakeMessage } from "../../../src/delivery/consumer.ts";
import type { LeaseLine } from "../../../src/delivery/lease-line.ts";
import type { LeaseAnswer, LeaseCall, Wake } from "../../../src/domain/delivery.ts";
import { ok } from "../../../src/kernel/result.ts";
import { Scheduler } from "../../simulation/scheduler.ts";

const WAKE: Wake = { v: 1, log: "topic/0", subscription: "s", slot: 0, token: "t" };
const DONE: LeaseAnswer = { kind: "done" };

/** Serves a batch of wakes by what their log answers to each; answers the lines and what became of the messages. */
async function serve(
  bodies: unknown[],
  answer: (call: LeaseCall, time: Scheduler) => Promise<LeaseAnswer> | LeaseAnswer,
) {
  const time = new Scheduler();
  const lines: (LeaseLine | BatchLine)[] = [];
  const fates: string[] = [];
  const deps: ConsumerDeps = {
    settleAndLease: async (_log, call) => ok(await answer(call, time)),
    prepareLease: async () => ok(async () => Promise.reject(new Error("nothing is leased here"))),
    disableSubscription: async () => {},
    collectNotices: async (log) => {
      if (log === "broken/0") throw new Error("nobody listens");
    },
    now: () => time.nowMs,
    sleep: (ms) => time.sleep(ms),
    newNonce: () => "nonce",
    report: (line) => void lines.push(line),
    waitUntil: () => {},
  };
  const messages = bodies.map(
    (body): WakeMessage => ({
      ...{ body, attempts: 1 },
      ack: () => void fates.push("ack"),
      retry: ({ delaySeconds }) => void fates.push(`retry ${delaySeconds}`),
    }),
  );
  consumeWakes(messages, deps);
  await time.run(60_000, 10_000);
  return { lines, fates };
}

const of = (subscription: string): Wake => ({ ...WAKE, subscription });

describe("a batch of wakes", () => {
  it("is one line, with what became of each", async () => {
    const { lines, fates } = await serve([of("a"), of("b"), of("c"), { v: 2 }], ({ subscription }) => {
      if (subscription === "c") throw new Error("a bug");
      return subscription === "b" ? { kind: "return", delaySeconds: 7 } : DONE;
    });
    expect(lines).toEqual([
      { what: "wakes", wakes: 4, unreadable: 1, done: 1, returned: 1, failed: 1, late: 0, ms: expect.any(Number) },
    ]);
    expect(fates.sort()).toEqual(["ack", "ack", "ack", "retry 7"]);
  });

  it("counts the calls for notices that came with them", async () => {
    const { lines, fates } = await serve(
      [
        { v: 1, notices: "topic/0" },
        { v: 1, notices: "broken/0" },
      ],
      () => DONE,
    );
    expect(lines).toMatchObject([{ wakes: 2, done: 1, failed: 1, late: 0 }]);
    expect(fates).toEqual(["ack", "ack"]);
  });

  it("is told when all of it has ended, with those that it did not wait for", async () => {
    const { lines, fates } = await serve([of("slow"), of("quick")], async ({ subscription }, time) => {
      if (subscription === "slow") await time.sleep(5_000);
      return DONE;
    });
    expect(lines).toMatchObject([{ wakes: 2, done: 2, late: 1, ms: 5_000 }]);
    expect(fates).toEqual(["ack", "ack"]);
  });
});
