import type { Api } from "../api-types.ts";

/** An API's settings as a form has them: every field a text. */
export type SettingsDraft = Pick<Api, "visibility" | "access" | "approval" | "validation"> & {
  retentionDays: string;
  maxUndeliveredDays: string;
  documentation: string;
  support: string;
  pricing: string;
  terms: string;
};

const LINKS = ["documentation", "support", "pricing", "terms"] as const;
const CHOICES = ["visibility", "access", "approval", "validation"] as const;

const DAYS_MAX = 3650;

export const draftOf = (api: Api): SettingsDraft => ({
  visibility: api.visibility,
  access: api.access,
  approval: api.approval,
  validation: api.validation,
  retentionDays: String(api.retentionDays),
  maxUndeliveredDays: api.maxUndeliveredDays === null ? "" : String(api.maxUndeliveredDays),
  documentation: api.documentation ?? "",
  support: api.support ?? "",
  pricing: api.pricing ?? "",
  terms: api.terms ?? "",
});

type Settings = Pick<Api, (typeof CHOICES)[number] | (typeof LINKS)[number] | "retentionDays" | "maxUndeliveredDays">;

/** What a form changes of an API, as the relay takes it; nothing that stays as it is. */
export function changesOf(api: Api, draft: SettingsDraft): Partial<Settings> {
  const next: Settings = {
    ...draft,
    retentionDays: Number(draft.retentionDays),
    maxUndeliveredDays: draft.maxUndeliveredDays.trim() === "" ? null : Number(draft.maxUndeliveredDays),
    documentation: draft.documentation.trim() || null,
    support: draft.support.trim() || null,
    pricing: draft.pricing.trim() || null,
    terms: draft.terms.trim() || null,
  };
  const names = [...CHOICES, ...LINKS, "retentionDays", "maxUndeliveredDays"] as const;
  return Object.fromEntries(names.filter((name) => next[name] !== api[name]).map((name) => [name, next[name]]));
}

/** What is wrong with a count of days; undefined: nothing. */
export function faultOfDays(text: string, { isOptional }: { isOptional: boolean }): string | undefined {
  if (text.trim() === "" && isOptional) return undefined;
  const days = Number(text);
  const isGood = text.trim() !== "" && Number.isInteger(days) && days >= 1 && days <= DAYS_MAX;
  return isGood ? undefined : `A whole number of days, from 1 to ${DAYS_MAX}.`;
}
