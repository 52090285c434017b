import type { Publisher } from "../../registry/publishers.ts";
import type { FieldError, Problem } from "../problem.ts";
import { type ChannelSchemas, type CheckBudget, type Misfit, newCheckBudget } from "./channel-schemas.ts";

/** What is wrong with an event, and what becomes of it: `marked` ones are stored, `refused` ones are not. */
export type Finding = {
  invalid: "marked" | "refused";
  problem: Problem;
  /** For a publisher whose event is stored all the same. */
  header: string;
};

const HEADER_PART_CHARS_MAX = 128;

/**
 * Checks an event as its API asks for. null: it is one of the channel's messages, or nobody asked. `at`: a JSON Pointer to where
 * it stands in what was published.
 */
export function judgeEvent(
  validation: Publisher["validation"],
  schemas: ChannelSchemas | null,
  value: unknown,
  { at, budget }: { at: string; budget: CheckBudget } = { at: "", budget: newCheckBudget() },
): Finding | null {
  if (validation === "off") return null;
  const misfit = schemas?.findMisfit(value, budget);
  if (!misfit) return null;
  const invalid = validation === "enforce" ? "refused" : "marked";
  return { invalid, problem: describe(misfit, at), header: summarize(misfit, at) };
}

function describe(misfit: Misfit, at: string): Problem {
  const errors = errorsOf(misfit, at);
  const [first] = errors;
  const what = misfit.kind === "invalid" ? `The event is no valid ${JSON.stringify(misfit.message)}: ` : "";
  const detail = `${what}${first?.path || "the event"} ${first?.message}.`;
  return { reason: "message_invalid", detail: detail.charAt(0).toUpperCase() + detail.slice(1), errors };
}

function errorsOf(misfit: Misfit, at: string): FieldError[] {
  if (misfit.kind === "exhausted") return [{ path: at, message: "takes too much to be checked against its schemas" }];
  return misfit.violations.map(({ pointer, message }) => ({ path: at + pointer, message }));
}

/** `invalid; message="OrderCreated"; path="/items/0/price"`: which message it comes closest to, and its first violation. */
function summarize(misfit: Misfit, at: string): string {
  if (misfit.kind === "exhausted") return "invalid";
  const path = at + (misfit.violations[0]?.pointer ?? "");
  return `invalid; message=${quoted(misfit.message)}; path=${quoted(path)}`;
}

/** What is not printable ASCII is percent-encoded (UTF-8), and then so is what would end the text, and `%`. */
function quoted(text: string): string {
  const plain = text
    .slice(0, HEADER_PART_CHARS_MAX)
    .toWellFormed()
    .replace(/[^\x20-\x7e]|["\\%]/gu, encodeURIComponent);
  return `"${plain}"`;
}
