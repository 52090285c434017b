import { useState } from "react";
import { api } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { AreaField, Form, FormEnds, SelectField, TextField } from "../../parts/field.tsx";
import { ProblemNote } from "../../parts/note.tsx";
import { ShownOnce } from "../../parts/shown-once.tsx";
import { Time } from "../../parts/time.tsx";

export type CredentialTask = { kind: "create" } | { kind: "rotate"; credential: { name: string; apiKey: string } };
type Props = { appId: string; task: CredentialTask; onChanged(): void; onClose(): void };

/** Makes credentials, or gives those that are there another secret; what comes of it is shown once. */
export const CredentialDialog = (props: Props) =>
  props.task.kind === "create" ? (
    <CreateDialog {...props} />
  ) : (
    <RotateDialog {...props} credential={props.task.credential} />
  );

function CreateDialog({ appId, onChanged, onClose }: Props) {
  const [name, setName] = useState("");
  const [channels, setChannels] = useState("");
  const creating = api.useMutation("post", "/v1/apps/{id}/credentials", { onSuccess: onChanged });
  const addresses = channels.split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));
  const create = (): void =>
    creating.mutate({
      params: { path: { id: appId } },
      body: { name: name.trim(), ...(addresses.length > 0 && { channels: addresses }) },
    });
  if (creating.data) {
    const { apiKey, apiSecret } = creating.data;
    return (
      <Kept
        title={`${creating.data.name} is made`}
        values={[
          { label: "API key", value: apiKey },
          { label: "API secret", value: apiSecret },
        ]}
        onClose={onClose}
      />
    );
  }
  return (
    <Dialog
      title="New credentials"
      lead="One for each place that uses them: so each can be revoked alone."
      isOpen
      onClose={onClose}
    >
      <Form onSubmit={create}>
        <TextField
          label="Name"
          placeholder="Production"
          maxLength={200}
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
        <AreaField
          label="Only these channels"
          isOptional
          isMono
          rows={3}
          hint="One address a line. Empty: whatever the app may have."
          value={channels}
          onChange={({ target }) => setChannels(target.value)}
        />
        {creating.error && <ProblemNote error={creating.error} />}
        <FormEnds>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="primary" isBusy={creating.isPending} disabled={name.trim() === ""}>
            Create
          </Button>
        </FormEnds>
      </Form>
    </Dialog>
  );
}

const OVERLAPS = [
  { value: "3600", label: "One hour" },
  { value: "86400", label: "One day" },
  { value: "604800", label: "One week" },
  { value: "0", label: "Not at all: it has leaked" },
];

function RotateDialog({
  appId,
  credential: { name, apiKey },
  onChanged,
  onClose,
}: Props & { credential: { name: string; apiKey: string } }) {
  const [overlapSeconds, setOverlapSeconds] = useState("86400");
  const rotating = api.useMutation("post", "/v1/apps/{id}/credentials/{clientId}/rotate", { onSuccess: onChanged });
  const rotate = (): void =>
    rotating.mutate({
      params: { path: { id: appId, clientId: apiKey } },
      body: { overlapSeconds: Number(overlapSeconds) },
    });
  if (rotating.data) {
    return (
      <Kept
        title="The new secret"
        lead={
          <>
            Put it in place of the old one, which works until <Time at={rotating.data.previousExpiresAt} isExact />.
          </>
        }
        values={[{ label: "API secret", value: rotating.data.apiSecret }]}
        onClose={onClose}
      />
    );
  }
  return (
    <Dialog
      title={`Rotate ${name}`}
      lead="1. You get a new secret; the API key stays. 2. You put it in place. 3. The old one ends by itself."
      isOpen
      onClose={onClose}
    >
      <Form onSubmit={rotate}>
        <SelectField
          label="The old secret goes on for"
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

type KeptProps = {
  title: string;
  lead?: React.ReactNode;
  values: { label: string; value: string }[];
  onClose(): void;
};

const Kept = ({ title, lead, values, onClose }: KeptProps) => (
  <Dialog title={title} lead={lead} isOpen onClose={onClose}>
    <ShownOnce values={values} />
    <FormEnds>
      <Button tone="primary" onClick={onClose}>
        I have kept it
      </Button>
    </FormEnds>
  </Dialog>
);
