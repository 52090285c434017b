import { createRoute } from "@tanstack/react-router";
import { EVENT_SEARCH } from "../pages/apis/event-search.ts";
import { lazyPage } from "./lazy-page.ts";
import { organization } from "./organization.ts";
import { texts } from "./search.ts";

const apis = createRoute({
  getParentRoute: () => organization,
  path: "/apis",
  component: lazyPage(() => import("../pages/apis/api-list.tsx"), "ApiListPage"),
});
const newApi = createRoute({
  getParentRoute: () => organization,
  path: "/apis/new",
  component: lazyPage(() => import("../pages/apis/new-api.tsx"), "NewApiPage"),
});
const apiPage = createRoute({
  getParentRoute: () => organization,
  path: "/apis/$apiId",
  component: lazyPage(() => import("../pages/apis/api.tsx"), "ApiPage"),
});

const apiChannels = createRoute({
  getParentRoute: () => apiPage,
  path: "/",
  // A test event for this channel, begun as that event was.
  validateSearch: texts("publish", "event"),
  component: lazyPage(() => import("../pages/apis/api-channels.tsx"), "ApiChannels"),
});
const apiCredentials = createRoute({
  getParentRoute: () => apiPage,
  path: "/credentials",
  component: lazyPage(() => import("../pages/apis/api-credentials.tsx"), "ApiCredentials"),
});
const apiVersions = createRoute({
  getParentRoute: () => apiPage,
  path: "/versions",
  component: lazyPage(() => import("../pages/apis/api-versions.tsx"), "ApiVersions"),
});
const newApiVersion = createRoute({
  getParentRoute: () => apiPage,
  path: "/versions/new",
  component: lazyPage(() => import("../pages/apis/new-version.tsx"), "NewVersion"),
});
const apiVersion = createRoute({
  getParentRoute: () => apiPage,
  path: "/versions/$versionId",
  component: lazyPage(() => import("../pages/apis/api-version.tsx"), "ApiVersion"),
});
const apiSubscribers = createRoute({
  getParentRoute: () => apiPage,
  path: "/subscribers",
  component: lazyPage(() => import("../pages/apis/api-subscribers.tsx"), "ApiSubscribers"),
});
const apiEvents = createRoute({
  getParentRoute: () => apiPage,
  path: "/events",
  validateSearch: texts(...EVENT_SEARCH),
  component: lazyPage(() => import("../pages/apis/api-events.tsx"), "ApiEvents"),
});
const apiSettings = createRoute({
  getParentRoute: () => apiPage,
  path: "/settings",
  component: lazyPage(() => import("../pages/apis/api-settings.tsx"), "ApiSettings"),
});

const event = createRoute({
  getParentRoute: () => organization,
  path: "/events/$eventId",
  component: lazyPage(() => import("../pages/events/event.tsx"), "EventPage"),
});

/** What an organization publishes. */
export const publishRoutes = [
  apis,
  newApi,
  apiPage.addChildren([
    apiChannels,
    apiCredentials,
    apiVersions,
    newApiVersion,
    apiVersion,
    apiSubscribers,
    apiEvents,
    apiSettings,
  ]),
  event,
] as const;
