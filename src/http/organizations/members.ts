import { z } from "zod";
import { foldEmail } from "../../domain/email.ts";
import { newId } from "../../kernel/ids.ts";
import { EMAIL_CHARS_MAX, MEMBERS_PER_ORGANIZATION_MAX } from "../../kernel/limits.ts";
import { ok } from "../../kernel/result.ts";
import {
  countMembers,
  deleteMember,
  insertMember,
  listMembers,
  type Member,
  updateMemberRole,
} from "../../registry/members.ts";
import { TokenRole } from "../../registry/organization-tokens.ts";
import { conflict, read, write } from "../call/call.ts";
import { aMember, anOrganization } from "../call/named-things.ts";
import { PageOf, PageQuery, toPage, toPageRequest } from "../call/paging.ts";
import type { Action } from "../call/permissions.ts";
import { jsonBody } from "../call/request-body.ts";
import { toTime, toTimeOrNull } from "../fields.ts";

const Email = z
  .email("must be an e-mail address")
  .max(EMAIL_CHARS_MAX)
  .transform(foldEmail)
  .meta({ type: "string", format: "email" });

const MemberView = z.object({
  id: z.string(),
  email: z.string(),
  role: TokenRole,
  /** As their issuer calls them. */
  name: z.string().nullable(),
  createdAt: z.string(),
  /** null: invited, and not here yet. */
  signedInAt: z.string().nullable(),
});

const showMember = ({ id, email, role, name, createdMs, signedInMs }: Member): z.infer<typeof MemberView> => ({
  ...{ id, email, role, name },
  createdAt: toTime(createdMs),
  signedInAt: toTimeOrNull(signedInMs),
});

const inviteMember = write({
  method: "post",
  path: "/v1/organizations/{id}/members",
  tag: "Organizations",
  summary: "Make somebody a member, who signs in at the operator's issuer with this e-mail",
  action: "member.create",
  names: anOrganization,
  status: 201,
  body: jsonBody(z.strictObject({ email: Email, role: TokenRole })),
  answers: MemberView,
  handle: async ({ db, nowMs, named: organization, body }) => {
    if ((await countMembers(db, organization.id)) >= MEMBERS_PER_ORGANIZATION_MAX) {
      return conflict(`An organization has at most ${MEMBERS_PER_ORGANIZATION_MAX} members. Remove one first.`);
    }
    const settings = { ...body, name: null, createdMs: nowMs, signedInMs: null };
    const member: Member = { id: newId(), organizationId: organization.id, ...settings };
    return ok({
      body: showMember(member),
      writes: [insertMember(db, member)],
      audit: audit("member.create", member),
      taken: { constraint: "member.email", problem: conflict("This e-mail is a member's already.").error },
    });
  },
});

const listOrganizationMembers = read({
  path: "/v1/organizations/{id}/members",
  tag: "Organizations",
  summary: "List an organization's members",
  action: "member.list",
  names: anOrganization,
  query: PageQuery,
  answers: PageOf(MemberView),
  handle: async ({ db, named: organization, query }) =>
    ok(toPage(await listMembers(db, organization.id, toPageRequest(query)), showMember)),
});

const patchMember = write({
  method: "patch",
  path: "/v1/organizations/{id}/members/{memberId}",
  tag: "Organizations",
  summary: "Give a member another role, at once",
  action: "member.update",
  names: aMember,
  status: 200,
  body: jsonBody(z.strictObject({ role: TokenRole })),
  answers: MemberView,
  handle: async ({ db, named: member, body }) =>
    ok({
      body: showMember({ ...member, role: body.role }),
      writes: [updateMemberRole(db, member.id, body.role)],
      audit: audit("member.update", member),
    }),
});

const removeMember = write({
  method: "delete",
  path: "/v1/organizations/{id}/members/{memberId}",
  tag: "Organizations",
  summary: "Remove a member, and end what they are signed in to, at once",
  action: "member.remove",
  names: aMember,
  status: 204,
  body: null,
  answers: z.null(),
  handle: async ({ db, named: member }) =>
    ok({ body: null, writes: [deleteMember(db, member.id)], audit: audit("member.remove", member) }),
});

const audit = (action: Action, member: Member) => ({
  ...{ action, subject: member.id, organizations: [member.organizationId] },
});

export const memberRoutes = [inviteMember, listOrganizationMembers, patchMember, removeMember];
