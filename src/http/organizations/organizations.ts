import { z } from "zod";
import { RELAY_ORGANIZATION_ID } from "../../domain/notice.ts";
import { newId } from "../../kernel/ids.ts";
import { ok } from "../../kernel/result.ts";
import { insertOrganization, listOrganizations, type Organization } from "../../registry/organizations.ts";
import { conflict, read, write } from "../call/call.ts";
import { anOrganization } from "../call/named-things.ts";
import { PageOf, PageQuery, toPage, toPageRequest } from "../call/paging.ts";
import { jsonBody } from "../call/request-body.ts";
import { Id, Name, toTime } from "../fields.ts";
import { makeToken } from "./organization-tokens.ts";

const OrganizationView = z.object({ id: z.string(), name: z.string(), createdAt: z.string() });

const showOrganization = ({ id, name, createdMs }: Organization): z.infer<typeof OrganizationView> => ({
  id,
  name,
  createdAt: toTime(createdMs),
});

const ID_TAKEN = conflict("An organization has this id already.");

const createOrganization = write({
  method: "post",
  path: "/v1/organizations",
  tag: "Organizations",
  summary: "Create an organization and its first token, which is shown once",
  action: "organization.create",
  status: 201,
  body: jsonBody(z.strictObject({ name: Name, id: Id.optional() })),
  answers: OrganizationView.extend({ token: z.string() }),
  handle: async ({ db, nowMs, body }) => {
    // It is the relay's own before it is there: a new relay writes it within its first minute.
    if (body.id === RELAY_ORGANIZATION_ID) return ID_TAKEN;
    const organization = { id: body.id ?? newId(), name: body.name, createdMs: nowMs };
    const settings = { name: "first token", role: "admin", expiresMs: null } as const;
    const first = await makeToken(db, organization.id, settings, nowMs);
    return ok({
      body: { ...showOrganization(organization), token: first.secret },
      writes: [insertOrganization(db, organization), first.insert],
      audit: { action: "organization.create", subject: organization.id, organizations: [organization.id] },
      taken: { constraint: "organization.id", problem: ID_TAKEN.error },
    });
  },
});

const listAllOrganizations = read({
  path: "/v1/organizations",
  tag: "Organizations",
  summary: "List organizations: all for the operator, its own for a member",
  action: "organization.list",
  query: PageQuery,
  answers: PageOf(OrganizationView),
  handle: async ({ db, caller, query }) => {
    const onlyId = caller.kind === "member" ? caller.organizationId : null;
    return ok(toPage(await listOrganizations(db, onlyId, toPageRequest(query)), showOrganization));
  },
});

const readOrganization = read({
  path: "/v1/organizations/{id}",
  tag: "Organizations",
  summary: "Read an organization",
  action: "organization.read",
  names: anOrganization,
  answers: OrganizationView,
  handle: async ({ named: organization }) => ok(showOrganization(organization)),
});

export const organizationRoutes = [createOrganization, listAllOrganizations, readOrganization];
