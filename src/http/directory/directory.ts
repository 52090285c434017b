import { z } from "zod";
import { ok } from "../../kernel/result.ts";
import type { Api } from "../../registry/apis.ts";
import { type DirectoryFilter, listDirectory } from "../../registry/directory.ts";
import { listAddresses, listTopics } from "../../registry/topics.ts";
import { ApiPublicFields, ChannelSummary, ChannelView, showChannel, showPublicFields } from "../apis/api-view.ts";
import { read } from "../call/call.ts";
import { aVisibleApi } from "../call/named-things.ts";
import { PageOf, PageQuery, toPage, toPageRequest } from "../call/paging.ts";
import { Line } from "../fields.ts";
import { searchListedApps } from "./listed-apps.ts";

const SEARCH_CHARS_MAX = 200;
const TAG_CHARS_MAX = 256;
const TAGS_MAX = 20;

const Words = Line(SEARCH_CHARS_MAX).default("");

/** Once or more often; one that is empty asks for nothing, as a form sends it. */
const Tags = z
  .union([Line(TAG_CHARS_MAX).transform((tag) => [tag]), z.array(Line(TAG_CHARS_MAX)).max(TAGS_MAX)])
  .default([])
  .transform((tags) => tags.filter((tag) => tag.trim() !== ""))
  .meta({ type: "array", items: { type: "string" } });

export const DirectoryQuery = PageQuery.extend({ q: Words, tag: Tags, publisher: Words });

export const toFilter = ({ q, tag, publisher }: z.output<typeof DirectoryQuery>): DirectoryFilter => ({
  q,
  tags: tag,
  publisher: publisher.trim(),
});

const Publisher = z.object({ id: z.string(), name: z.string() });

/** Where an API's document is, as subscribers may see it; the page is for APIs that are public. */
const Documents = z.object({ yaml: z.string(), json: z.string(), page: z.string().nullable() });

const DirectorySummary = ApiPublicFields.extend({ publisher: Publisher, channels: z.array(ChannelSummary) });
const DirectoryEntry = ApiPublicFields.extend({
  publisher: Publisher,
  documents: Documents,
  channels: z.array(ChannelView),
});

const showEntry = (api: Api): z.infer<typeof ApiPublicFields> & { publisher: z.infer<typeof Publisher> } => ({
  ...showPublicFields(api),
  publisher: { id: api.organizationId, name: api.organizationName },
});

const showDocuments = (api: Api, origin: string): z.infer<typeof Documents> => ({
  yaml: `${origin}/v1/directory/${api.id}/asyncapi.yaml`,
  json: `${origin}/v1/directory/${api.id}/asyncapi.json`,
  page: api.visibility === "public" ? `${origin}/directory/${api.id}` : null,
});

const searchDirectory = read({
  path: "/v1/directory",
  tag: "Directory",
  summary: "Search the APIs that the organization may subscribe to, by words (q), tags and publisher",
  action: "directory.search",
  query: DirectoryQuery,
  answers: PageOf(DirectorySummary),
  handle: async ({ db, caller, query }) => {
    const page = await listDirectory(db, caller.organizationId, toFilter(query), toPageRequest(query));
    const channels = await listAddresses(
      db,
      page.rows.map((api) => api.id),
    );
    return ok(toPage(page, (api) => ({ ...showEntry(api), channels: channels.get(api.id) ?? [] })));
  },
});

const readDirectoryEntry = read({
  path: "/v1/directory/{apiId}",
  tag: "Directory",
  summary: "Read an API that the organization may subscribe to, with its channels and their message schemas",
  action: "directory.read",
  names: aVisibleApi,
  answers: DirectoryEntry,
  handle: async ({ db, env, named: api }) => {
    const channels = (await listTopics(db, api.id)).map(showChannel);
    return ok({ ...showEntry(api), documents: showDocuments(api, env.RELAY_ORIGIN), channels });
  },
});

export const directoryRoutes = [searchDirectory, searchListedApps, readDirectoryEntry];
