import { useState } from "react";
import { api } from "../../api/client.ts";
import { useRefresh } from "../../api/refresh.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { DialogForm } from "../../parts/dialog-form.tsx";
import { TextField } from "../../parts/field.tsx";
import { SecretDialog } from "../../parts/secret-dialog.tsx";

const NAME_CHARS_MAX = 200;

/** Makes an organization, and shows its first token once. */
export function NewOrganizationDialog({ onClose }: { onClose(): void }) {
  const [name, setName] = useState("");
  const [id, setId] = useState("");
  const refresh = useRefresh();
  const making = api.useMutation("post", "/v1/organizations", { onSuccess: () => refresh("/v1/organizations") });
  if (making.data) {
    return (
      <SecretDialog
        title={`${making.data.name} is made`}
        lead="Give this token to its admin: with it they sign in, and make tokens and members of their own."
        values={[{ label: "First token", value: making.data.token }]}
        onKept={onClose}
      />
    );
  }
  const body = { name: name.trim(), ...(id.trim() !== "" && { id: id.trim() }) };
  return (
    <Dialog title="New organization" isOpen onClose={onClose}>
      <DialogForm
        verb="Make the organization"
        error={making.error}
        isBusy={making.isPending}
        isReady={name.trim() !== ""}
        onCancel={onClose}
        onSubmit={() => making.mutate({ body })}
      >
        <TextField
          label="Name"
          maxLength={NAME_CHARS_MAX}
          autoComplete="off"
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
        <TextField
          label="Id"
          isOptional
          isMono
          autoComplete="off"
          spellCheck={false}
          hint="A UUID that it had elsewhere and keeps. Empty: a new one."
          value={id}
          onChange={({ target }) => setId(target.value)}
        />
      </DialogForm>
    </Dialog>
  );
}
