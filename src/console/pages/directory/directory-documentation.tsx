import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { api } from "../../api/client.ts";
import { loadPart } from "../../parts/load-part.ts";
import { Loaded } from "../../parts/loaded.tsx";
import { Loading } from "../../parts/note.tsx";
import { useDirectoryApi } from "./the-directory-api.ts";

const route = getRouteApi("/o/$organizationId/directory/$apiId");

const ApiDocumentation = lazy(async () => {
  const { ApiDocumentation } = await loadPart(() => import("../../documentation/api-documentation.tsx"));
  return { default: ApiDocumentation };
});

/** The API's document, readable. */
export function DirectoryDocumentation() {
  const { apiId } = route.useParams();
  const { data: entry } = useDirectoryApi(apiId);
  const found = api.useQuery("get", "/v1/directory/{apiId}/asyncapi.json", { params: { path: { apiId } } });
  return (
    <Loaded query={found} what="the documentation">
      {(document) =>
        entry && (
          <Suspense fallback={<Loading what="the documentation" />}>
            <ApiDocumentation document={document} channels={entry.channels} />
          </Suspense>
        )
      }
    </Loaded>
  );
}
