import { createHash } from "node:crypto";

/** An organization of a run, with what it needs to call the management API. */
export type Organization = { id: string; token: string };

const idOf = (kind: string, n: number): string => `${kind}-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;

const organization = (n: number): Organization => ({
  id: idOf("00000000", n),
  token: `rk_${"organization".padEnd(40, "-")}${n}`,
});

export const PUBLISHER = organization(1);

/** Each has an app, and one subscription of it. */
export const SUBSCRIBERS = ["A", "B", "C", "D"].map((name, n) => ({
  name,
  organization: organization(0x10 + n),
  appId: idOf("a0000000", n),
}));
export type SubscriberOrganization = (typeof SUBSCRIBERS)[number];

/** Whom the events are about. */
export const DATA_OWNERS = [organization(0x20), organization(0x21), organization(0x22)];
export const OWNERS = DATA_OWNERS.map(({ id }) => id);

export const API_ID = idOf("b0000000", 1);
export const TOPIC_ID = idOf("c0000000", 1);
export const TOPIC_NUMBER = 7;

export const ORGANIZATIONS = [PUBLISHER, ...SUBSCRIBERS.map((one) => one.organization), ...DATA_OWNERS];

export const digestOf = (token: string): string => createHash("sha256").update(token).digest("base64url");
