import { useState } from "react";
import { api as relay } from "../../api/client.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { DialogForm } from "../../parts/dialog-form.tsx";
import { CheckField, CheckGroup, TextField } from "../../parts/field.tsx";
import { chosenEnd, toDay } from "./consent-words.ts";

type Terms = { channels: string[] | null; expiresAt: string | null };
/** What was left as it was asked for does not stand in the request. */
type ChosenTerms = { channels?: string[]; expiresAt?: string };

type Props = {
  title: string;
  verb: string;
  appName: string;
  api: { id: string; title: string };
  asked: Terms;
  isOpen: boolean;
  onClose(): void;
  onSubmit(terms: ChosenTerms): Promise<void>;
};

/** On which terms to let an app have events: those that it asks for, or narrower ones. */
export function TermsDialog({ isOpen, onClose, title, appName, api, ...rest }: Props) {
  return (
    <Dialog
      title={title}
      lead={`From now on ${appName} receives what ${api.title} publishes about your organization; nothing that happened before. You can take this back at any time.`}
      isOpen={isOpen}
      onClose={onClose}
    >
      <TermsForm api={api} onClose={onClose} {...rest} />
    </Dialog>
  );
}

/** Lives as long as the dialog is open, so that it begins anew each time. */
function TermsForm({ api, asked, verb, onClose, onSubmit }: Omit<Props, "isOpen" | "title" | "appName">) {
  const offered = useOfferedChannels(api.id, asked.channels);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [day, setDay] = useState(asked.expiresAt === null ? "" : toDay(asked.expiresAt));
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const chosen = offered.filter((channel) => !left.has(channel));
  const submit = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    const end = chosenEnd(day, asked.expiresAt);
    try {
      await onSubmit({ ...(left.size > 0 && { channels: chosen }), ...(end !== null && { expiresAt: end }) });
      onClose();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const toggle = (channel: string): void => {
    const next = new Set(left);
    if (!next.delete(channel)) next.add(channel);
    setLeft(next);
  };
  return (
    <DialogForm
      verb={verb}
      error={error}
      isBusy={isBusy}
      isReady={offered.length === 0 || chosen.length > 0}
      onCancel={onClose}
      onSubmit={() => void submit()}
    >
      {offered.length > 1 && (
        <CheckGroup legend="Channels">
          {offered.map((channel) => (
            <CheckField key={channel} label={channel} checked={!left.has(channel)} onChange={() => toggle(channel)} />
          ))}
        </CheckGroup>
      )}
      <TextField
        label="Until the end of"
        isOptional={asked.expiresAt === null}
        hint={asked.expiresAt === null ? "Empty: until you take it back." : "Not later than was asked for."}
        type="date"
        min={toDay(new Date().toISOString())}
        {...(asked.expiresAt !== null && { max: toDay(asked.expiresAt) })}
        value={day}
        onChange={({ target }) => setDay(target.value)}
      />
    </DialogForm>
  );
}

/** Those that were asked for; of "all", what the directory shows to this organization: none where it does not see the API. */
function useOfferedChannels(apiId: string, asked: string[] | null): string[] {
  const options = { enabled: asked === null, retry: false };
  const { data } = relay.useQuery("get", "/v1/directory/{apiId}", { params: { path: { apiId } } }, options);
  return asked ?? data?.channels.map(({ address }) => address) ?? [];
}
