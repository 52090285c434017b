import { useState } from "react";
import { api } from "../../../api/client.ts";
import { Badge } from "../../../parts/badge.tsx";
import { Button } from "../../../parts/button.tsx";
import { useDebounced } from "../../../parts/debounced.ts";
import { TextField } from "../../../parts/field.tsx";
import { Loaded } from "../../../parts/loaded.tsx";
import { Note } from "../../../parts/note.tsx";
import { AppChoice } from "./app-choice.tsx";
import type { StepProps } from "./subscription-draft.ts";
import styles from "./wizard.module.css";

/** Which API, and for which app. */
export const StepApi = ({ draft, onChange }: StepProps) => (
  <>
    {draft.apiId === "" ? (
      <ApiChoice onChoose={(apiId) => onChange({ apiId, channels: null, filter: "" })} />
    ) : (
      <ChosenApi apiId={draft.apiId} onDrop={() => onChange({ apiId: "" })} />
    )}
    <AppChoice appId={draft.appId} onChoose={(appId) => onChange({ appId })} />
    <TextField
      label="What it is for"
      isOptional
      hint="A few words that tell this subscription from others of yours. The API's publisher sees them."
      value={draft.description}
      maxLength={4000}
      onChange={({ target }) => onChange({ description: target.value })}
    />
  </>
);

const SHOWN = 20;

function ApiChoice({ onChoose }: { onChoose(apiId: string): void }) {
  const [words, setWords] = useState("");
  const q = useDebounced(words.trim());
  const query = api.useQuery("get", "/v1/directory", { params: { query: { limit: SHOWN, ...(q && { q }) } } });
  return (
    <>
      <TextField
        label="Find an API"
        type="search"
        placeholder="Title, words of its description, tag"
        value={words}
        onChange={({ target }) => setWords(target.value)}
      />
      <Loaded query={query} what="APIs">
        {({ data, nextCursor }) =>
          data.length === 0 ? (
            <Note>
              {q
                ? "No API that you may subscribe to has these words."
                : "No API is open to you yet. Publishers make them public, or share them with your organization."}
            </Note>
          ) : (
            <>
              <fieldset className={styles.choices} aria-label="APIs">
                {data.map(({ id, title, publisher, description, access }) => (
                  <label key={id} className={styles.choice}>
                    <input type="radio" name="api" checked={false} onChange={() => onChoose(id)} />
                    <span>
                      <strong>{title}</strong> {access === "consent" && <Badge tone="warn">needs consent</Badge>}
                      <small>
                        {publisher.name}
                        {description && ` · ${firstSentence(description)}`}
                      </small>
                    </span>
                  </label>
                ))}
              </fieldset>
              {nextCursor !== null && <Note>There are more. Type a word of the one that you look for.</Note>}
            </>
          )
        }
      </Loaded>
    </>
  );
}

const SENTENCE_CHARS_MAX = 120;

function firstSentence(text: string): string {
  const [sentence = ""] = text.replace(/\s+/g, " ").split(/(?<=[.!?]) /);
  return sentence.length > SENTENCE_CHARS_MAX ? `${sentence.slice(0, SENTENCE_CHARS_MAX)}…` : sentence;
}

function ChosenApi({ apiId, onDrop }: { apiId: string; onDrop(): void }) {
  const query = api.useQuery("get", "/v1/directory/{apiId}", { params: { path: { apiId } } });
  return (
    <>
      <Loaded query={query} what="the API">
        {({ title, version, publisher, access, approval }) => (
          <>
            <div className={styles.chosen}>
              <div>
                <strong>{title}</strong>
                <small>
                  {version} · {publisher.name}
                </small>
              </div>
              <Button size="small" onClick={onDrop}>
                Choose another API
              </Button>
            </div>
            {approval === "manual" && (
              <Note>The publisher looks at each new subscriber: yours waits until they approve it.</Note>
            )}
            {access === "consent" && (
              <Note>
                Events of this API are about other organizations. Each of these has to consent before you get its
                events; you ask them once the subscription is made.
              </Note>
            )}
          </>
        )}
      </Loaded>
      {query.error && (
        <Button size="small" onClick={onDrop}>
          Choose another API
        </Button>
      )}
    </>
  );
}
