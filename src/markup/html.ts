import type { html } from "hono/html";

/** A part of a page: every text in it is escaped. */
export type Html = ReturnType<typeof html>;
