import { z } from "zod";
import type { ApiDocument } from "../../asyncapi/api-document.ts";
import { compareDocuments } from "../../asyncapi/compare/compare-documents.ts";
import { readDocument } from "../../asyncapi/lint-document.ts";
import { LOGS_PER_API_MAX } from "../../kernel/limits.ts";
import { err, ok } from "../../kernel/result.ts";
import {
  ApiChange,
  findVersion,
  insertApiVersion,
  listVersions,
  type VersionChoice,
  type VersionSummary,
} from "../../registry/api-versions.ts";
import { type Api, updateApiDocument } from "../../registry/apis.ts";
import { indexApi } from "../../registry/directory.ts";
import { writeNoticeToSubscribers } from "../../registry/notices.ts";
import { pushConsents, pushSubscriptions, pushTopics } from "../../registry/pushes.ts";
import { countTopicsWith, listTopics, putTopic, retireOtherTopics, type Topic } from "../../registry/topics.ts";
import { conflict, read, write } from "../call/call.ts";
import { anApi, aVisibleApi } from "../call/named-things.ts";
import { PageOf, PageQuery, toPage, toPageRequest } from "../call/paging.ts";
import { DOCUMENT_CONTENT, documentBody } from "../call/request-body.ts";
import { Line, toTime } from "../fields.ts";
import { notFound } from "../problem.ts";
import { mediaTypeOf, refuseDocument, TITLE_TAKEN, topicOf } from "./api-registration.ts";
import { ApiSummary, showApiFields, showChannelSummary, tooManyLogs } from "./api-view.ts";
import { DiagnosticView } from "./lint.ts";

const VERSION_CHARS_MAX = 256;

const VersionView = z.object({
  /** Its own, where several documents call themselves the same. */
  id: z.string(),
  version: z.string(),
  specVersion: z.string(),
  createdAt: z.string(),
  changes: z.array(ApiChange),
});

const showVersion = (summary: VersionSummary): z.infer<typeof VersionView> => ({
  id: String(summary.id),
  version: summary.version,
  specVersion: summary.specVersion,
  createdAt: toTime(summary.createdMs),
  changes: summary.changes,
});

const putSpec = write({
  method: "put",
  path: "/v1/apis/{id}/spec",
  tag: "APIs",
  summary: "Put a new version of an API's AsyncAPI document; what breaks subscribers needs ?force=true",
  action: "api.version",
  names: anApi,
  status: 200,
  query: z.strictObject({ force: z.enum(["true", "false"]).default("false") }),
  body: documentBody,
  answers: ApiSummary.extend({ changes: z.array(ApiChange), diagnostics: z.array(DiagnosticView) }),
  handle: async ({ db, nowMs, named: api, query, body, generation }) => {
    const document = await readDocument(body);
    if (!document.ok) return err(refuseDocument(document.error.diagnostics));
    const { api: described, diagnostics } = document.value;
    const topics = await listTopics(db, api.id);
    const changes = compareDocuments(documentOf(api, topics), described);
    if (query.force === "false" && changes.some(({ kind }) => kind === "breaking")) {
      const detail = "This version breaks subscribers: see `changes`. Send it with ?force=true if that is meant.";
      return err({ reason: "version_breaking", detail, changes });
    }
    const current = described.channels.map((channel) => topicOf(api.id, channel));
    const addresses = current.map(({ address }) => address);
    if ((await countTopicsWith(db, api.id, addresses)) * api.shards > LOGS_PER_API_MAX) {
      return conflict(tooManyLogs(api.shards));
    }
    const newest = await findVersion(db, api.id, "newest");
    const next = { ...api, ...fieldsOf(described), updatedMs: nowMs };
    const known = new Set(topics.map(({ address }) => address));
    const added = addresses.filter((address) => !known.has(address));
    return ok({
      body: { ...showApiFields(next), channels: current.map(showChannelSummary), changes, diagnostics },
      writes: [
        updateApiDocument(db, next),
        // The same text again is no new version.
        ...(newest?.document === body
          ? []
          : [insertApiVersion(db, api.id, { ...next, ...documentText(body), changes, createdMs: nowMs })]),
        ...current.map((topic) => putTopic(db, topic)),
        retireOtherTopics(db, api.id, addresses, nowMs),
        indexApi(db, next, addresses),
        // Every isolate looks again before it publishes, and the logs of new channels, no others, learn who subscribes.
        pushTopics(db, api.id, generation),
        pushSubscriptions(db, { apiId: api.id, addresses: added }, generation),
        pushConsents(db, { apiId: api.id, addresses: added }, generation),
      ],
      notices: newest?.document === body ? [] : noticesOfBreaking(db, next, changes),
      audit: { action: "api.version", subject: api.id, organizations: [api.organizationId] },
      taken: TITLE_TAKEN,
    });
  },
});

/** Whoever subscribes hears of a version that breaks subscribers. */
function noticesOfBreaking(db: D1Database, { id: apiId, version, updatedMs }: Api, changes: ApiChange[]) {
  const breakingChanges = changes.filter(({ kind }) => kind === "breaking").length;
  if (breakingChanges === 0) return [];
  const notice = { type: "api.version.breaking", data: { apiId, version, breakingChanges } } as const;
  return writeNoticeToSubscribers(db, notice, updatedMs);
}

const documentText = (body: string) => ({ document: body, mediaType: mediaTypeOf(body) });

type DocumentFields = Pick<Api, "title" | "version" | "specVersion" | "description" | "tags">;

const fieldsOf = ({ title, version, specVersion, description, tags }: DocumentFields): DocumentFields => ({
  ...{ title, version, specVersion, description, tags },
});

/** What the current version says, as it was read when it came. */
const documentOf = (api: Api, topics: Topic[]): ApiDocument => ({ ...fieldsOf(api), channels: topics });

const readSpec = read({
  path: "/v1/apis/{id}/spec",
  tag: "APIs",
  summary: "Read an API's AsyncAPI document as it was sent, or an older version of it",
  action: "api.read",
  names: anApi,
  query: z
    .strictObject({
      version: Line(VERSION_CHARS_MAX).meta({ description: "The newest that calls itself so." }).optional(),
      id: z
        .string()
        .regex(/^\d{1,15}$/)
        .meta({ description: "One of the list of versions, by its id." })
        .optional(),
    })
    .refine(({ version, id }) => version === undefined || id === undefined, { message: "version or id, not both" }),
  answers: z.object({ document: z.string(), mediaType: z.string() }),
  content: DOCUMENT_CONTENT,
  render: ({ document, mediaType }) => ({ text: document, mediaType }),
  handle: async ({ db, named: api, query }) => {
    const version = await findVersion(db, api.id, chooseVersion(query));
    return version ? ok(version) : notFound("version of the API");
  },
});

function chooseVersion({ version, id }: { version?: string | undefined; id?: string | undefined }): VersionChoice {
  if (id !== undefined) return { id: Number(id) };
  return version === undefined ? "newest" : { version };
}

const listOwnVersions = read({
  path: "/v1/apis/{id}/versions",
  tag: "APIs",
  summary: "List the versions of an API and what each changed",
  action: "api.read",
  names: anApi,
  query: PageQuery,
  answers: PageOf(VersionView),
  handle: async ({ db, named: api, query }) =>
    ok(toPage(await listVersions(db, api.id, toPageRequest(query)), showVersion)),
});

const listVisibleVersions = read({
  path: "/v1/directory/{apiId}/versions",
  tag: "Directory",
  summary: "List the versions of an API and what each changed for its subscribers",
  action: "directory.read",
  names: aVisibleApi,
  query: PageQuery,
  answers: PageOf(VersionView),
  handle: async ({ db, named: api, query }) =>
    ok(toPage(await listVersions(db, api.id, toPageRequest(query)), showVersion)),
});

export const apiVersionRoutes = [putSpec, readSpec, listOwnVersions, listVisibleVersions];
