import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "./lazy-page.ts";
import { organization } from "./organization.ts";
import { texts } from "./search.ts";

const directory = createRoute({
  getParentRoute: () => organization,
  path: "/directory",
  validateSearch: texts("q", "tag", "publisher"),
  component: lazyPage(() => import("../pages/directory/directory.tsx"), "DirectoryPage"),
});
const directoryApi = createRoute({
  getParentRoute: () => organization,
  path: "/directory/$apiId",
  component: lazyPage(() => import("../pages/directory/directory-api.tsx"), "DirectoryApiPage"),
});
const directoryDocumentation = createRoute({
  getParentRoute: () => directoryApi,
  path: "/",
  component: lazyPage(() => import("../pages/directory/directory-documentation.tsx"), "DirectoryDocumentation"),
});
const directoryCode = createRoute({
  getParentRoute: () => directoryApi,
  path: "/code",
  validateSearch: texts("channel", "kind", "language"),
  component: lazyPage(() => import("../pages/directory/directory-code.tsx"), "DirectoryCode"),
});
const directoryVersions = createRoute({
  getParentRoute: () => directoryApi,
  path: "/versions",
  component: lazyPage(() => import("../pages/directory/directory-versions.tsx"), "DirectoryVersions"),
});

const apps = createRoute({
  getParentRoute: () => organization,
  path: "/apps",
  component: lazyPage(() => import("../pages/apps/app-list.tsx"), "AppListPage"),
});
const appPage = createRoute({
  getParentRoute: () => organization,
  path: "/apps/$appId",
  component: lazyPage(() => import("../pages/apps/app.tsx"), "AppPage"),
});

const subscriptions = createRoute({
  getParentRoute: () => organization,
  path: "/subscriptions",
  validateSearch: texts("q", "status"),
  component: lazyPage(() => import("../pages/subscriptions/subscription-list.tsx"), "SubscriptionListPage"),
});
const newSubscription = createRoute({
  getParentRoute: () => organization,
  path: "/subscriptions/new",
  validateSearch: texts("apiId", "appId", "step"),
  component: lazyPage(() => import("../pages/subscriptions/new-subscription.tsx"), "NewSubscriptionPage"),
});
const subscriptionPage = createRoute({
  getParentRoute: () => organization,
  path: "/subscriptions/$subscriptionId",
  component: lazyPage(() => import("../pages/subscriptions/subscription.tsx"), "SubscriptionPage"),
});
const subscriptionOverview = createRoute({
  getParentRoute: () => subscriptionPage,
  path: "/",
  validateSearch: texts("span"),
  component: lazyPage(() => import("../pages/subscriptions/subscription-overview.tsx"), "SubscriptionOverview"),
});
const subscriptionDeliveries = createRoute({
  getParentRoute: () => subscriptionPage,
  path: "/deliveries",
  validateSearch: texts("status", "partitionKey", "from", "to"),
  component: lazyPage(
    () => import("../pages/subscriptions/deliveries/subscription-deliveries.tsx"),
    "SubscriptionDeliveries",
  ),
});
const subscriptionSettings = createRoute({
  getParentRoute: () => subscriptionPage,
  path: "/settings",
  component: lazyPage(() => import("../pages/subscriptions/subscription-settings.tsx"), "SubscriptionSettings"),
});
const delivery = createRoute({
  getParentRoute: () => organization,
  path: "/deliveries/$deliveryId",
  component: lazyPage(() => import("../pages/subscriptions/deliveries/delivery.tsx"), "DeliveryPage"),
});

/** What an organization subscribes to. */
export const subscribeRoutes = [
  directory,
  directoryApi.addChildren([directoryDocumentation, directoryCode, directoryVersions]),
  apps,
  appPage,
  subscriptions,
  newSubscription,
  subscriptionPage.addChildren([subscriptionOverview, subscriptionDeliveries, subscriptionSettings]),
  delivery,
] as const;
