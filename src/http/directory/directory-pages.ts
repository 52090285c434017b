import { type Context, Hono } from "hono";
import { isUuid } from "../../kernel/ids.ts";
import { type Api, findVisibleApi } from "../../registry/apis.ts";
import { listDirectory } from "../../registry/directory.ts";
import { listTopics } from "../../registry/topics.ts";
import type { AppEnv } from "../app-env.ts";
import { checkShape } from "../body.ts";
import { readQuery } from "../call/call.ts";
import { toPage, toPageRequest } from "../call/paging.ts";
import { answerRevalidated } from "../call/revalidation.ts";
import { renderApi } from "../pages/api-page.ts";
import { renderDirectory } from "../pages/directory-page.ts";
import { answerFailure, answerPage } from "../pages/page.ts";
import { notFound } from "../problem.ts";
import { DirectoryQuery, toFilter } from "./directory.ts";
import { loadPublicDocument, SPELLINGS } from "./directory-documents.ts";

/** The directory as everybody may read it: a browser sends no token, so that it holds public APIs only. */
export const directoryPageRoutes = new Hono<AppEnv>();

directoryPageRoutes.get("/directory", async (c) => {
  const query = checkShape(DirectoryQuery, readQuery(c));
  if (!query.ok) return answerFailure(c, query.error, 422);
  const filter = toFilter(query.value);
  const page = toPage(await listDirectory(c.env.REGISTRY, null, filter, toPageRequest(query.value)), (api) => api);
  return answerPage(c, renderDirectory(filter, page.data, page.nextCursor));
});

directoryPageRoutes.get("/directory/:apiId", async (c) => {
  const api = await findPublicApi(c, c.req.param("apiId"));
  if (!api) return answerFailure(c, notFound("API").error, 404);
  return answerPage(c, renderApi(api, await listTopics(c.env.REGISTRY, api.id), c.env.RELAY_ORIGIN));
});

for (const spelling of ["yaml", "json"] as const) {
  const { mediaType, write } = SPELLINGS[spelling];
  directoryPageRoutes.get(`/directory/:apiId/asyncapi.${spelling}`, async (c) => {
    const api = await findPublicApi(c, c.req.param("apiId"));
    if (!api) return answerFailure(c, notFound("API").error, 404);
    return answerRevalidated(c, write(await loadPublicDocument(c.env.REGISTRY, api.id, c.env.RELAY_ORIGIN)), mediaType);
  });
}

/** null for what is private, unknown or no id at all: nobody can tell which. */
async function findPublicApi(c: Context<AppEnv>, id: string): Promise<Api | null> {
  return isUuid(id) ? findVisibleApi(c.env.REGISTRY, null, id.toLowerCase()) : null;
}
