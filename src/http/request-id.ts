import { createMiddleware } from "hono/factory";
import { isUuid, newId } from "../kernel/ids.ts";
import type { AppEnv } from "./app-env.ts";

/** What the caller calls its request, where that is a UUID, else a new one. */
export const readRequestId = (given: string | undefined): string =>
  given !== undefined && isUuid(given) ? given.toLowerCase() : newId();

/** Takes the caller's `X-Request-Id`, or makes one, and says it on every response. */
export const requestId = createMiddleware<AppEnv>(async (c, next) => {
  const id = readRequestId(c.req.header("X-Request-Id"));
  c.set("requestId", id);
  // Before the answer is made: a header set on one that is there costs a copy of it.
  c.header("X-Request-Id", id);
  await next();
});
