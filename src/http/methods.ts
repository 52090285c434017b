import type { Hono } from "hono";
import type { AppEnv } from "./app-env.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const NO_METHOD = "NONE";

/** The methods that this path answers: those with more handlers than the middleware that runs for every method. */
export function allowedMethods(app: Hono<AppEnv>, path: string): string[] {
  const count = (method: string): number => app.router.match(method, path)[0].length;
  const always = count(NO_METHOD);
  return METHODS.filter((method) => count(method) > always).flatMap((method) =>
    method === "GET" ? ["GET", "HEAD"] : [method],
  );
}
