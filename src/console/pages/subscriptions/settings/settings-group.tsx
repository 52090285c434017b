import type { ReactNode } from "react";
import { api } from "../../../api/client.ts";
import { useMay } from "../../../api/role.ts";
import { Button } from "../../../parts/button.tsx";
import { Form, FormEnds } from "../../../parts/field.tsx";
import { ProblemNote } from "../../../parts/note.tsx";
import { Section } from "../../../parts/page.tsx";
import { say } from "../../../parts/toast.tsx";
import { useRefreshSubscription } from "../refresh.ts";
import type { SubscriptionPatch } from "../subscription-types.ts";
import styles from "./settings.module.css";

type Props = {
  subscriptionId: string;
  title: string;
  lead: string;
  /** What a save would send; empty: nothing has changed. null: what stands in the fields cannot be sent. */
  changes: SubscriptionPatch | null;
  onReset(): void;
  children: ReactNode;
};

/** Settings that are saved together. */
export function SettingsGroup({ subscriptionId, title, lead, changes, onReset, children }: Props) {
  const mayWrite = useMay("developer");
  const refresh = useRefreshSubscription();
  const saving = api.useMutation("patch", "/v1/subscriptions/{id}", {
    onSuccess: async () => {
      await refresh();
      say("Saved. It holds for every event that is accepted from now on.");
    },
  });
  const isChanged = changes === null || Object.keys(changes).length > 0;
  const save = (): void => {
    if (changes && isChanged) saving.mutate({ params: { path: { id: subscriptionId } }, body: changes });
  };
  const reset = (): void => {
    saving.reset();
    onReset();
  };
  return (
    <Section title={title} lead={lead}>
      <Form onSubmit={save}>
        <fieldset className={styles.fields} disabled={!mayWrite}>
          {children}
        </fieldset>
        {saving.error && <ProblemNote error={saving.error} />}
        {mayWrite && (
          <FormEnds>
            {isChanged && <Button onClick={reset}>Discard</Button>}
            <Button
              type="submit"
              tone={isChanged ? "primary" : "secondary"}
              isBusy={saving.isPending}
              disabled={!isChanged || changes === null}
            >
              Save
            </Button>
          </FormEnds>
        )}
      </Form>
    </Section>
  );
}
