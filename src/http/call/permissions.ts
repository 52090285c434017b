import type { Member, Operator, Principal, Role } from "../app-env.ts";

/** As what an organization can stand to a thing. */
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
  | "dataOwner";

/** What the registry says of a thing: the id of the organization that stands to it as each of these. */
export type Parties = { readonly [P in Party]?: string };

type Rule = {
  operator: boolean;
  /** The least role of a member; null: members may not. */
  member: Role | null;
  /** Whether the app may, whose subscription it is, with an access token of its own: who that is, its route finds out. */
  app?: true;
  /** The member's organization has to be one of these to the thing; none: whoever it is. */
  as: readonly Party[];
};

const forOperator = { operator: true, member: null, as: [] } as const;
const forMember = <R extends Role>(member: R, ...as: Party[]) => ({ operator: false, member, as }) as const;
const forBoth = <R extends Role>(member: R, ...as: Party[]) => ({ operator: true, member, as }) as const;

/** Everything that the management API does, in the words of its audit, and who may do it. */
const ACTIONS = {
  "organization.create": forOperator,
  "organization.list": forBoth("viewer"),
  "organization.read": forBoth("viewer", "itself"),
  "token.create": forBoth("admin", "itself"),
  "token.list": forBoth("admin", "itself"),
  "token.revoke": forBoth("admin", "itself"),

  "document.lint": forBoth("viewer"),
  "api.register": forMember("developer"),
  "api.list": forMember("viewer"),
  "api.read": forMember("viewer", "owner"),
  "api.update": forMember("developer", "owner"),
  "api.version": forMember("developer", "owner"),
  "api.share": forMember("developer", "owner"),
  "api.unshare": forMember("developer", "owner"),
  "api.delete": forMember("developer", "owner"),
  "api.subscribe": forMember("developer", "audience"),

  "app.create": forMember("developer"),
  "app.list": forMember("viewer"),
  "app.read": forMember("viewer", "owner"),
  "app.update": forMember("developer", "owner"),
  "app.delete": forMember("developer", "owner"),
  "app.stream-token": forMember("developer", "owner"),

  "credentials.create": forMember("developer", "owner"),
  "credentials.list": forMember("viewer", "owner"),
  "credentials.rotate": forMember("developer", "owner"),
  "credentials.revoke": forMember("developer", "owner"),

  "subscription.create": forMember("developer", "owner"),
  "subscription.list": forMember("viewer"),
  "subscription.read": forMember("viewer", "subscriber"),
  "subscription.update": forMember("developer", "subscriber"),
  "subscription.pause": forMember("developer", "subscriber"),
  "subscription.resume": forMember("developer", "subscriber"),
  "subscription.verify": forMember("developer", "subscriber"),
  "subscription.rotate-secret": forMember("developer", "subscriber"),
  "subscription.test": forMember("developer", "subscriber"),
  "subscription.pull": { ...forMember("developer", "subscriber"), app: true },
  "subscription.delete": forMember("developer", "subscriber"),
  "subscription.approve": forMember("developer", "publisher"),
  "subscription.reject": forMember("developer", "publisher"),

  "event.list": forMember("viewer", "owner"),
  "event.read": forMember("viewer", "publisher"),
  "event.deliveries": forMember("viewer", "publisher", "subscriber"),
  "delivery.list": forMember("viewer", "subscriber"),
  "delivery.retry": forMember("developer", "subscriber"),
  "delivery.skip": forMember("developer", "subscriber"),
  "delivery.retry-dead": forMember("developer", "subscriber"),
  "subscription.seek": forMember("developer", "subscriber"),

  "consent.request": forMember("developer", "subscriber"),
  // Every organization is the owner of its own data, whoever subscribes.
  "consent.give": forMember("developer"),
  "consent.list": forMember("viewer"),
  "consent.read": forMember("viewer", "dataOwner", "subscriber", "publisher"),
  "consent.grant": forMember("developer", "dataOwner"),
  "consent.deny": forMember("developer", "dataOwner"),
  "consent.revoke": forMember("developer", "dataOwner"),

  "directory.search": forMember("viewer"),
  "directory.read": forMember("viewer", "audience"),
  "audit.list": forMember("viewer"),
  "metrics.read": forOperator,
} as const satisfies Record<string, Rule>;

export type Action = keyof typeof ACTIONS;

/** Who is left to call once an action is allowed. */
export type CallerOf<A extends Action> =
  | ((typeof ACTIONS)[A]["operator"] extends true ? Operator : never)
  | ((typeof ACTIONS)[A]["member"] extends Role ? Member : never);

/**
 * - `hidden`: not there, or other organizations' alone. Nobody may tell which.
 * - `forbidden`: not with this kind of token, or not with its role.
 */
export type Verdict = "allowed" | "hidden" | "forbidden";

const RANK: Record<Role, number> = { viewer: 1, developer: 2, admin: 3 };

/** Decides every call of the management API. `thing`: what the call names; null where there is no such thing, `{}` where it names none. */
export function can(principal: Principal, action: Action, thing: Parties | null): Verdict {
  const { operator, member, as }: Rule = ACTIONS[action];
  const isKind = principal.kind === "operator" ? operator : member !== null;
  if (!isKind) return "forbidden";
  if (thing === null || !standsAs(principal, as, thing)) return "hidden";
  return hasRole(principal, action) ? "allowed" : "forbidden";
}

/** Whether a caller's kind and role are those of an action, whatever it is done to. */
export function hasRole(principal: Principal, action: Action): boolean {
  const { operator, member }: Rule = ACTIONS[action];
  if (principal.kind === "operator") return operator;
  return member !== null && RANK[principal.role] >= RANK[member];
}

/** The operator stands above all things that its actions are about. */
function standsAs(principal: Principal, as: readonly Party[], thing: Parties): boolean {
  if (principal.kind === "operator" || as.length === 0) return true;
  return as.some((party) => thing[party] === principal.organizationId);
}

const WORDS: Record<Party, string> = {
  itself: "the organization itself",
  owner: "the organization that owns it",
  audience: "an organization that may see it",
  subscriber: "the subscriber",
  publisher: "the publisher",
  dataOwner: "the data owner",
};

const anyOf = new Intl.ListFormat("en", { type: "disjunction" });
const allOf = new Intl.ListFormat("en", { type: "conjunction" });

/** Who may do it, in words: for people who read the documentation or a refusal. */
export function describeCallers(action: Action): string {
  const { operator, member, app, as }: Rule = ACTIONS[action];
  const organization = anyOf.format(as.map((party) => WORDS[party])) || "any organization";
  const members = member && `${allOf.format(rolesFrom(member))} of ${organization}`;
  return [operator && "the operator", members, app && "the app itself"].filter(Boolean).join(", and for ");
}

const rolesFrom = (least: Role): string[] =>
  (["viewer", "developer", "admin"] as const).filter((role) => RANK[role] >= RANK[least]).map((role) => `${role}s`);
