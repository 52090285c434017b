import { z } from "zod";
import { foldEmail } from "../../../domain/email.ts";
import { logLine } from "../../../kernel/log.ts";
import type { OidcSecret } from "../../app-env.ts";

/** Where members sign in, and as which client of it the relay asks. */
export type OidcSettings = {
  /** As its discovery document names it. */
  issuer: URL;
  clientId: string;
  /** null: a public client, which PKCE alone proves. */
  clientSecret: string | null;
  redirectUri: string;
  label: string;
  /** Whether an e-mail of which the issuer does not say that it has made sure of it counts as if it had. */
  trustsEmails: boolean;
  /** Whether it may be asked over http: local use only. */
  allowHttp: boolean;
};

type OidcEnv = Pick<
  Env,
  | "OIDC_ISSUER"
  | "OIDC_CLIENT_ID"
  | "OIDC_LABEL"
  | "OIDC_EMAIL_VERIFICATION"
  | "RELAY_ORIGIN"
  | "ALLOW_PRIVATE_ENDPOINTS"
> &
  OidcSecret;

const Issuer = (protocol: RegExp) =>
  z
    .url({ protocol, error: "must be an https URL" })
    .transform((text) => new URL(text))
    .refine(({ search, hash }) => search === "" && hash === "", "must have no query and no fragment");

/** null: nobody signs in so. Settings that cannot be right let nobody in either, and say so. */
export function readOidcSettings(env: OidcEnv): OidcSettings | null {
  if (env.OIDC_ISSUER === "") return null;
  const allowHttp = env.ALLOW_PRIVATE_ENDPOINTS === "true";
  const issuer = Issuer(allowHttp ? /^https?$/ : /^https$/).safeParse(env.OIDC_ISSUER);
  if (!issuer.success) return refuseSetting("OIDC_ISSUER", z.prettifyError(issuer.error));
  if (env.OIDC_CLIENT_ID === "") return refuseSetting("OIDC_CLIENT_ID", "is missing");
  return {
    issuer: issuer.data,
    clientId: env.OIDC_CLIENT_ID,
    clientSecret: env.OIDC_CLIENT_SECRET || null,
    redirectUri: `${env.RELAY_ORIGIN}/session/oidc/callback`,
    label: env.OIDC_LABEL,
    trustsEmails: env.OIDC_EMAIL_VERIFICATION === "assumed",
    allowHttp,
  };
}

function refuseSetting(name: string, error: string): null {
  logLine("setting_invalid", { name, error });
  return null;
}

/** Whether somebody with this e-mail, which their issuer has made sure of, signs in as the operator too. */
export const isOperatorEmail = ({ OIDC_OPERATORS }: Pick<Env, "OIDC_OPERATORS">, email: string): boolean =>
  OIDC_OPERATORS.split(",").some((each) => each.trim() !== "" && foldEmail(each.trim()) === email);
