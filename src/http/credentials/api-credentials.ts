import { updateApi } from "../../registry/apis.ts";
import { pushTopics } from "../../registry/pushes.ts";
import { anApi, anApiCredential } from "../call/named-things.ts";
import { checkChannels } from "../channel-check.ts";
import { credentialRoutes } from "./credential-routes.ts";

export const apiCredentialRoutes = credentialRoutes({
  path: "/v1/apis",
  tag: "APIs",
  whose: "of a publisher",
  one: anApi,
  credential: anApiCredential,
  clientOwner: (api) => ({ kind: "publisher", apiId: api.id }),
  idNames: ["clientId"],
  secretName: "clientSecret",
  readChannels: (db, api, channels) => checkChannels(db, api.id, channels),
  // A new revision in the logs makes every isolate look again before it publishes for this API.
  tellRevoked: (db, api, nowMs, generation) => [
    updateApi(db, { ...api, updatedMs: nowMs }),
    pushTopics(db, api.id, generation),
  ],
});
