import { z } from "zod";
import { TokenRole } from "../../registry/organization-tokens.ts";
import { toTime } from "../fields.ts";
import { csrfTokenOf, type LiveSession } from "./live-session.ts";

/** Who is signed in, and as whom they may act. */
export const SessionView = z.object({
  /** For `X-CSRF-Token`. Another one after each sign-in. */
  csrfToken: z.string(),
  /** When its last seat ends; earlier where it is not used. */
  expiresAt: z.string(),
  isOperator: z.boolean(),
  /** Who signed in at the operator's issuer; a token names nobody. */
  person: z.object({ name: z.string().nullable(), email: z.string() }).nullable(),
  organizations: z.array(z.object({ id: z.string(), name: z.string(), role: TokenRole })),
});

/** How one can sign in beside with a token; null: not. */
export const OptionsView = z.object({ oidc: z.object({ label: z.string() }).nullable() });

export async function showSession(session: LiveSession): Promise<z.infer<typeof SessionView>> {
  return {
    csrfToken: await csrfTokenOf(session),
    expiresAt: toTime(Math.max(...session.seats.map(({ expiresMs }) => expiresMs))),
    isOperator: session.seats.some(({ kind }) => kind === "operator"),
    person: session.person,
    organizations: session.seats.flatMap((seat) =>
      seat.kind === "operator" ? [] : [{ id: seat.organizationId, name: seat.organizationName, role: seat.role }],
    ),
  };
}
