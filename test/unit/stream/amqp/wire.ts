import { createRequire } from "node:module";
import type { Connection } from "rhea";
import { expect } from "vitest";
import { soon } from "../../../support/soon.ts";
import type { AmqpWorld } from "./amqp-world.ts";

// What a client that means harm would write itself: rhea's own parts, without what makes it keep to the rules.
export const frames = createRequire(import.meta.url)("rhea/lib/frames.js");
export const { message: messages, types } = createRequire(import.meta.url)("rhea");

export type Wire = { _write_frame(channel: number, frame: unknown, payload?: Buffer): void };
export const wireOf = (connection: Connection): Wire => connection as unknown as Wire;

export const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

export async function open(world: AmqpWorld, options = {}): Promise<Connection> {
  const connection = world.connect(options);
  await soon(() => expect(connection.is_open()).toBe(true));
  return connection;
}

/** What the relay has said when it ended the connection. */
export async function ending(connection: Connection): Promise<unknown> {
  await soon(() => expect(connection.error).toBeTruthy());
  return (connection.error as { condition?: unknown }).condition;
}
