import { useState } from "react";
import { api } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Form, FormEnds, SelectField } from "../../parts/field.tsx";
import { ProblemNote } from "../../parts/note.tsx";
import { ShownOnce } from "../../parts/shown-once.tsx";
import { Time } from "../../parts/time.tsx";

const OVERLAPS = [
  { value: "3600", label: "One hour" },
  { value: "86400", label: "One day" },
  { value: "604800", label: "One week" },
  { value: "0", label: "Not at all: it has leaked" },
];

/** Another signing secret; for a while both of them sign. */
export function RotateSecretDialog({ subscriptionId, onClose }: { subscriptionId: string; onClose(): void }) {
  const [overlapSeconds, setOverlapSeconds] = useState("86400");
  const rotating = api.useMutation("post", "/v1/subscriptions/{id}/rotate-secret");
  const rotate = (): void =>
    rotating.mutate({
      params: { path: { id: subscriptionId } },
      body: { overlapSeconds: Number(overlapSeconds) },
    });
  if (rotating.data) {
    const { signingSecret, previousExpiresAt } = rotating.data;
    return (
      <Dialog
        title="The new signing secret"
        lead={
          <>
            Each delivery is signed with both until <Time at={previousExpiresAt} isExact />. Put the new one in place by
            then.
          </>
        }
        isOpen
        onClose={onClose}
      >
        <ShownOnce values={[{ label: "Signing secret", value: signingSecret }]} />
        <FormEnds>
          <Button tone="primary" onClick={onClose}>
            I have kept it
          </Button>
        </FormEnds>
      </Dialog>
    );
  }
  return (
    <Dialog
      title="Rotate the signing secret"
      lead="Both secrets sign for a while, so that your endpoint can change over whenever it likes."
      isOpen
      onClose={onClose}
    >
      <Form onSubmit={rotate}>
        <SelectField
          label="The old secret signs for"
          value={overlapSeconds}
          options={OVERLAPS}
          onChange={({ target }) => setOverlapSeconds(target.value)}
        />
        {rotating.error && <ProblemNote error={rotating.error} />}
        <FormEnds>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="primary" isBusy={rotating.isPending}>
            Make a new secret
          </Button>
        </FormEnds>
      </Form>
    </Dialog>
  );
}
