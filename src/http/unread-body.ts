import { createMiddleware } from "hono/factory";
import { UNREAD_BODY_BYTES_MAX, UNREAD_BODY_MS_MAX } from "../kernel/limits.ts";
import type { AppEnv } from "./app-env.ts";

/**
 * A client that is refused may still be sending its body. workerd reads 64 KiB more and hangs up, and many a client then
 * sees a broken pipe and no answer: so what is on its way is read and dropped first, within bounds.
 */
export const hearOut = createMiddleware<AppEnv>(async (c, next) => {
  await next();
  const request = c.req.raw;
  if (c.res.status < 400 || request.bodyUsed || !request.body) return;
  // Who asks before sending has sent nothing yet.
  if (request.headers.has("Expect")) return;
  if (Number(request.headers.get("Content-Length") ?? 0) > UNREAD_BODY_BYTES_MAX) return;
  await drop(request.body.getReader());
});

/** Reads what is left of a body and keeps nothing of it. */
export async function drop(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, UNREAD_BODY_MS_MAX);
  });
  await Promise.race([readOn(reader), timeUp]);
  clearTimeout(timer);
  await reader.cancel().catch(() => {});
}

async function readOn(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  try {
    let length = 0;
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      length += next.value.byteLength;
      if (length > UNREAD_BODY_BYTES_MAX) return;
    }
  } catch {
    // Whoever has gone needs no answer.
  }
}
