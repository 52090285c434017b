import { z } from "zod";
import { ok } from "../kernel/result.ts";
import { type Api, findVisibleApi, listDirectory } from "../registry/apis.ts";
import { listAddresses, listTopics } from "../registry/topics.ts";
import { ApiPublicFields, ChannelSummary, ChannelView, showChannel, showPublicFields } from "./api-view.ts";
import { notFound, read } from "./call.ts";
import { Line } from "./fields.ts";
import { PageOf, PageQuery, toPage, toPageRequest } from "./paging.ts";

const SEARCH_CHARS_MAX = 200;

const Publisher = z.object({ id: z.string(), name: z.string() });

const DirectorySummary = ApiPublicFields.extend({ publisher: Publisher, channels: z.array(ChannelSummary) });
const DirectoryEntry = ApiPublicFields.extend({ publisher: Publisher, channels: z.array(ChannelView) });

const showEntry = (api: Api): z.infer<typeof ApiPublicFields> & { publisher: z.infer<typeof Publisher> } => ({
  ...showPublicFields(api),
  publisher: { id: api.organizationId, name: api.organizationName },
});

const searchDirectory = read({
  path: "/v1/directory",
  tag: "Directory",
  summary: "List the APIs that the organization may subscribe to",
  who: "viewer",
  query: PageQuery.extend({
    q: Line(SEARCH_CHARS_MAX).optional(),
    tag: Line(SEARCH_CHARS_MAX).optional(),
    publisher: Line(SEARCH_CHARS_MAX).optional(),
  }),
  answers: PageOf(DirectorySummary),
  handle: async ({ db, caller, query }) => {
    const filter = { q: query.q, tag: query.tag, publisher: query.publisher };
    const page = await listDirectory(db, caller.organizationId, filter, toPageRequest(query));
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
  who: "viewer",
  answers: DirectoryEntry,
  handle: async ({ db, caller, params }) => {
    const api = await findVisibleApi(db, caller.organizationId, params.apiId);
    if (!api) return notFound("API");
    return ok({ ...showEntry(api), channels: (await listTopics(db, api.id)).map(showChannel) });
  },
});

export const directoryRoutes = [searchDirectory, readDirectoryEntry];
