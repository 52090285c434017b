import { cors } from "hono/cors";
import { createMiddleware } from "hono/factory";
import type { AppEnv } from "./app-env.ts";

const PREFLIGHT_SECONDS = 600;
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const REQUEST_HEADERS = ["Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "X-Request-Id"];
const ANSWER_HEADERS = ["ETag", "Retry-After", "X-Request-Id"];

/**
 * Pages of these origins may call the management API: none, unless `MANAGEMENT_CORS_ORIGINS` names them. Never with cookies; a
 * token that a page sends is the page's to keep.
 */
export const allowOrigins = createMiddleware<AppEnv>(async (c, next) => {
  const allowed = readOrigins(c.env.MANAGEMENT_CORS_ORIGINS);
  const origin = c.req.header("Origin");
  if (origin === undefined || !allowed.includes(origin)) return next();
  const allow = cors({
    origin,
    allowMethods: METHODS,
    allowHeaders: REQUEST_HEADERS,
    exposeHeaders: ANSWER_HEADERS,
    maxAge: PREFLIGHT_SECONDS,
  });
  return allow(c, next);
});

/** An empty setting, or a comma too many, names no origin: not the empty one either. */
const readOrigins = (list = ""): string[] =>
  list
    .split(",")
    .map((origin) => origin.trim())
    .filter((origin) => origin !== "");
