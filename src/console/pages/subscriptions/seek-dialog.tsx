import { useState } from "react";
import { api } from "../../api/client.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { DialogForm } from "../../parts/dialog-form.tsx";
import { Choices, TextField } from "../../parts/field.tsx";
import { toMoment } from "../../parts/local-time.ts";
import { Note } from "../../parts/note.tsx";
import { say } from "../../parts/toast.tsx";
import { useRefreshSubscription } from "./refresh.ts";

type Props = {
  subscriptionId: string;
  /** Where to begin, where that is known already. */
  eventId?: string;
  onClose(): void;
};

const PLACES = [
  { value: "time", label: "From a time", hint: "Everything that was accepted since then." },
  { value: "event", label: "From an event", hint: "That event, and everything after it." },
] satisfies { value: "time" | "event"; label: string; hint: string }[];

/** Sends again what has been delivered, from some place on. */
export function SeekDialog({ subscriptionId, eventId: given = "", onClose }: Props) {
  const [place, setPlace] = useState<"time" | "event">(given === "" ? "time" : "event");
  const [time, setTime] = useState("");
  const [eventId, setEventId] = useState(given);
  const refresh = useRefreshSubscription();
  const seeking = api.useMutation("post", "/v1/subscriptions/{id}/seek", {
    onSuccess: () => {
      say("The events are on their way again");
      void refresh();
      onClose();
    },
  });
  const to = place === "time" ? toMoment(time) : eventId.trim() || null;
  const seek = (): void => {
    if (to !== null) seeking.mutate({ params: { path: { id: subscriptionId } }, body: { to } });
  };
  return (
    <Dialog
      title="Send events again"
      lead="Goes back to a place in the log and delivers from there on, in order."
      isOpen
      onClose={onClose}
    >
      <DialogForm
        verb="Send again from here"
        error={seeking.error}
        isBusy={seeking.isPending}
        isReady={to !== null}
        onCancel={onClose}
        onSubmit={seek}
      >
        <Choices label="Begin" value={place} choices={PLACES} onChange={(chosen) => setPlace(chosen)} />
        {place === "time" ? (
          <TextField
            label="Time"
            type="datetime-local"
            step={1}
            hint="In the time zone of this browser."
            value={time}
            onChange={({ target }) => setTime(target.value)}
          />
        ) : (
          <TextField
            label="Event id"
            isMono
            hint="As it stands in webhook-id, and on the page of each delivery."
            value={eventId}
            onChange={({ target }) => setEventId(target.value)}
          />
        )}
        <Note tone="warn">
          What was delivered since then is delivered a second time, with the same webhook-id: your endpoint has to know
          repeats. Skipped and dead events come again, too. This cannot be called back.
        </Note>
      </DialogForm>
    </Dialog>
  );
}
