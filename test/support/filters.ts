import { utf8Bytes } from "../../src/kernel/encoding.ts";
import { type LogFixture, settlesOf } from "./log-fixture.ts";

/** Filters as a log has them, events for them, and the consumers that a test of them needs. */

export const textOf = (schema: unknown): string => JSON.stringify(schema);

/** The filter that asks this of the payload. */
export const ofData = (schema: unknown): string => textOf({ properties: { data: schema } });

export const order = (status: string) => ({ body: utf8Bytes(textOf({ status })) });

/** The orders that have this status. */
export const orders = (status: string): string =>
  ofData({ type: "object", required: ["status"], properties: { status: { const: status } } });

export const OPEN_ORDERS = orders("open");

export const NUMBERS = ofData({ items: { type: "number" } });

/** Something that costs about so many steps to look through. */
export const numbers = (count: number) => utf8Bytes(textOf(new Array(count).fill(1)));

/** It costs 20,000 steps to see that the last of them is no number. */
export const NO_NUMBERS = utf8Bytes(`[${"1,".repeat(20_000)}"one"]`);

const EMPTY_CALLS_MAX = 50;

/** What consumers are given, call after call, as long as there is something; in the order it comes. */
export function drain(f: LogFixture): { seqs: number[]; leases: number } {
  const seqs: number[] = [];
  for (let leases = 0; ; leases++) {
    let answer = f.call({ nonce: "drain" });
    for (let n = 0; answer.kind === "return" && n < EMPTY_CALLS_MAX; n++) answer = f.call({ nonce: "drain" });
    if (answer.kind !== "lease") return { seqs, leases };
    seqs.push(...answer.lease.items.flatMap(({ events }) => events.map(({ seq }) => seq)));
    f.call({ nonce: "drain", ordinal: 2, settles: settlesOf(answer.lease), wantsMore: false });
  }
}

/** How many wakes it sends. */
export async function countWakes(f: LogFixture, act: () => void): Promise<number> {
  await f.flush();
  f.wakes.length = 0;
  act();
  await f.flush();
  return f.wakes.length;
}
