import { useEffect, useState } from "react";
import { keep, readKept } from "../../../api/kept.ts";
import { EMPTY_DRAFT, type SubscriptionDraft } from "./subscription-draft.ts";

const keyOf = (organizationId: string): string => `new-subscription:1:${organizationId}`;

/** What this tab has kept of a draft: nothing is lost where the page is loaded again. */
function readDraft(key: string): SubscriptionDraft {
  const kept = readKept("sessionStorage", key);
  return kept === null ? EMPTY_DRAFT : { ...EMPTY_DRAFT, ...(JSON.parse(kept) as Partial<SubscriptionDraft>) };
}

/** A draft that outlives the page, until it is done with. `preset` is what a link to the page has chosen. */
export function useKeptDraft(organizationId: string, preset: Partial<SubscriptionDraft>) {
  const key = keyOf(organizationId);
  const [draft, setDraft] = useState<SubscriptionDraft>(() => {
    const kept = readDraft(key);
    // Another API has other channels.
    const isOther = preset.apiId !== undefined && kept.apiId !== "" && kept.apiId !== preset.apiId;
    return { ...kept, ...(isOther && { channels: null, filter: "" }), ...preset };
  });
  useEffect(() => keep("sessionStorage", key, JSON.stringify(draft)), [key, draft]);
  return { draft, setDraft, forget: () => keep("sessionStorage", key, null) };
}
