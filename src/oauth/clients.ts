import { equalInConstantTime, sha256 } from "../kernel/digest.ts";
import { logLine } from "../kernel/log.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { ClientKind, ClientSecrets } from "../registry/clients.ts";

/** Looks up a client that is not revoked. */
export type FindClient = (clientId: string) => Promise<ClientSecrets | null>;

/** No such client, or not its secret: one answer for both, so that nobody learns which ids exist. */
export type ClientRefused = { reason: "client_refused" };

/** The registry did not answer; the caller may try again. */
export type ClientsUnavailable = { reason: "clients_unavailable" };

const DIGEST_OF_NOBODY = "A".repeat(43); // as long as a SHA-256 in base64url, and no text is known that has it

/** Checks a client's secret. An unknown client costs the same work as a wrong secret. */
export async function authenticateClient(
  findClient: FindClient,
  credentials: { clientId: string; clientSecret: string },
): Promise<Result<{ clientId: string; kind: ClientKind }, ClientRefused | ClientsUnavailable>> {
  const found = await lookUp(findClient, credentials.clientId);
  if (!found.ok) return found;
  const client = found.value;
  const digest = await sha256(credentials.clientSecret);
  const isSecret = equalInConstantTime(digest, client?.secretDigest ?? DIGEST_OF_NOBODY);
  const isPrevious = equalInConstantTime(digest, client?.previousSecretDigest ?? DIGEST_OF_NOBODY);
  return client && (isSecret || isPrevious)
    ? ok({ clientId: client.id, kind: client.kind })
    : err({ reason: "client_refused" });
}

async function lookUp(
  findClient: FindClient,
  clientId: string,
): Promise<Result<ClientSecrets | null, ClientsUnavailable>> {
  try {
    return ok(await findClient(clientId));
  } catch (error) {
    logLine("oauth.client_not_read", { error: String(error) });
    return err({ reason: "clients_unavailable" });
  }
}
