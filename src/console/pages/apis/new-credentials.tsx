import { useState } from "react";
import { api as relay } from "../../api/client.ts";
import { useRefresh } from "../../api/refresh.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { DialogForm } from "../../parts/dialog-form.tsx";
import { CheckField, Choices, TextField } from "../../parts/field.tsx";
import { SecretDialog } from "../../parts/secret-dialog.tsx";
import type { Api } from "./api-types.ts";
import { secretsOf } from "./client-secrets.ts";
import styles from "./credentials.module.css";

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
  const [reach, setReach] = useState<"all" | "some">("all");
  const [channels, setChannels] = useState<string[]>([]);
  const isReady = name.trim() !== "" && (reach === "all" || channels.length > 0);
  const toggle = (address: string, isOn: boolean): void =>
    setChannels(isOn ? [...channels, address] : channels.filter((other) => other !== address));
  return (
    <DialogForm
      verb="Make them"
      error={error}
      isBusy={isBusy}
      isReady={isReady}
      onCancel={onClose}
      onSubmit={() => onMake({ name: name.trim(), ...(reach === "some" && { channels }) })}
    >
      <TextField
        label="Name"
        hint="Who publishes with them: you find them by it."
        required
        maxLength={200}
        value={name}
        onChange={({ target }) => setName(target.value)}
      />
      <Choices<"all" | "some">
        label="They may publish to"
        value={reach}
        choices={[
          { value: "all", label: "All channels", hint: "Those of later versions too" },
          { value: "some", label: "Some channels", hint: "Nothing else" },
        ]}
        onChange={setReach}
      />
      {reach === "some" && (
        <fieldset className={styles.channels}>
          <legend>Channels</legend>
          {api.channels.map(({ address }) => (
            <CheckField
              key={address}
              label={address}
              checked={channels.includes(address)}
              onChange={({ target }) => toggle(address, target.checked)}
            />
          ))}
        </fieldset>
      )}
    </DialogForm>
  );
}
