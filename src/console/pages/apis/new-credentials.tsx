import { useState } from "react";
import { api as relay } from "../../api/client.ts";
import { useRefresh } from "../../api/refresh.ts";
import { ChannelField } from "../../parts/channel-field.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { DialogForm } from "../../parts/dialog-form.tsx";
import { TextField } from "../../parts/field.tsx";
import { SecretDialog } from "../../parts/secret-dialog.tsx";
import type { Api } from "./api-types.ts";
import { secretsOf } from "./client-secrets.ts";

/** Credentials for one publisher more. */
export function NewCredentials({ api, onClose }: { api: Api; onClose(): void }) {
  const refresh = useRefresh();
  const making = relay.useMutation("post", "/v1/apis/{id}/credentials", {
    onSuccess: () => void refresh("/v1/apis/{id}/credentials"),
  });
  if (making.data)
    return <SecretDialog title={`${making.data.name} is made`} values={secretsOf(making.data)} onKept={onClose} />;
  return (
    <Dialog isOpen title="New credentials" lead="For a publisher of this API: a service, a partner." onClose={onClose}>
      <NewCredentialsForm
        api={api}
        error={making.error}
        isBusy={making.isPending}
        onMake={(body) => making.mutate({ params: { path: { id: api.id } }, body })}
        onClose={onClose}
      />
    </Dialog>
  );
}

type FormProps = {
  api: Api;
  error: unknown;
  isBusy: boolean;
  onMake(settings: { name: string; channels?: string[] }): void;
  onClose(): void;
};

function NewCredentialsForm({ api, error, isBusy, onMake, onClose }: FormProps) {
  const [name, setName] = useState("");
  const [channels, setChannels] = useState<string[] | null>(null);
  return (
    <DialogForm
      verb="Make them"
      error={error}
      isBusy={isBusy}
      isReady={name.trim() !== "" && channels?.length !== 0}
      onCancel={onClose}
      onSubmit={() => onMake({ name: name.trim(), ...(channels && { channels }) })}
    >
      <TextField
        label="Name"
        hint="Who publishes with them: you find them by it."
        required
        maxLength={200}
        value={name}
        onChange={({ target }) => setName(target.value)}
      />
      <ChannelField label="They may publish to" channels={api.channels} chosen={channels} onChange={setChannels} />
    </DialogForm>
  );
}
