import type { Answer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";

export type DirectoryApi = Answer<"/v1/directory/{apiId}", "get">;

/** One API as whoever may subscribe sees it. */
export const useDirectoryApi = (apiId: string) =>
  api.useQuery("get", "/v1/directory/{apiId}", { params: { path: { apiId } } });
