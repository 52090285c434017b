import { useState } from "react";
import { api as relay } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Form, FormEnds, SelectField } from "../../parts/field.tsx";
import { Note, ProblemNote } from "../../parts/note.tsx";
import { Time } from "../../parts/time.tsx";
import type { Api } from "./api-types.ts";
import { SecretOnce } from "./secret-once.tsx";

const OVERLAPS = [
  { value: "3600", label: "An hour more" },
  { value: "86400", label: "A day more" },
  { value: "604800", label: "A week more" },
  { value: "0", label: "No longer" },
];

type Props = { api: Api; clientId: string; name: string; onClose(): void };

/** Another secret for the same credentials; the one before goes on until its publisher has changed. */
export function RotateCredentials({ api, clientId, name, onClose }: Props) {
  const [overlap, setOverlap] = useState("86400");
  const rotating = relay.useMutation("post", "/v1/apis/{id}/credentials/{clientId}/rotate");
  const rotate = (): void =>
    rotating.mutate({ params: { path: { id: api.id, clientId } }, body: { overlapSeconds: Number(overlap) } });
  if (rotating.data)
    return (
      <Dialog isOpen title={`${name} has another secret`} onClose={() => undefined}>
        <Note tone="info">
          The secret before is good until <Time at={rotating.data.previousExpiresAt} isExact />. Change your publisher
          by then.
        </Note>
        <SecretOnce credentials={rotating.data} next="Done" onKept={onClose} />
      </Dialog>
    );
  return (
    <Dialog
      isOpen
      title={`Rotate ${name}`}
      lead="It gets another secret and keeps its client id. Change your publisher while both secrets are good."
      onClose={onClose}
    >
      <Form onSubmit={rotate}>
        <SelectField
          label="The secret before is good"
          hint={overlap === "0" ? "Whoever still uses it gets no more tokens, at once." : undefined}
          value={overlap}
          options={OVERLAPS}
          onChange={({ target }) => setOverlap(target.value)}
        />
        {rotating.error && <ProblemNote error={rotating.error} />}
        <FormEnds>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="primary" isBusy={rotating.isPending}>
            Make another secret
          </Button>
        </FormEnds>
      </Form>
    </Dialog>
  );
}
