import { expect, it } from "vitest";
import { type ConsumerDeps, consumeWakes, type WakeMessage } from "../../../src/delivery/consumer.ts";
import type { LeaseCall } from "../../../src/domain/delivery.ts";
import { ok } from "../../../src/kernel/result.ts";
import { recordedCalls, VERSIONS } from "../../support/versions.ts";

/** A consumer whose logs have no work, and what they were asked. */
function consumer(): { deps: ConsumerDeps; asked: [string, LeaseCall][]; collected: string[] } {
  const asked: [string, LeaseCall][] = [];
  const collected: string[] = [];
  const deps: ConsumerDeps = {
    settleAndLease: async (log, call) => {
      asked.push([log, call]);
      return ok({ kind: "done" });
    },
    prepareLease: () => Promise.reject(new Error("there is no lease")),
    disableSubscription: async () => {},
    collectNotices: async (log) => {
      collected.push(log);
      if (log === "broken/0") throw new Error("the registry is down");
    },
    now: () => 0,
    sleep: () => new Promise(() => {}),
    newNonce: () => "nonce",
    report: () => {},
    waitUntil: () => {},
  };
  return { deps, asked, collected };
}

/** A queue's message, and what became of it. */
function message(body: unknown): WakeMessage & { settled: string[] } {
  const settled: string[] = [];
  return { body, attempts: 1, settled, ack: () => settled.push("ack"), retry: () => settled.push("retry") };
}

it.each(VERSIONS)("serves a wake that version %i has sent", async (version) => {
  const { deps, asked } = consumer();
  const { wake } = recordedCalls(version);
  const sent = message(wake);
  await consumeWakes([sent], deps);
  expect(asked).toMatchObject([[wake.log, { subscription: wake.subscription, slot: wake.slot, token: wake.token }]]);
  expect(sent.settled).toEqual(["ack"]);
});

it("drops what is no wake of any version that it knows, and serves the others: the log's alarm sends new ones", async () => {
  const { deps, asked } = consumer();
  const { wake } = recordedCalls(1);
  const strange = [{ ...wake, v: 2 }, { ...wake, slot: -1 }, { ...wake, log: "x".repeat(201) }, null, "wake", {}].map(
    message,
  );
  const known = message(wake);
  await consumeWakes([...strange, known], deps);
  expect(asked).toHaveLength(1);
  for (const { settled } of [...strange, known]) expect(settled).toEqual(["ack"]);
});

it("comes for the notices of a log that calls, whatever becomes of the others'", async () => {
  const { deps, asked, collected } = consumer();
  const calls = ["broken/0", "topic/0"].map((notices) => message({ v: 1, notices }));
  const strange = [
    { v: 1, notices: 7 },
    { v: 1, notices: "x".repeat(201) },
  ].map(message);
  const wake = message(recordedCalls(1).wake);
  await consumeWakes([...calls, ...strange, wake], deps);
  expect(collected).toEqual(["broken/0", "topic/0"]);
  expect(asked).toHaveLength(1);
  for (const { settled } of [...calls, ...strange, wake]) expect(settled).toEqual(["ack"]);
});
