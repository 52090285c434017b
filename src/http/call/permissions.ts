import type { Member, Operator, Portal, Principal, Role } from "../app-env.ts";

/** As what an organization can stand to a thing, and a portal link as its app. */
export type Party =
  /** The thing is this organization. */
  | "itself"
  /** Whose API or app it is. */
  | "owner"
  /** May see the API, and subscribe to it. */
  | "audience"
  /** Whose app has the subscription. */
  | "subscriber"
  /** Whose API the subscription is to. */
  | "publisher"
  /** Whom the events are about. */
  | "dataOwner"
  /** The app that it belongs to, or that it is. */
  | "app";

/** What the registry says of a thing: the id of the organization, or of the app, that stands to it as each of these. */
export type Parties = { readonly [P in Party]?: string };

type Rule = {
  operator: boolean;
  /** The least role of a member; null: members may not. */
  member: Role | null;
  /** Whether the app may, whose subscription it is, with an access token of its own: who that is, its route finds out. */
  app?: true;
  /** The member's organization has to be one of these to the thing; none: whoever it is. */
  as: readonly Party[];
  /** The same of a portal link with the role that a member needs; absent: no link may. */
  portal?: readonly Party[];
};

const forOperator = { operator: true, member: null, as: [] } as const;
const forMember = <R extends Role>(member: R, ...as: Party[]) => ({ operator: false, member, as }) as const;
const forBoth = <R extends Role>(member: R, ...as: Party[]) => ({ operator: true, member, as }) as const;
/** By a portal link too. Of a list: what its handler narrows to the link's app. */
const inPortal = <R extends object>(rule: R, ...portal: Party[]) => ({ ...rule, portal });

/** Everything that the management API does, in the words of its audit, and who may do it. */
const ACTIONS = {
  "organization.create": forOperator,
  "organization.list": forBoth("viewer"),
  "organization.read": forBoth("viewer", "itself"),
  "token.create": forBoth("admin", "itself"),
  "token.list": forBoth("admin", "itself"),
  "token.revoke": forBoth("admin", "itself"),
  "member.create": forBoth("admin", "itself"),
  "member.list": forBoth("admin", "itself"),
  "member.update": forBoth("admin", "itself"),
  "member.remove": forBoth("admin", "itself"),

  "portal-link.create": forMember("developer", "itself"),
  "portal-link.list": forMember("viewer", "itself"),
  "portal-link.read": inPortal(forMember("viewer", "itself"), "app"),
  "portal-link.revoke": forMember("developer", "itself"),

  "document.lint": forBoth("viewer"),
  "api.register": forMember("developer"),
  "api.list": forMember("viewer"),
  "api.read": forMember("viewer", "owner"),
  "api.update": forMember("developer", "owner"),
  "api.version": forMember("developer", "owner"),
  "api.share": forMember("developer", "owner"),
  "api.unshare": forMember("developer", "owner"),
  "api.delete": forMember("developer", "owner"),
  "api.subscribe": inPortal(forMember("developer", "audience"), "audience"),

  "app.create": forMember("developer"),
  "app.list": inPortal(forMember("viewer")),
  "app.read": inPortal(forMember("viewer", "owner"), "app"),
  "app.update": forMember("developer", "owner"),
  "app.delete": forMember("developer", "owner"),
  "app.stream-token": forMember("developer", "owner"),

  "credentials.create": forMember("developer", "owner"),
  "credentials.list": forMember("viewer", "owner"),
  "credentials.rotate": forMember("developer", "owner"),
  "credentials.token": forMember("developer", "owner"),
  "credentials.revoke": forMember("developer", "owner"),

  "subscription.create": inPortal(forMember("developer", "owner"), "app"),
  "subscription.list": inPortal(forMember("viewer")),
  "subscription.read": inPortal(forMember("viewer", "subscriber"), "app"),
  "subscription.update": inPortal(forMember("developer", "subscriber"), "app"),
  "subscription.pause": inPortal(forMember("developer", "subscriber"), "app"),
  "subscription.resume": inPortal(forMember("developer", "subscriber"), "app"),
  "subscription.verify": inPortal(forMember("developer", "subscriber"), "app"),
  "subscription.rotate-secret": inPortal(forMember("developer", "subscriber"), "app"),
  "subscription.test": inPortal(forMember("developer", "subscriber"), "app"),
  "subscription.pull": { ...forMember("developer", "subscriber"), app: true },
  "subscription.delete": inPortal(forMember("developer", "subscriber"), "app"),
  "subscription.approve": forMember("developer", "publisher"),
  "subscription.reject": forMember("developer", "publisher"),

  "event.list": forMember("viewer", "owner"),
  "event.read": forMember("viewer", "publisher"),
  "event.deliveries": forMember("viewer", "publisher", "subscriber"),
  "delivery.list": inPortal(forMember("viewer", "subscriber"), "app"),
  "delivery.read": inPortal(forMember("viewer", "subscriber"), "app"),
  "delivery.retry": inPortal(forMember("developer", "subscriber"), "app"),
  "delivery.skip": inPortal(forMember("developer", "subscriber"), "app"),
  "delivery.retry-dead": inPortal(forMember("developer", "subscriber"), "app"),
  "subscription.seek": inPortal(forMember("developer", "subscriber"), "app"),

  "consent.request": inPortal(forMember("developer", "subscriber"), "app"),
  // Every organization is the owner of its own data, whoever subscribes.
  "consent.give": forMember("developer"),
  "consent.list": inPortal(forMember("viewer")),
  "consent.read": inPortal(forMember("viewer", "dataOwner", "subscriber", "publisher"), "app"),
  "consent.deliveries": forMember("viewer", "dataOwner"),
  "consent.grant": forMember("developer", "dataOwner"),
  "consent.deny": forMember("developer", "dataOwner"),
  "consent.revoke": forMember("developer", "dataOwner"),

  "directory.search": inPortal(forMember("viewer")),
  "directory.apps": forMember("viewer"),
  "directory.read": inPortal(forMember("viewer", "audience"), "audience"),
  "audit.list": forBoth("viewer"),
  "notice.list": forBoth("viewer"),
  "metrics.read": forOperator,
} as const satisfies Record<string, Rule>;

export type Action = keyof typeof ACTIONS;

/** Who is left to call once an action is allowed. */
export type CallerOf<A extends Action> =
  | ((typeof ACTIONS)[A]["operator"] extends true ? Operator : never)
  | ((typeof ACTIONS)[A]["member"] extends Role ? Member : never)
  | ((typeof ACTIONS)[A] extends { portal: readonly Party[] } ? Portal : never);

/**
 * - `hidden`: not there, or other organizations' alone. Nobody may tell which.
 * - `forbidden`: not with this kind of token, or not with its role.
 */
export type Verdict = "allowed" | "hidden" | "forbidden";

const RANK: Record<Role, number> = { viewer: 1, developer: 2, admin: 3 };

/** Decides every call of the management API. `thing`: what the call names; null where there is no such thing, `{}` where it names none. */
export function can(principal: Principal, action: Action, thing: Parties | null): Verdict {
  const rule: Rule = ACTIONS[action];
  if (!isForKind(rule, principal)) return "forbidden";
  if (thing === null || !standsAs(principal, rule, thing)) return "hidden";
  return hasRole(principal, action) ? "allowed" : "forbidden";
}

/** Whether a caller's kind and role are those of an action, whatever it is done to. */
export function hasRole(principal: Principal, action: Action): boolean {
  const rule: Rule = ACTIONS[action];
  if (!isForKind(rule, principal)) return false;
  if (principal.kind === "operator") return true;
  return rule.member !== null && RANK[principal.role] >= RANK[rule.member];
}

function isForKind({ operator, member, portal }: Rule, { kind }: Principal): boolean {
  switch (kind) {
    case "operator":
      return operator;
    case "member":
      return member !== null;
    case "portal":
      return member !== null && portal !== undefined;
  }
}

/** The operator stands above all things that its actions are about. */
function standsAs(principal: Principal, { as, portal = [] }: Rule, thing: Parties): boolean {
  if (principal.kind === "operator") return true;
  const parties = principal.kind === "portal" ? portal : as;
  return parties.length === 0 || parties.some((party) => thing[party] === idAs(party, principal));
}

const idAs = (party: Party, caller: Member | Portal): string =>
  party === "app" && caller.kind === "portal" ? caller.appId : caller.organizationId;

/** The app that a caller's lists are about; null: all of its organization. */
export const onlyAppOf = (caller: Member | Portal): string | null => (caller.kind === "portal" ? caller.appId : null);

const WORDS: Record<Party, string> = {
  itself: "the organization itself",
  owner: "the organization that owns it",
  audience: "an organization that may see it",
  subscriber: "the subscriber",
  publisher: "the publisher",
  dataOwner: "the data owner",
  app: "the app",
};

const anyOf = new Intl.ListFormat("en", { type: "disjunction" });
const allOf = new Intl.ListFormat("en", { type: "conjunction" });

/** Who may do it, in words: for people who read the documentation or a refusal. */
export function describeCallers(action: Action): string {
  const { operator, member, app, portal, as }: Rule = ACTIONS[action];
  const organization = anyOf.format(as.map((party) => WORDS[party])) || "any organization";
  const members = member && `${allOf.format(rolesFrom(member))} of ${organization}`;
  const links = portal && (member === "viewer" ? "portal links" : "portal links of developers");
  return [operator && "the operator", members, app && "the app itself", links].filter(Boolean).join(", and for ");
}

const rolesFrom = (least: Role): string[] =>
  (["viewer", "developer", "admin"] as const).filter((role) => RANK[role] >= RANK[least]).map((role) => `${role}s`);
