import { useState } from "react";
import { api } from "../../api/client.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { DialogForm } from "../../parts/dialog-form.tsx";
import { AreaField, TextField } from "../../parts/field.tsx";
import { RotateDialog } from "../../parts/rotate-dialog.tsx";
import { SecretDialog } from "../../parts/secret-dialog.tsx";
import { Time } from "../../parts/time.tsx";

type Credential = { name: string; apiKey: string };
export type CredentialTask = { kind: "create" } | { kind: "rotate"; credential: Credential };
type Props = { appId: string; onChanged(): void; onClose(): void };

/** Makes credentials, or gives those that are there another secret; what comes of it is shown once. */
export const CredentialDialog = ({ task, ...props }: Props & { task: CredentialTask }) =>
  task.kind === "create" ? <NewCredential {...props} /> : <AnotherSecret {...props} credential={task.credential} />;

function NewCredential({ appId, onChanged, onClose }: Props) {
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
      <SecretDialog
        title={`${creating.data.name} is made`}
        values={[
          { label: "API key", value: apiKey },
          { label: "API secret", value: apiSecret },
        ]}
        onKept={onClose}
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
      <DialogForm
        verb="Create"
        error={creating.error}
        isBusy={creating.isPending}
        isReady={name.trim() !== ""}
        onCancel={onClose}
        onSubmit={create}
      >
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
      </DialogForm>
    </Dialog>
  );
}

function AnotherSecret({
  appId,
  credential: { name, apiKey },
  onChanged,
  onClose,
}: Props & { credential: Credential }) {
  const rotating = api.useMutation("post", "/v1/apps/{id}/credentials/{clientId}/rotate", { onSuccess: onChanged });
  if (rotating.data) {
    const { apiSecret, previousExpiresAt } = rotating.data;
    return (
      <SecretDialog
        title="The new secret"
        lead={
          <>
            Put it in place of the old one, which works until <Time at={previousExpiresAt} isExact />.
          </>
        }
        values={[{ label: "API secret", value: apiSecret }]}
        onKept={onClose}
      />
    );
  }
  return (
    <RotateDialog
      title={`Rotate ${name}`}
      lead="1. You get a new secret; the API key stays. 2. You put it in place. 3. The old one ends by itself."
      label="The old secret goes on for"
      error={rotating.error}
      isBusy={rotating.isPending}
      onRotate={(overlapSeconds) =>
        rotating.mutate({ params: { path: { id: appId, clientId: apiKey } }, body: { overlapSeconds } })
      }
      onClose={onClose}
    />
  );
}
