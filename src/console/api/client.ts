import createFetchClient, { type Middleware } from "openapi-fetch";
import createQueryClient from "openapi-react-query";
import type { paths } from "../generated/paths.ts";
import { callerHeaders } from "./caller.ts";
import { NETWORK_PROBLEM, readProblem } from "./problem.ts";
import { send } from "./send.ts";

/** Every refusal becomes an `ApiProblem`, thrown: a query's or a mutation's `error`. */
const asCaller: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(callerHeaders(request.method))) request.headers.set(name, value);
    return request;
  },
  async onResponse({ response }) {
    if (!response.ok) throw await readProblem(response);
    return response;
  },
  onError: () => NETWORK_PROBLEM(),
};

/** The management API, typed from its own OpenAPI document. */
export const client = createFetchClient<paths>({ baseUrl: "/", fetch: send });
client.use(asCaller);

/** The same as queries and mutations: `api.useQuery("get", "/v1/apis/{id}", …)`. */
export const api = createQueryClient(client);
