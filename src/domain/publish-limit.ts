import type { RateLimit } from "./subscription.ts";

/** How fast one publisher may append to one log. It travels with the publish: the log keeps no settings of the relay. */
export type PublishLimit = { clientId: string; rate: RateLimit };

/** How many events a publisher may publish at once, and the seconds until it may publish as many as ever. */
export type Quota = { remaining: number; resetSeconds: number };
