import type { Answer, Row } from "../../api/answer.ts";
import type { paths } from "../../generated/paths.ts";

/** A subscription as its own page has it: with how it is doing. */
export type Subscription = Answer<"/v1/subscriptions/{id}", "get">;
export type ListedSubscription = Row<"/v1/subscriptions">;
export type Delivery = Row<"/v1/subscriptions/{id}/deliveries">;
export type DeliveryStatus = Delivery["status"];
export type Attempt = Delivery["attempts"][number];
export type Health = Answer<"/v1/subscriptions/{id}/health", "get">;
export type DirectoryApi = Answer<"/v1/directory/{apiId}", "get">;
export type Format = Subscription["format"];
export type RetryPolicy = Subscription["retry"];

export type SubscriptionPatch = NonNullable<
  paths["/v1/subscriptions/{id}"]["patch"]["requestBody"]
>["content"]["application/json"];
export type NewSubscription = NonNullable<
  paths["/v1/apps/{id}/subscriptions"]["post"]["requestBody"]
>["content"]["application/json"];
