import { useState } from "react";
import { api } from "../../api/client.ts";
import { useRefresh } from "../../api/refresh.ts";
import { ChannelField } from "../../parts/channel-field.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { DialogForm } from "../../parts/dialog-form.tsx";
import { TextField } from "../../parts/field.tsx";
import { toMoment } from "../../parts/local-time.ts";
import { say } from "../../parts/toast.tsx";

type Props = {
  subscriptionId: string;
  channels: { address: string; title: string | null }[];
  isOpen: boolean;
  onClose(): void;
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Asks an organization whether this subscription may have the events about it. */
export function AskConsentDialog({ subscriptionId, channels, isOpen, onClose }: Props) {
  const [dataOwnerId, setDataOwnerId] = useState("");
  const [chosen, setChosen] = useState<string[] | null>(null);
  const [until, setUntil] = useState("");
  const refresh = useRefresh();
  const asking = api.useMutation("post", "/v1/subscriptions/{id}/consents", {
    onSuccess: () => {
      say("The data owner has been asked");
      void refresh("/v1/consents");
      setDataOwnerId("");
      onClose();
    },
  });
  const owner = dataOwnerId.trim();
  const expiresAt = toMoment(until);
  const ask = (): void =>
    asking.mutate({
      params: { path: { id: subscriptionId } },
      body: { dataOwnerId: owner, ...(chosen && { channels: chosen }), ...(expiresAt && { expiresAt }) },
    });
  return (
    <Dialog
      title="Ask a data owner"
      lead="They see your app, your organization and what you ask for, and grant, narrow or deny it. Only events that are accepted after a grant are sent."
      isOpen={isOpen}
      onClose={onClose}
    >
      <DialogForm
        verb="Ask"
        error={asking.error}
        isBusy={asking.isPending}
        isReady={UUID.test(owner) && chosen?.length !== 0}
        onCancel={onClose}
        onSubmit={ask}
      >
        <TextField
          label="Organization id of the data owner"
          isMono
          hint="They find it on their own page “Tokens and members”."
          error={owner === "" || UUID.test(owner) ? undefined : "An organization's id is a UUID."}
          value={dataOwnerId}
          onChange={({ target }) => setDataOwnerId(target.value)}
        />
        <ChannelField label="Channels" channels={channels} chosen={chosen} onChange={setChosen} />
        <TextField
          label="Until"
          isOptional
          type="datetime-local"
          hint="Empty: until they revoke it."
          value={until}
          onChange={({ target }) => setUntil(target.value)}
        />
      </DialogForm>
    </Dialog>
  );
}
