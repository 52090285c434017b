import { createMiddleware } from "hono/factory";
import { REQUEST_HEADERS_BYTES_MAX } from "../kernel/limits.ts";
import type { AppEnv } from "./app-env.ts";
import { type Problem, problem } from "./problem.ts";

export const HEADERS_TOO_LARGE: Problem = {
  reason: "headers_too_large",
  detail: `All headers together may have ${REQUEST_HEADERS_BYTES_MAX} bytes.`,
};

/** Names and values of all headers; what is not ASCII counts as the characters that it was read as. */
export function areHeadersTooLarge(headers: Headers): boolean {
  let size = 0;
  headers.forEach((value, name) => {
    size += name.length + value.length;
  });
  return size > REQUEST_HEADERS_BYTES_MAX;
}

export const limitHeaders = createMiddleware<AppEnv>(async (c, next) =>
  areHeadersTooLarge(c.req.raw.headers) ? problem(c, HEADERS_TOO_LARGE) : next(),
);
