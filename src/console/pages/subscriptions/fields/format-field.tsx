import { CheckField, Choices } from "../../../parts/field.tsx";
import type { Format } from "../subscription-types.ts";
import styles from "./fields.module.css";
import type { FormatDraft } from "./format-draft.ts";

type Props = { draft: FormatDraft; onChange(draft: FormatDraft): void };

const FORMATS = [
  {
    value: "standard",
    label: "Standard",
    hint: "The payload as it was published; channel, key and owner in headers. Right for anything new.",
  },
  {
    value: "cloudevents",
    label: "CloudEvents",
    hint: "CloudEvents 1.0: what the event says of itself in ce-* headers, for tools that know them.",
  },
  {
    value: "fortellis",
    label: "Fortellis",
    hint: "The contract of the Fortellis Event Relay, for endpoints that were written for it.",
  },
] satisfies { value: Format; label: string; hint: string }[];

/** How an event looks when it arrives. */
export const FormatField = ({ draft, onChange }: Props) => (
  <div className={styles.stack}>
    <Choices
      label="Format"
      value={draft.format}
      choices={FORMATS}
      onChange={(format) => onChange({ format, structured: false, eventPath: null })}
    />
    {draft.format === "cloudevents" && (
      <CheckField
        label="Structured"
        hint="One JSON body with the attributes and the payload in it, instead of ce-* headers."
        checked={draft.structured}
        onChange={({ target }) => onChange({ ...draft, structured: target.checked })}
      />
    )}
    {draft.format === "fortellis" && (
      <CheckField
        label="One path for all channels"
        hint="Posts to /event below your endpoint, instead of /event/{channel}."
        checked={draft.eventPath === "event"}
        onChange={({ target }) => onChange({ ...draft, eventPath: target.checked ? "event" : null })}
      />
    )}
  </div>
);
