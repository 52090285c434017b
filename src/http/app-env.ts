import type { Clock } from "../kernel/clock.ts";
import type { LogControls } from "../topic/client.ts";

/** Who calls the management API. */
export type Operator = { kind: "operator" };
export type Role = "viewer" | "developer" | "admin";
export type Member = { kind: "member"; organizationId: string; tokenId: string; role: Role };
export type Principal = Operator | Member;

/** Limits of the token endpoint: Cloudflare counts, each of its locations for itself. What is not bound limits nothing. */
export type TokenLimits = {
  TOKEN_LIMIT_PER_CLIENT?: RateLimit;
  TOKEN_LIMIT_PER_ADDRESS?: RateLimit;
};

/** What every handler finds on its context. */
export type AppEnv = {
  Bindings: Env & TokenLimits;
  Variables: {
    /** A UUID: the caller's `X-Request-Id`, or a new one. */
    requestId: string;
    clock: Clock;
    /** The door to the topics' logs. */
    logs: LogControls;
  };
};
