import { type ReactNode, useState } from "react";
import { api as relay } from "../../../api/client.ts";
import { useRefresh } from "../../../api/refresh.ts";
import { Button } from "../../../parts/button.tsx";
import { Choices, FieldRow, Form, FormEnds, TextField } from "../../../parts/field.tsx";
import { LeaveGuard } from "../../../parts/leave-guard.tsx";
import { ProblemNote } from "../../../parts/note.tsx";
import { Section } from "../../../parts/page.tsx";
import { say } from "../../../parts/toast.tsx";
import type { Api } from "../api-types.ts";
import styles from "./settings.module.css";
import { changesOf, draftOf, faultOfDays, type SettingsDraft } from "./settings.ts";

type Props = { api: Api; mayChange: boolean };

/** All settings of an API in one form, saved together. */
export function SettingsForm({ api, mayChange }: Props) {
  const refresh = useRefresh();
  const [draft, setDraft] = useState(() => draftOf(api));
  const saving = relay.useMutation("patch", "/v1/apis/{id}", {
    onSuccess: async () => {
      await refresh("/v1/apis");
      say("The settings are saved");
    },
  });
  const change = (part: Partial<SettingsDraft>): void => setDraft({ ...draft, ...part });
  const changes = changesOf(api, draft);
  const isChanged = Object.keys(changes).length > 0;
  const faults = {
    retentionDays: faultOfDays(draft.retentionDays, { isOptional: false }),
    maxUndeliveredDays: faultOfDays(draft.maxUndeliveredDays, { isOptional: true }),
  };
  const isGood = !faults.retentionDays && !faults.maxUndeliveredDays;
  const save = (): void => {
    if (isChanged && isGood) saving.mutate({ params: { path: { id: api.id } }, body: changes });
  };
  return (
    <Form onSubmit={save} aria-label="Settings">
      <fieldset className={styles.all} disabled={!mayChange}>
        <Section title="Subscribers" lead="Who may see the API, and what they get.">
          <Choices<Api["visibility"]>
            label="Visible to"
            value={draft.visibility}
            choices={[
              { value: "private", label: "Private", hint: "Your organization, and those that you share it with" },
              { value: "public", label: "Public", hint: "Everybody: it stands in the directory" },
            ]}
            onChange={(visibility) => change({ visibility })}
          />
          <Choices<Api["approval"]>
            label="Whoever subscribes"
            value={draft.approval}
            choices={[
              { value: "auto", label: "Begins at once", hint: "Nobody has to do anything" },
              { value: "manual", label: "Waits for your approval", hint: "You find them among the subscribers" },
            ]}
            onChange={(approval) => change({ approval })}
          />
          <Choices<Api["access"]>
            label="And gets"
            value={draft.access}
            choices={[
              { value: "open", label: "Everything", hint: "All events of the channels that it subscribes to" },
              {
                value: "consent",
                label: "What data owners consent to",
                hint: "Nothing of an owner before it has agreed, and nothing after it withdraws",
              },
            ]}
            onChange={(access) => change({ access })}
          />
        </Section>
        <Section title="Events" lead="What the relay checks, and how long it keeps.">
          <Choices<Api["validation"]>
            label="An event that does not match its schema is"
            value={draft.validation}
            choices={[
              { value: "off", label: "Taken", hint: "Nothing is checked" },
              { value: "warn", label: "Taken and marked", hint: "Its publisher is told what is wrong" },
              { value: "enforce", label: "Refused", hint: "Subscribers can rely on the schema" },
            ]}
            onChange={(validation) => change({ validation })}
          />
          <FieldRow>
            <TextField
              label="Keep events for (days)"
              hint="So long a subscriber can have them again."
              inputMode="numeric"
              value={draft.retentionDays}
              error={faults.retentionDays}
              onChange={({ target }) => change({ retentionDays: target.value })}
            />
            <TextField
              label="Give up undelivered ones after (days)"
              hint="Empty: they are kept until they are delivered."
              isOptional
              inputMode="numeric"
              value={draft.maxUndeliveredDays}
              error={faults.maxUndeliveredDays}
              onChange={({ target }) => change({ maxUndeliveredDays: target.value })}
            />
          </FieldRow>
        </Section>
        <Section title="In the directory" lead="What else subscribers should know: a link, or a few words.">
          {LINKS.map((row) => (
            <FieldRow key={row[0]}>
              {row.map((name) => (
                <TextField
                  key={name}
                  label={LABELS[name]}
                  isOptional
                  value={draft[name]}
                  onChange={({ target }) => change({ [name]: target.value })}
                />
              ))}
            </FieldRow>
          ))}
        </Section>
      </fieldset>
      {saving.error && <ProblemNote error={saving.error} />}
      {mayChange && (
        <Ends isChanged={isChanged}>
          <Button disabled={!isChanged} onClick={() => setDraft(draftOf(api))}>
            Discard
          </Button>
          <Button type="submit" tone="primary" isBusy={saving.isPending} disabled={!isChanged || !isGood}>
            Save the settings
          </Button>
        </Ends>
      )}
      <LeaveGuard isOn={isChanged && !saving.isPending} title="Leave without saving?">
        The settings that you have changed are not saved.
      </LeaveGuard>
    </Form>
  );
}

const LINKS = [
  ["documentation", "support"],
  ["pricing", "terms"],
] as const;

const LABELS: Record<(typeof LINKS)[number][number], string> = {
  documentation: "Documentation",
  support: "Support",
  pricing: "Pricing",
  terms: "Terms",
};

/** What is not saved stays in sight, as far as the form is long. */
const Ends = ({ isChanged, children }: { isChanged: boolean; children: ReactNode }) => (
  <div className={isChanged ? `${styles.ends} ${styles.changed}` : styles.ends}>
    <FormEnds>
      {isChanged && <span className={styles.unsaved}>Not saved yet</span>}
      {children}
    </FormEnds>
  </div>
);
