import { z } from "zod";
import { ok } from "../kernel/result.ts";
import { type AuditEntry, listAudit } from "../registry/audit.ts";
import { read } from "./call.ts";
import { toTime } from "./fields.ts";
import { PageOf, PageQuery, toPage, toPageRequest } from "./paging.ts";

const AuditView = z.object({
  id: z.string(),
  at: z.string(),
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  requestId: z.string(),
  address: z.string().nullable(),
});

const showEntry = (entry: AuditEntry): z.infer<typeof AuditView> => ({
  id: entry.id,
  at: toTime(entry.atMs),
  actor: entry.actor,
  action: entry.action,
  subject: entry.subject,
  requestId: entry.requestId,
  address: entry.address,
});

const listChanges = read({
  path: "/v1/audit",
  tag: "Audit",
  summary: "List who changed what, when",
  action: "audit.list",
  query: PageQuery,
  answers: PageOf(AuditView),
  handle: async ({ db, caller, query }) =>
    ok(toPage(await listAudit(db, caller.organizationId, toPageRequest(query)), showEntry)),
});

export const auditRoutes = [listChanges];
