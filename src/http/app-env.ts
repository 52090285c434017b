import type { Clock } from "../kernel/clock.ts";
import type { LogControls } from "../topic/client.ts";

/** Who calls the management API. */
export type Operator = { kind: "operator" };
export type Role = "viewer" | "developer" | "admin";
export type Member = {
  kind: "member";
  organizationId: string;
  /** What says so: a token of the organization, or a person who is one of its members. */
  by: { kind: "token" | "member"; id: string };
  role: Role;
};
/** Whoever has a portal link: for one app of an organization. */
export type Portal = {
  kind: "portal";
  organizationId: string;
  appId: string;
  linkId: string;
  role: "viewer" | "developer";
};
export type Principal = Operator | Member | Portal;

/** Limits of the token endpoint: Cloudflare counts, each of its locations for itself. What is not bound limits nothing. */
export type TokenLimits = {
  TOKEN_LIMIT_PER_CLIENT?: RateLimit;
  TOKEN_LIMIT_PER_ADDRESS?: RateLimit;
};

/** Of the relay as a client of the operator's issuer; a public client has none. */
export type OidcSecret = { OIDC_CLIENT_SECRET?: string };

/** What every handler finds on its context. */
export type AppEnv = {
  Bindings: Env & TokenLimits & OidcSecret;
  Variables: {
    /** A UUID: the caller's `X-Request-Id`, or a new one. */
    requestId: string;
    clock: Clock;
    /** The door to the topics' logs. */
    logs: LogControls;
  };
};
