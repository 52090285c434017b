import { Choices, TextField } from "../../../parts/field.tsx";
import { Note } from "../../../parts/note.tsx";
import { FormatField } from "../fields/format-field.tsx";
import { isEndpoint, type StepProps } from "./subscription-draft.ts";

const WAYS = [
  { value: "webhook", label: "Posted to an endpoint", hint: "The relay calls you, and tries again until you have it." },
  {
    value: "live",
    label: "Live and pull only",
    hint: "Your app listens (SSE, WebSocket, MQTT, AMQP) or fetches events when it likes.",
  },
] satisfies { value: "webhook" | "live"; label: string; hint: string }[];

/** Where to, and in which form. */
export function StepEndpoint({ draft, onChange }: StepProps) {
  const { isLive, endpoint } = draft;
  return (
    <>
      <Choices
        label="How events reach you"
        value={isLive ? "live" : "webhook"}
        choices={WAYS}
        onChange={(way) => onChange({ isLive: way === "live" })}
      />
      {isLive ? (
        <Note>
          Nothing is posted anywhere. An endpoint can be added later, in the subscription's settings; it then gets what
          has not been fetched.
        </Note>
      ) : (
        <>
          <TextField
            label="Endpoint"
            type="url"
            isMono
            placeholder="https://hooks.example.com/events"
            hint="An https URL that takes POST and answers 2xx within 15 seconds. Every request is signed."
            error={endpoint.trim() === "" || isEndpoint(endpoint) ? undefined : "This is no URL of a web server."}
            value={endpoint}
            autoComplete="url"
            spellCheck={false}
            onChange={({ target }) => onChange({ endpoint: target.value })}
          />
          <FormatField draft={draft.format} onChange={(format) => onChange({ format })} />
        </>
      )}
    </>
  );
}
