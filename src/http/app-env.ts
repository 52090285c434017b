import type { Clock } from "../kernel/clock.ts";
import type { LogControls } from "../topic/client.ts";
import type { TokenLimits } from "./token-limits.ts";

/** Who calls the management API. */
export type Operator = { kind: "operator" };
export type Role = "viewer" | "developer" | "admin";
export type Member = { kind: "member"; organizationId: string; tokenId: string; role: Role };
export type Principal = Operator | Member;

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
