import { Hono } from "hono";
import type { AppEnv } from "../../../src/http/app-env.ts";
import type { oauthRoutes } from "../../../src/http/oauth.ts";
import { systemClock } from "../../../src/kernel/clock.ts";

/** The routes as the app has them: with a clock on their context. */
export const withClock = (routes: typeof oauthRoutes) =>
  new Hono<AppEnv>()
    .use(async (c, next) => {
      c.set("clock", systemClock);
      await next();
    })
    .route("/", routes);
