import { z } from "zod";
import { sha256 } from "../../kernel/digest.ts";
import { newId, newToken } from "../../kernel/ids.ts";
import { err, ok } from "../../kernel/result.ts";
import {
  countTokens,
  insertToken,
  listTokens,
  type OrganizationToken,
  revokeToken,
  TokenRole,
} from "../../registry/organization-tokens.ts";
import { invalid } from "../body.ts";
import { conflict, read, write } from "../call/call.ts";
import { anOrganization, aToken } from "../call/named-things.ts";
import { PageOf, PageQuery, toPage, toPageRequest } from "../call/paging.ts";
import { jsonBody } from "../call/request-body.ts";
import { Name, Time, toTime, toTimeOrNull } from "../fields.ts";

/** A token per service and person is plenty; more of them is a script gone wild. */
const TOKENS_PER_ORGANIZATION_MAX = 200;

const TokenView = z.object({
  id: z.string(),
  name: z.string(),
  role: TokenRole,
  createdAt: z.string(),
  expiresAt: z.string().nullable(),
  /** To within five minutes. */
  lastUsedAt: z.string().nullable(),
});

const showToken = ({
  id,
  name,
  role,
  createdMs,
  expiresMs,
  lastUsedMs,
}: OrganizationToken): z.infer<typeof TokenView> => ({
  id,
  name,
  role,
  createdAt: toTime(createdMs),
  expiresAt: toTimeOrNull(expiresMs),
  lastUsedAt: toTimeOrNull(lastUsedMs),
});

/** A new token: the secret to show once, and the write that keeps its digest only. */
export async function makeToken(
  db: D1Database,
  organizationId: string,
  settings: Pick<OrganizationToken, "name" | "role" | "expiresMs">,
  nowMs: number,
): Promise<{ token: OrganizationToken; secret: string; insert: D1PreparedStatement }> {
  const secret = newToken("rk_");
  const token = { id: newId(), organizationId, ...settings, createdMs: nowMs, lastUsedMs: null };
  return { token, secret, insert: insertToken(db, { ...token, digest: await sha256(secret) }) };
}

const createToken = write({
  method: "post",
  path: "/v1/organizations/{id}/tokens",
  tag: "Organizations",
  summary: "Create a token, which is shown once",
  action: "token.create",
  names: anOrganization,
  status: 201,
  body: jsonBody(z.strictObject({ name: Name, role: TokenRole, expiresAt: Time.nullish() })),
  answers: TokenView.extend({ token: z.string() }),
  handle: async ({ db, nowMs, named: organization, body }) => {
    const expiresMs = body.expiresAt ?? null;
    if (expiresMs !== null && expiresMs <= nowMs) {
      return err(invalid({ path: "expiresAt", message: "must be in the future" }));
    }
    if ((await countTokens(db, organization.id)) >= TOKENS_PER_ORGANIZATION_MAX) {
      return conflict(`An organization has at most ${TOKENS_PER_ORGANIZATION_MAX} tokens. Revoke one first.`);
    }
    const settings = { name: body.name, role: body.role, expiresMs };
    const { token, secret, insert } = await makeToken(db, organization.id, settings, nowMs);
    return ok({
      body: { ...showToken(token), token: secret },
      writes: [insert],
      audit: { action: "token.create", subject: token.id, organizations: [organization.id] },
    });
  },
});

const listOrganizationTokens = read({
  path: "/v1/organizations/{id}/tokens",
  tag: "Organizations",
  summary: "List an organization's tokens",
  action: "token.list",
  names: anOrganization,
  query: PageQuery,
  answers: PageOf(TokenView),
  handle: async ({ db, named: organization, query }) =>
    ok(toPage(await listTokens(db, organization.id, toPageRequest(query)), showToken)),
});

const deleteToken = write({
  method: "delete",
  path: "/v1/organizations/{id}/tokens/{tokenId}",
  tag: "Organizations",
  summary: "Revoke a token at once",
  action: "token.revoke",
  names: aToken,
  status: 204,
  body: null,
  answers: z.null(),
  handle: async ({ db, nowMs, named: token }) =>
    ok({
      body: null,
      writes: [revokeToken(db, token.id, nowMs)],
      audit: { action: "token.revoke", subject: token.id, organizations: [token.organizationId] },
    }),
});

export const organizationTokenRoutes = [createToken, listOrganizationTokens, deleteToken];
