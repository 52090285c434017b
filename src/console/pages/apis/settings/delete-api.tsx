import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api as relay } from "../../../api/client.ts";
import { useRefresh } from "../../../api/refresh.ts";
import { Button } from "../../../parts/button.tsx";
import { Dialog } from "../../../parts/dialog.tsx";
import { Form, FormEnds, TextField } from "../../../parts/field.tsx";
import { ProblemNote } from "../../../parts/note.tsx";
import { Section } from "../../../parts/page.tsx";
import { say } from "../../../parts/toast.tsx";
import type { Api } from "../api-types.ts";
import { useApiParams } from "../the-api.tsx";

/** Apart from all else, and only for whoever writes the API's title. */
export function DeleteApi({ api }: { api: Api }) {
  const [isAsked, setAsked] = useState(false);
  return (
    <Section
      title="Delete this API"
      lead="Its credentials stop, its subscriptions end, and its events are gone. It cannot be undone."
    >
      <div>
        <Button tone="danger" onClick={() => setAsked(true)}>
          Delete the API…
        </Button>
      </div>
      {isAsked && <DeleteDialog api={api} onClose={() => setAsked(false)} />}
    </Section>
  );
}

function DeleteDialog({ api, onClose }: { api: Api; onClose(): void }) {
  const { organizationId } = useApiParams();
  const refresh = useRefresh();
  const navigate = useNavigate();
  const [title, setTitle] = useState("");
  const deleting = relay.useMutation("delete", "/v1/apis/{id}", {
    onSuccess: async () => {
      await navigate({ to: "/o/$organizationId/apis", params: { organizationId } });
      say(`${api.title} is deleted`);
      await refresh("/v1/apis");
    },
  });
  const isSame = title.trim() === api.title.trim();
  return (
    <Dialog
      isOpen
      title={`Delete ${api.title}?`}
      lead="Everybody who subscribes gets nothing more, and nothing of it comes back."
      onClose={onClose}
    >
      <Form onSubmit={() => isSame && deleting.mutate({ params: { path: { id: api.id } } })}>
        <TextField
          label={`Type “${api.title}” to confirm`}
          autoComplete="off"
          value={title}
          onChange={({ target }) => setTitle(target.value)}
        />
        {deleting.error && <ProblemNote error={deleting.error} />}
        <FormEnds>
          <Button onClick={onClose}>Keep it</Button>
          <Button type="submit" tone="danger" isBusy={deleting.isPending} disabled={!isSame}>
            Delete the API
          </Button>
        </FormEnds>
      </Form>
    </Dialog>
  );
}
