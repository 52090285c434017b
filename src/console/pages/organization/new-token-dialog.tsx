import { useState } from "react";
import { api } from "../../api/client.ts";
import { useRefresh } from "../../api/refresh.ts";
import type { Role } from "../../api/session.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { DialogForm } from "../../parts/dialog-form.tsx";
import { Choices, SelectField, TextField } from "../../parts/field.tsx";
import { SecretDialog } from "../../parts/secret-dialog.tsx";
import { ROLES } from "./roles.ts";

const NAME_CHARS_MAX = 200;
const DAY_MS = 86_400_000;

const LIFETIMES = [
  { value: "7", label: "In a week" },
  { value: "30", label: "In 30 days" },
  { value: "90", label: "In 90 days" },
  { value: "365", label: "In a year" },
  { value: "", label: "Never" },
];

const expiryOf = (days: string): { expiresAt?: string } =>
  days === "" ? {} : { expiresAt: new Date(Date.now() + Number(days) * DAY_MS).toISOString() };

/** Makes a token, and shows it once. */
export function NewTokenDialog({ organizationId, onClose }: { organizationId: string; onClose(): void }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("developer");
  const [days, setDays] = useState("90");
  const refresh = useRefresh();
  const making = api.useMutation("post", "/v1/organizations/{id}/tokens", {
    onSuccess: () => refresh("/v1/organizations/{id}/tokens"),
  });
  if (making.data) {
    return (
      <SecretDialog
        title={`${making.data.name} is made`}
        values={[{ label: "Token", value: making.data.token }]}
        onKept={onClose}
      />
    );
  }
  const make = (): void =>
    making.mutate({ params: { path: { id: organizationId } }, body: { name: name.trim(), role, ...expiryOf(days) } });
  return (
    <Dialog
      title="New token"
      lead="One for each program or person, so that each can be revoked alone."
      isOpen
      onClose={onClose}
    >
      <DialogForm
        verb="Make the token"
        error={making.error}
        isBusy={making.isPending}
        isReady={name.trim() !== ""}
        onCancel={onClose}
        onSubmit={make}
      >
        <TextField
          label="Name"
          placeholder="Deployment pipeline"
          maxLength={NAME_CHARS_MAX}
          autoComplete="off"
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
        <Choices label="Role" value={role} choices={ROLES} onChange={(next) => setRole(next)} />
        <SelectField
          label="Expires"
          value={days}
          options={LIFETIMES}
          onChange={({ target }) => setDays(target.value)}
        />
      </DialogForm>
    </Dialog>
  );
}
