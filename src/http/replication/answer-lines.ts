import type { Context } from "hono";
import { utf8Bytes } from "../../kernel/encoding.ts";
import { logLine } from "../../kernel/log.ts";
import { MEDIA_TYPE } from "../../stream/ndjson/lines.ts";
import type { AppEnv } from "../app-env.ts";

/**
 * Answers with lines, read as fast as the client takes them: nothing waits in between. Where they break off, the connection does, so
 * that nobody takes a part for the whole.
 */
export function answerLines(c: Context<AppEnv>, lines: AsyncGenerator<string>): Response {
  const { requestId } = c.var;
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const next = await lines.next();
          if (next.done) controller.close();
          else controller.enqueue(utf8Bytes(next.value));
        } catch (error) {
          logLine("answer_cut", { requestId, path: c.req.path, error: String(error) });
          controller.error(error);
        }
      },
      cancel: async () => void (await lines.return(undefined)),
    },
    { highWaterMark: 0 },
  );
  return c.body(body, 200, { "Content-Type": MEDIA_TYPE, "Cache-Control": "no-store, no-transform" });
}
