import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { NoticePlace } from "./notice-words.ts";

/** Leads to where one can do something about a notice. */
export function NoticeLink({
  place,
  organizationId,
  children,
}: {
  place: NoticePlace | null;
  organizationId: string;
  children: ReactNode;
}) {
  switch (place?.page) {
    case "subscription":
      return (
        <Link
          to="/o/$organizationId/subscriptions/$subscriptionId"
          params={{ organizationId, subscriptionId: place.subscriptionId }}
        >
          {children}
        </Link>
      );
    case "dead-deliveries":
      return (
        <Link
          to="/o/$organizationId/subscriptions/$subscriptionId/deliveries"
          params={{ organizationId, subscriptionId: place.subscriptionId }}
          search={{ status: "dead" }}
        >
          {children}
        </Link>
      );
    case "consent":
      return (
        <Link to="/o/$organizationId/consents/$consentId" params={{ organizationId, consentId: place.consentId }}>
          {children}
        </Link>
      );
    case "api":
      return (
        <Link to="/o/$organizationId/apis/$apiId" params={{ organizationId, apiId: place.apiId }}>
          {children}
        </Link>
      );
    case "subscribers":
      return (
        <Link to="/o/$organizationId/apis/$apiId/subscribers" params={{ organizationId, apiId: place.apiId }}>
          {children}
        </Link>
      );
    case "directory":
      return (
        <Link to="/o/$organizationId/directory/$apiId/versions" params={{ organizationId, apiId: place.apiId }}>
          {children}
        </Link>
      );
    case undefined:
      return children;
  }
}
