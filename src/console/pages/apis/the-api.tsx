import { getRouteApi } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { api } from "../../api/client.ts";
import { Loaded } from "../../parts/loaded.tsx";
import type { Api } from "./api-types.ts";

const route = getRouteApi("/o/$organizationId/apis/$apiId");

/** The organization's and the API's id in the address. */
export const useApiParams = () => route.useParams();

export const useApi = (id: string) => api.useQuery("get", "/v1/apis/{id}", { params: { path: { id } } });

/** The API of the address, once it is read. */
export function TheApi({ children }: { children: (api: Api) => ReactNode }) {
  const { apiId } = useApiParams();
  return (
    <Loaded query={useApi(apiId)} what="the API">
      {children}
    </Loaded>
  );
}
