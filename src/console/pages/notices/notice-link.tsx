import { Link, linkOptions } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { NoticePlace } from "./notice-words.ts";

type Props = { place: NoticePlace | null; organizationId: string; children: ReactNode };

/** Leads to where one can do something about a notice. */
export const NoticeLink = ({ place, organizationId, children }: Props) =>
  place === null ? children : <Link {...linkTo(place, organizationId)}>{children}</Link>;

function linkTo(place: NoticePlace, organizationId: string) {
  switch (place.page) {
    case "subscription":
      return linkOptions({
        to: "/o/$organizationId/subscriptions/$subscriptionId",
        params: { organizationId, subscriptionId: place.subscriptionId },
      });
    case "dead-deliveries":
      return linkOptions({
        to: "/o/$organizationId/subscriptions/$subscriptionId/deliveries",
        params: { organizationId, subscriptionId: place.subscriptionId },
        search: { status: "dead" },
      });
    case "consent":
      return linkOptions({
        to: "/o/$organizationId/consents/$consentId",
        params: { organizationId, consentId: place.consentId },
      });
    case "api":
      return linkOptions({ to: "/o/$organizationId/apis/$apiId", params: { organizationId, apiId: place.apiId } });
    case "subscribers":
      return linkOptions({
        to: "/o/$organizationId/apis/$apiId/subscribers",
        params: { organizationId, apiId: place.apiId },
      });
    case "directory":
      return linkOptions({
        to: "/o/$organizationId/directory/$apiId/versions",
        params: { organizationId, apiId: place.apiId },
      });
  }
}
