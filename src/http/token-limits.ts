import type { Context, MiddlewareHandler } from "hono";
import { logLine } from "../kernel/log.ts";
import type { AppEnv } from "./app-env.ts";

/** Counts a request for its address, whatever it asks for, and lets `refuse` answer one too many. */
export const limitAddress =
  (refuse: (c: Context<AppEnv>) => Response): MiddlewareHandler<AppEnv> =>
  async (c, next) => {
    const address = c.req.header("CF-Connecting-IP");
    const isAllowed = address === undefined || (await count(c.env.TOKEN_LIMIT_PER_ADDRESS, networkOf(address)));
    return isAllowed ? next() : refuse(c);
  };

/** Counts a request for the client that it names, whether that exists or not. False: it is one too many. */
export const isClientAllowed = (c: Context<AppEnv>, clientId: string): Promise<boolean> =>
  count(c.env.TOKEN_LIMIT_PER_CLIENT, clientId);

async function count(limit: RateLimit | undefined, key: string): Promise<boolean> {
  try {
    return limit ? (await limit.limit({ key })).success : true;
  } catch (error) {
    // Without its counter the endpoint goes on: secrets of 256 bits are not guessed.
    logLine("token_limit_failed", { error: String(error) });
    return true;
  }
}

const [GROUPS, NETWORK_GROUPS] = [8, 4];

/** Whoever has one address of IPv6 has all of its /64. */
export function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const [head = [], tail = []] = address
    .toLowerCase()
    .split("::")
    .map((part) => (part === "" ? [] : part.split(":")));
  const zeros = new Array<string>(Math.max(0, GROUPS - head.length - tail.length)).fill("0");
  return [...head, ...zeros, ...tail].slice(0, NETWORK_GROUPS).join(":");
}
