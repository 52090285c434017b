import { ok } from "../../kernel/result.ts";
import { pushSubscriptions } from "../../registry/pushes.ts";
import { reviseSubscriptions } from "../../registry/subscription-changes.ts";
import { anApp, anAppCredential } from "../call/named-things.ts";
import { credentialRoutes } from "./credential-routes.ts";

export const appCredentialRoutes = credentialRoutes({
  path: "/v1/apps",
  tag: "Apps",
  whose: "of an app",
  one: anApp,
  credential: anAppCredential,
  clientOwner: (app) => ({ kind: "app", appId: app.id }),
  // `id` is the API key, as everything else has an `id`.
  idNames: ["id", "apiKey"],
  secretName: "apiSecret",
  // An app subscribes to any number of APIs: there are no channels to check them against.
  readChannels: async (_db, _app, channels) => ok(channels),
  // Deliveries name an API key of the app: it may have been this one.
  tellRevoked: (db, app, nowMs, generation) => [
    reviseSubscriptions(db, { appId: app.id }, nowMs),
    pushSubscriptions(db, { appId: app.id }, generation),
  ],
});
