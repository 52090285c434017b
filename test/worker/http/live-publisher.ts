import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { Hono } from "hono";
import type { AppEnv } from "../../../src/http/app-env.ts";
import { problem } from "../../../src/http/problem.ts";
import { type LivePublish, publishLive } from "../../../src/http/publish/publish-live.ts";
import type { LogControls } from "../../../src/topic/client.ts";
import { CountedPublisher } from "./counted-publisher.ts";
import type { Json } from "./relay.ts";

export const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;

/** An app of one route, with all that the relay's own gives to its handlers. */
export function liveApp(
  publisher: CountedPublisher,
  logs: LogControls,
  handler: (c: Parameters<typeof publishLive>[0]) => Promise<Response>,
) {
  const app = new Hono<AppEnv>();
  app.use(async (c, next) => {
    c.set("clock", publisher.relay.clock);
    c.set("logs", logs);
    c.set("requestId", crypto.randomUUID());
    await next();
  });
  return app.get("/live/*", handler).get("/live", handler);
}

/** A publisher that publishes over a live connection: answers as HTTP would write them. */
export class LivePublisher extends CountedPublisher {
  async publishLive(clientId: string, message: Partial<LivePublish>): Promise<{ status: number; body: Json }> {
    const given: LivePublish = {
      ...{ channel: "orders/created", partitionKey: null, dataOwnerId: null, body: bytesOf('{"n":1}') },
      ...{ contentType: "application/json", idempotencyKey: null, requestId: crypto.randomUUID() },
      ...message,
    };
    const app = liveApp(this, this.logs, async (c) => {
      const done = await publishLive(c, clientId, given);
      return done.ok ? c.json(done.value) : problem(c, done.error);
    });
    const context = createExecutionContext();
    const answer = await app.fetch(new Request("https://relay.test/live"), this.relay.env, context);
    await waitOnExecutionContext(context);
    return { status: answer.status, body: await answer.json() };
  }
}
