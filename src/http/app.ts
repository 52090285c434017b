import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import type { Clock } from "../kernel/clock.ts";
import { logLine } from "../kernel/log.ts";
import { ISSUER_PATH } from "../oauth/authorization-server.ts";
import type { LogControls } from "../topic/client.ts";
import { amqpRoutes } from "./amqp/amqp.ts";
import { registerApi } from "./apis/api-registration.ts";
import { apiVersionRoutes } from "./apis/api-versions.ts";
import { apiRoutes } from "./apis/apis.ts";
import { lint } from "./apis/lint.ts";
import { shareRoutes } from "./apis/shares.ts";
import type { AppEnv } from "./app-env.ts";
import { appRoutes } from "./apps/apps.ts";
import { auditRoutes } from "./audit.ts";
import type { Route } from "./call/call.ts";
import { consentDecisionRoutes } from "./consents/consent-decisions.ts";
import { listConsentDeliveries } from "./consents/consent-deliveries.ts";
import { consentRoutes } from "./consents/consents.ts";
import { consolePageRoutes } from "./console/console-pages.ts";
import { allowOrigins } from "./cors.ts";
import { apiCredentialRoutes } from "./credentials/api-credentials.ts";
import { appCredentialRoutes } from "./credentials/app-credentials.ts";
import { createPublisherToken } from "./credentials/credential-tokens.ts";
import { deliveryRoutes } from "./deliveries/deliveries.ts";
import { eventRoutes } from "./deliveries/events.ts";
import { directoryRoutes } from "./directory/directory.ts";
import { directoryDocumentRoutes } from "./directory/directory-documents.ts";
import { directoryPageRoutes } from "./directory/directory-pages.ts";
import { renderDocs } from "./docs.ts";
import { limitHeaders } from "./header-size.ts";
import { allowedMethods } from "./methods.ts";
import { metricsRoute } from "./metrics/metrics.ts";
import { mqttRoutes } from "./mqtt/mqtt.ts";
import { listNotices } from "./notices/list-notices.ts";
import { oauthRoutes } from "./oauth.ts";
import { type DescribedRoutes, describeRoutes } from "./openapi.ts";
import { memberRoutes } from "./organizations/members.ts";
import { organizationTokenRoutes } from "./organizations/organization-tokens.ts";
import { organizationRoutes } from "./organizations/organizations.ts";
import { portalLinkRoutes } from "./organizations/portal-links.ts";
import { answerPage } from "./pages/page.ts";
import { problem } from "./problem.ts";
import { publishRoutes } from "./publish/publish.ts";
import { pullRoutes } from "./pull/pull.ts";
import { describedReplication } from "./replication/described-replication.ts";
import { replicationRoutes } from "./replication/replication.ts";
import { requestId } from "./request-id.ts";
import { describedSession } from "./session/described-session.ts";
import { oidcRoutes } from "./session/oidc/oidc.ts";
import { sessionRoutes } from "./session/session.ts";
import { describedStreams } from "./streams/described-streams.ts";
import { streamRoutes } from "./streams/stream.ts";
import { createStreamToken } from "./streams/stream-tokens.ts";
import { subscriptionActionRoutes } from "./subscriptions/subscription-actions.ts";
import { readHealth } from "./subscriptions/subscription-health.ts";
import { rotateSigningSecret } from "./subscriptions/subscription-secret.ts";
import { seek } from "./subscriptions/subscription-seek.ts";
import { subscriptionRoutes } from "./subscriptions/subscriptions.ts";
import { hearOut } from "./unread-body.ts";
import { webhookKeyRoutes } from "./webhook-keys.ts";

const MANAGEMENT: Route[] = [
  ...organizationRoutes,
  ...organizationTokenRoutes,
  ...memberRoutes,
  ...portalLinkRoutes,
  lint,
  registerApi,
  ...apiRoutes,
  ...apiVersionRoutes,
  ...shareRoutes,
  ...apiCredentialRoutes,
  createPublisherToken,
  ...appRoutes,
  ...appCredentialRoutes,
  createStreamToken,
  ...subscriptionRoutes,
  readHealth,
  ...subscriptionActionRoutes,
  seek,
  rotateSigningSecret,
  ...consentRoutes,
  ...consentDecisionRoutes,
  listConsentDeliveries,
  ...directoryRoutes,
  ...directoryDocumentRoutes,
  ...eventRoutes,
  ...deliveryRoutes,
  ...pullRoutes,
  ...auditRoutes,
  listNotices,
  metricsRoute,
];

const DESCRIBED: DescribedRoutes = {
  management: MANAGEMENT,
  events: [...describedStreams, ...describedReplication],
  own: describedSession,
};

/** All but the publishes: those read a few headers, each with a bound of its own, and to sum all would cost them a fiftieth of their CPU. */
const LIMITED = ["/v1/*", `${ISSUER_PATH}/*`, "/directory/*", "/session/*"];

let described: { origin: string; document: ReturnType<typeof describeRoutes> } | null = null;

/** Made once an isolate: anybody may ask for it, and it is not cheap to make. */
function describeManagement(origin: string): ReturnType<typeof describeRoutes> {
  if (described?.origin !== origin)
    described = {
      origin,
      document: describeRoutes(DESCRIBED, origin),
    };
  return described.document;
}

export type AppDeps = { clock: Clock; logsOf(env: Env): LogControls };

/** Everything that the relay answers over HTTP. */
export function createApp(deps: AppDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(requestId, hearOut, async (c, next) => {
    c.set("clock", deps.clock);
    c.set("logs", deps.logsOf(c.env));
    c.header("X-Content-Type-Options", "nosniff");
    await next();
  });

  for (const path of LIMITED) app.use(path, limitHeaders);
  app.route("/", streamRoutes);
  app.route("/", replicationRoutes);
  app.use("/v1/*", allowOrigins);
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/openapi.json", (c) => c.json(describeManagement(c.env.RELAY_ORIGIN)));
  app.get("/docs", (c) => answerPage(c, renderDocs(describeManagement(c.env.RELAY_ORIGIN))));
  for (const route of MANAGEMENT) app.on(route.method, toRoutingPath(route.path), (c) => route.run(c));
  app.route("/", sessionRoutes);
  app.route("/", oidcRoutes);
  app.route("/", consolePageRoutes);
  app.route("/", directoryPageRoutes);
  app.route("/", oauthRoutes);
  app.route("/", webhookKeyRoutes);
  app.route("/", publishRoutes);
  app.route("/", mqttRoutes);
  app.route("/", amqpRoutes);

  app.notFound((c) => {
    const allowed = allowedMethods(app, c.req.path);
    if (allowed.length === 0) return problem(c, { reason: "not_found", detail: "There is nothing at this path." });
    c.header("Allow", allowed.join(", "));
    return problem(c, { reason: "method_not_allowed", detail: `This path answers ${allowed.join(", ")}.` });
  });
  app.onError((error, c) => {
    if (error instanceof HTTPException && error.status < 500) {
      return problem(c, { reason: "bad_request", detail: "The request cannot be read." });
    }
    logLine("error", { requestId: c.var.requestId, path: c.req.path, error: error.stack ?? String(error) });
    return problem(c, {
      reason: "internal",
      detail: "Something went wrong here. The request id helps to find out what.",
    });
  });
  return app;
}

/** OpenAPI's `{id}` is the router's `:id`. */
const toRoutingPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ":$1");
