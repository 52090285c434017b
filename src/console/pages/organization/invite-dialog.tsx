import { useState } from "react";
import { api } from "../../api/client.ts";
import { useRefresh } from "../../api/refresh.ts";
import type { Role } from "../../api/session.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { DialogForm } from "../../parts/dialog-form.tsx";
import { Choices, TextField } from "../../parts/field.tsx";
import { say } from "../../parts/toast.tsx";
import { ROLES } from "./roles.ts";

/** Makes somebody a member by their e-mail address. The relay sends no mail: it waits until they sign in. */
export function InviteDialog({ organizationId, onClose }: { organizationId: string; onClose(): void }) {
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("developer");
  const refresh = useRefresh();
  const inviting = api.useMutation("post", "/v1/organizations/{id}/members", {
    onSuccess: async (member) => {
      await refresh("/v1/organizations/{id}/members");
      say(`${member.email} is invited`);
      onClose();
    },
  });
  return (
    <Dialog
      title="Invite somebody"
      lead="They sign in with the account that has this e-mail address. The relay sends no mail: tell them yourself."
      isOpen
      onClose={onClose}
    >
      <DialogForm
        verb="Invite"
        error={inviting.error}
        isBusy={inviting.isPending}
        isReady={email.trim() !== ""}
        onCancel={onClose}
        onSubmit={() =>
          inviting.mutate({ params: { path: { id: organizationId } }, body: { email: email.trim(), role } })
        }
      >
        <TextField
          label="E-mail address"
          type="email"
          autoComplete="off"
          placeholder="ada@example.com"
          value={email}
          onChange={({ target }) => setEmail(target.value)}
        />
        <Choices label="Role" value={role} choices={ROLES} onChange={(next) => setRole(next)} />
      </DialogForm>
    </Dialog>
  );
}
