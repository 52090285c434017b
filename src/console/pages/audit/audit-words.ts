import type { Row } from "../../api/answer.ts";

export type AuditEntry = Row<"/v1/audit">;

/** What somebody did, behind their name: "Ada *revoked a consent*". */
const ACTIONS: Record<string, string> = {
  "organization.create": "created the organization",
  "token.create": "created a token",
  "token.revoke": "revoked a token",
  "member.create": "invited a member",
  "member.update": "changed a member’s role",
  "member.remove": "removed a member",
  "portal-link.create": "made a portal link",
  "portal-link.revoke": "revoked a portal link",
  "api.register": "registered an API",
  "api.update": "changed an API’s settings",
  "api.version": "released a version of an API",
  "api.share": "shared an API",
  "api.unshare": "stopped sharing an API",
  "api.delete": "deleted an API",
  "app.create": "created an app",
  "app.update": "changed an app",
  "app.delete": "deleted an app",
  "app.stream-token": "made a token for a live stream",
  "credentials.create": "created credentials",
  "credentials.rotate": "gave credentials a new secret",
  "credentials.token": "took a token to publish a test event with",
  "credentials.revoke": "revoked credentials",
  "subscription.create": "subscribed to an API",
  "subscription.update": "changed a subscription",
  "subscription.pause": "paused a subscription",
  "subscription.resume": "resumed a subscription",
  "subscription.verify": "had an endpoint verified",
  "subscription.rotate-secret": "gave a subscription a new signing secret",
  "subscription.test": "sent a test event",
  "subscription.seek": "replayed events of a subscription",
  "subscription.disable": "disabled a subscription",
  "subscription.delete": "deleted a subscription",
  "subscription.approve": "approved a subscription",
  "subscription.reject": "rejected a subscription",
  "delivery.retry": "tried a delivery again",
  "delivery.skip": "skipped a delivery",
  "delivery.retry-dead": "brought dead deliveries back",
  "consent.request": "asked for consent",
  "consent.grant": "granted a consent",
  "consent.deny": "denied a consent",
  "consent.revoke": "revoked a consent",
};

export const sayAction = (action: string): string => ACTIONS[action] ?? action;

export const KNOWN_ACTIONS: readonly string[] = Object.keys(ACTIONS);

/** Who did it, by the ids that somebody's name is known of (`token:…`, `member:…`, `organization:…`). */
export function sayActor(actor: string, names: ReadonlyMap<string, string>): string {
  const name = names.get(actor);
  if (name !== undefined) return name;
  const [kind] = actor.split(":", 1);
  switch (kind) {
    case "operator":
      return "The operator";
    case "relay":
      return "The relay";
    case "member":
      return "A member";
    case "portal":
      return "Somebody with a portal link";
    case "organization":
      return "Another organization";
    default:
      return "Somebody with a token";
  }
}

export type SubjectPage = "api" | "app" | "subscription" | "consent" | "organization";

/** Which page shows what was changed; null: none, or not to this organization. */
export function pageOf({ action, actor }: Pick<AuditEntry, "action" | "actor">): SubjectPage | null {
  const [kind, verb = ""] = action.split(".", 2);
  const isForeign = actor.startsWith("organization:");
  if (verb === "delete") return null;
  switch (kind) {
    case "api":
    case "app":
      return isForeign ? null : kind;
    case "subscription": {
      // The publisher decides these, and the subscriber does all else; the page is the subscriber's.
      const isByPublisher = verb === "approve" || verb === "reject";
      return isByPublisher === isForeign ? kind : null;
    }
    case "consent":
      return kind;
    case "token":
    case "member":
    case "portal-link":
      return "organization";
    default:
      return null;
  }
}
