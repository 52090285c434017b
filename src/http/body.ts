import type { z } from "zod";
import { err, ok, type Result } from "../kernel/result.ts";
import { type FieldError, type Problem, type Refusal, refuse } from "./problem.ts";
import { drop } from "./unread-body.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

export const bodyTooLarge = (bytesMax: number): Refusal =>
  refuse("body_too_large", `The body may have ${bytesMax} bytes.`);

/** Reads a body to its end, or stops where it gets longer than allowed, whatever `Content-Length` says. */
export async function readBytes(
  request: Pick<Request, "headers" | "body" | "arrayBuffer">,
  bytesMax: number,
): Promise<Result<Uint8Array<ArrayBuffer>, Problem>> {
  const tooLarge = bodyTooLarge(bytesMax);
  const announced = request.headers.get("Content-Length");
  if (Number(announced ?? 0) > bytesMax) return tooLarge;
  // HTTP holds a body to the length it announced, so there is nothing to count.
  if (announced !== null) return ok(new Uint8Array(await request.arrayBuffer()));
  if (!request.body) return ok(new Uint8Array(0));
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    length += next.value.byteLength;
    if (length > bytesMax) {
      await drop(reader);
      return tooLarge;
    }
    chunks.push(next.value);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return ok(bytes);
}

/** As `readBytes`, as text. */
export async function readText(request: Request, bytesMax: number): Promise<Result<string, Problem>> {
  const bytes = await readBytes(request, bytesMax);
  if (!bytes.ok) return bytes;
  try {
    return ok(utf8.decode(bytes.value));
  } catch {
    return refuse("body_not_utf8", "The body is not valid UTF-8.");
  }
}

export function parseJson(text: string): Result<unknown, Problem> {
  try {
    return ok(JSON.parse(text));
  } catch {
    return refuse("body_not_json", "The body is not valid JSON.");
  }
}

/** Checks a parsed value; every field that breaks a rule is named. */
export function checkShape<T extends z.ZodType>(schema: T, value: unknown): Result<z.output<T>, Problem> {
  const parsed = schema.safeParse(value);
  return parsed.success ? ok(parsed.data) : err(invalid(...parsed.error.issues.flatMap(describeIssue)));
}

/** A request that can be read but not accepted. */
export function invalid(...errors: FieldError[]): Problem {
  const [first] = errors;
  const detail = first
    ? `${first.path === "" ? "The body" : first.path}: ${first.message}`
    : "The request is not valid.";
  return { reason: "body_invalid", detail, errors };
}

function describeIssue(issue: z.core.$ZodIssue): FieldError[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: [...path, key].join("."), message: "there is no such field" }));
  }
  return [{ path: path.join("."), message: issue.message }];
}
