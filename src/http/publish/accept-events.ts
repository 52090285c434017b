import type { Context } from "hono";
import { err, type Result } from "../../kernel/result.ts";
import type { AppEnv } from "../app-env.ts";
import type { Problem } from "../problem.ts";
import { type Address, findDestination, rereadDestination } from "./publish-destination.ts";
import type { PublishForm } from "./publish-form.ts";
import type { Message } from "./publish-messages.ts";
import { type Accepted, NOT_STORED, submit } from "./submit.ts";

/** Events on their way in: `read` is asked for them once it is known that they may go where they are to go. */
export type Publication = { address: Address; form: PublishForm; read(): Promise<Result<Message[], Problem>> };

/** The one door that events come in by, over HTTP or a live connection: answers once they are durable, before any delivery. */
export async function acceptEvents(
  c: Context<AppEnv>,
  { address, form, read }: Publication,
): Promise<Result<Accepted, Problem>> {
  const destination = await findDestination(c, address);
  if (!destination.ok) return destination;
  const messages = await read();
  if (!messages.ok) return messages;
  const submission = { clientId: address.clientId, form, messages: messages.value };
  const first = await submit(c, destination.value, submission);
  if (first !== "topic_changed") return first;
  const changed = await rereadDestination(c, address);
  if (!changed.ok) return changed;
  const second = await submit(c, changed.value, submission);
  return second === "topic_changed" ? err(NOT_STORED) : second;
}
