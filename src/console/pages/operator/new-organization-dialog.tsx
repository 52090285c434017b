import { useState } from "react";
import { api } from "../../api/client.ts";
import { useRefresh } from "../../api/refresh.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Form, FormEnds, TextField } from "../../parts/field.tsx";
import { ProblemNote } from "../../parts/note.tsx";
import { ShownOnce } from "../../parts/shown-once.tsx";

const NAME_CHARS_MAX = 200;

/** Makes an organization, and shows its first token once. */
export function NewOrganizationDialog({ onClose }: { onClose(): void }) {
  const [name, setName] = useState("");
  const [id, setId] = useState("");
  const refresh = useRefresh();
  const making = api.useMutation("post", "/v1/organizations", { onSuccess: () => refresh("/v1/organizations") });
  if (making.data) {
    return (
      <Dialog
        title={`${making.data.name} is made`}
        lead="Give this token to its admin: with it they sign in, and make tokens and members of their own."
        isOpen
        onClose={onClose}
      >
        <ShownOnce values={[{ label: "First token", value: making.data.token }]} />
        <FormEnds>
          <Button tone="primary" onClick={onClose}>
            I have kept it
          </Button>
        </FormEnds>
      </Dialog>
    );
  }
  const body = { name: name.trim(), ...(id.trim() !== "" && { id: id.trim() }) };
  return (
    <Dialog title="New organization" isOpen onClose={onClose}>
      <Form onSubmit={() => making.mutate({ body })}>
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
        {making.error && <ProblemNote error={making.error} />}
        <FormEnds>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="primary" isBusy={making.isPending} disabled={name.trim() === ""}>
            Make the organization
          </Button>
        </FormEnds>
      </Form>
    </Dialog>
  );
}
