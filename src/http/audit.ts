import { z } from "zod";
import { ok } from "../kernel/result.ts";
import { type AuditEntry, type AuditFilter, listAudit } from "../registry/audit.ts";
import { read } from "./call/call.ts";
import { organizationShown } from "./call/organization-filter.ts";
import { PageOf, PageQuery, toPage, toPageRequest } from "./call/paging.ts";
import { Id, Line, Time, toTime } from "./fields.ts";

const AuditView = z.object({
  id: z.string(),
  /** Whose entry it is: what touches several organizations has one for each. */
  organizationId: z.string(),
  at: z.string(),
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  requestId: z.string(),
  address: z.string().nullable(),
});

const showEntry = (entry: AuditEntry): z.infer<typeof AuditView> => ({
  id: entry.id,
  organizationId: entry.organizationId,
  at: toTime(entry.atMs),
  actor: entry.actor,
  action: entry.action,
  subject: entry.subject,
  requestId: entry.requestId,
  address: entry.address,
});

const ACTION_CHARS_MAX = 64;

const AuditQuery = PageQuery.extend({
  action: Line(ACTION_CHARS_MAX).optional(),
  subject: Id.optional(),
  from: Time.optional(),
  to: Time.optional(),
  organizationId: Id.optional(),
});

const toFilter = ({ action, subject, from, to }: z.output<typeof AuditQuery>): Omit<AuditFilter, "organizationId"> => ({
  ...{ action, subject, fromMs: from, toMs: to },
});

const listChanges = read({
  path: "/v1/audit",
  tag: "Audit",
  summary:
    "List who changed what, when; from a time (included) to a time (not included); the operator sees it of all organizations",
  action: "audit.list",
  query: AuditQuery,
  answers: PageOf(AuditView),
  handle: async ({ db, caller, query }) => {
    const organizationId = organizationShown(caller, query.organizationId);
    if (!organizationId.ok) return organizationId;
    const filter = { ...toFilter(query), organizationId: organizationId.value };
    return ok(toPage(await listAudit(db, filter, toPageRequest(query)), showEntry));
  },
});

export const auditRoutes = [listChanges];
