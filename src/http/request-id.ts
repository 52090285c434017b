import { createMiddleware } from "hono/factory";
import { isUuid, newId } from "../kernel/ids.ts";
import type { AppEnv } from "./app-env.ts";

/** Takes the caller's `X-Request-Id` where it is a UUID, else makes one, and says it on every response. */
export const requestId = createMiddleware<AppEnv>(async (c, next) => {
  const given = c.req.header("X-Request-Id");
  const id = given !== undefined && isUuid(given) ? given.toLowerCase() : newId();
  c.set("requestId", id);
  // Before the answer is made: a header set on one that is there costs a copy of it.
  c.header("X-Request-Id", id);
  await next();
});
