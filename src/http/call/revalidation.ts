import type { Context } from "hono";
import { sha256 } from "../../kernel/digest.ts";
import type { AppEnv } from "../app-env.ts";

/**
 * An answer that its receiver may keep, if it asks each time whether it still holds (RFC 9111 §4.3): who may see it can
 * change as well as what it says. Caches that serve others may not keep it.
 */
export async function answerRevalidated(c: Context<AppEnv>, text: string, mediaType: string): Promise<Response> {
  const etag = `"${await sha256(text)}"`;
  const headers = {
    ETag: etag,
    "Cache-Control": "private, no-cache",
    Vary: "Authorization, Cookie, Relay-Organization",
  };
  if (names(c.req.header("If-None-Match") ?? "", etag)) return c.body(null, 304, headers);
  return c.body(text, 200, { ...headers, "Content-Type": mediaType });
}

/** RFC 9110 §13.1.2: any of a list, weak or strong, or `*`. */
const names = (known: string, etag: string): boolean =>
  known.split(",").some((item) => ["*", etag, `W/${etag}`].includes(item.trim()));
