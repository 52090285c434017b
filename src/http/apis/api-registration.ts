import { z } from "zod";
import type { ApiDocument } from "../../asyncapi/api-document.ts";
import type { Diagnostic } from "../../asyncapi/diagnostic.ts";
import { readDocument } from "../../asyncapi/lint-document.ts";
import { newId, newTopicNumber } from "../../kernel/ids.ts";
import { RETENTION_DAYS_DEFAULT } from "../../kernel/limits.ts";
import { err, ok } from "../../kernel/result.ts";
import { insertApiVersion } from "../../registry/api-versions.ts";
import { type Api, insertApi } from "../../registry/apis.ts";
import { indexApi } from "../../registry/directory.ts";
import { findOrganization } from "../../registry/organizations.ts";
import { putTopic, type Topic } from "../../registry/topics.ts";
import { write } from "../call/call.ts";
import type { Change } from "../call/change.ts";
import { documentBody } from "../call/request-body.ts";
import { makeCredentials } from "../credentials/credentials.ts";
import { notFound, type Problem } from "../problem.ts";
import { ApiSummary, showApiFields, showChannelSummary } from "./api-view.ts";
import { DiagnosticView } from "./lint.ts";

export const TITLE_TAKEN: NonNullable<Change<unknown>["taken"]> = {
  constraint: "api.title",
  problem: { reason: "conflict", detail: "Your organization has an API with this title already." },
};

export const registerApi = write({
  method: "post",
  path: "/v1/apis",
  tag: "APIs",
  summary: "Register an API with its AsyncAPI document; its first credentials are shown once",
  action: "api.register",
  status: 201,
  body: documentBody,
  // Without the schemas of its messages: the answer is kept for an idempotency key, in one row.
  answers: ApiSummary.extend({
    credentials: z.object({ clientId: z.string(), clientSecret: z.string() }),
    diagnostics: z.array(DiagnosticView),
  }),
  handle: async ({ db, caller, nowMs, body }) => {
    const document = await readDocument(body);
    if (!document.ok) return err(refuseDocument(document.error.diagnostics));
    const { api: described, diagnostics } = document.value;
    const organization = await findOrganization(db, caller.organizationId);
    if (!organization) return notFound("organization");
    const api = newApi(described, organization, nowMs);
    const topics = described.channels.map((channel) => topicOf(api.id, channel));
    const owner = { kind: "publisher", apiId: api.id } as const;
    const credentials = await makeCredentials(db, owner, { name: "default", channels: null }, nowMs);
    return ok({
      body: {
        ...showApiFields(api),
        channels: topics.map(showChannelSummary),
        credentials: { clientId: credentials.client.id, clientSecret: credentials.secret },
        diagnostics,
      },
      writes: [
        insertApi(db, api),
        insertApiVersion(db, api.id, { ...api, document: body, mediaType: mediaTypeOf(body), changes: [] }),
        ...topics.map((topic) => putTopic(db, topic)),
        indexApi(
          db,
          api,
          topics.map((topic) => topic.address),
        ),
        credentials.insert,
      ],
      audit: { action: "api.register", subject: api.id, organizations: [api.organizationId] },
      taken: TITLE_TAKEN,
    });
  },
});

/** Why a document cannot be registered, every error named. */
export function refuseDocument(diagnostics: Diagnostic[]): Problem {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error");
  return {
    reason: "document_invalid",
    detail: clearestOf(errors)?.message ?? "The document is not valid.",
    errors: errors.map(({ path, message }) => ({ path: path.join("."), message })),
    diagnostics,
  };
}

/** One that stands somewhere in the text, as deep as any: the parser says of all around a fault that it is wrong, too. */
function clearestOf(errors: Diagnostic[]): Diagnostic | undefined {
  const depthOf = ({ path, range: { start, end } }: Diagnostic): number =>
    end.line > start.line || end.character > start.character ? path.length : 0;
  return errors.toSorted((a, b) => depthOf(b) - depthOf(a))[0];
}

/** An API as it is when it is registered. */
export function newApi(document: ApiDocument, organization: { id: string; name: string }, nowMs: number): Api {
  return {
    id: newId(),
    organizationId: organization.id,
    organizationName: organization.name,
    title: document.title,
    version: document.version,
    specVersion: document.specVersion,
    description: document.description,
    tags: document.tags,
    visibility: "private",
    access: "open",
    approval: "auto",
    validation: "off",
    retentionDays: RETENTION_DAYS_DEFAULT,
    maxUndeliveredDays: null,
    shards: 1,
    region: null,
    documentation: null,
    support: null,
    pricing: null,
    terms: null,
    revision: 1,
    createdMs: nowMs,
    updatedMs: nowMs,
  };
}

/** A channel of the API as it stands in the registry, if its address is new there. */
export const topicOf = (apiId: string, channel: ApiDocument["channels"][number]): Topic => ({
  ...channel,
  id: newId(),
  apiId,
  number: newTopicNumber(),
});

/** JSON is YAML as well, but whoever sent JSON wants JSON back. */
export function mediaTypeOf(text: string): "application/json" | "application/yaml" {
  try {
    JSON.parse(text);
    return "application/json";
  } catch {
    return "application/yaml";
  }
}
