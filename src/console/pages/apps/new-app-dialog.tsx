import { useState } from "react";
import type { Answer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { useRefresh } from "../../api/refresh.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { SecretDialog } from "../../parts/secret-dialog.tsx";
import { AppForm } from "./app-form.tsx";

type Made = Answer<"/v1/apps", "post">;
type Props = {
  isOpen: boolean;
  onClose(): void;
  /** When its secret has been seen. */
  onMade(app: Made): void;
};

/** Makes an app, and shows its first credentials. */
export function NewAppDialog({ isOpen, onClose, onMade }: Props) {
  const [made, setMade] = useState<Made | null>(null);
  const refresh = useRefresh();
  const creating = api.useMutation("post", "/v1/apps", {
    onSuccess: (app) => {
      setMade(app);
      void refresh("/v1/apps");
    },
  });
  const finish = (): void => {
    if (made) onMade(made);
    setMade(null);
    creating.reset();
    onClose();
  };
  if (made) {
    return (
      <SecretDialog
        title={`${made.name} is made`}
        lead="With these your app gets its access tokens, to listen live or to fetch events. Webhooks need none of it."
        values={[
          { label: "API key", value: made.apiKey },
          { label: "API secret", value: made.apiSecret },
        ]}
        onKept={finish}
      />
    );
  }
  return (
    <Dialog
      title="New app"
      lead="An app stands for one program of yours that gets events. Data owners see its name when you ask them for consent."
      isOpen={isOpen}
      onClose={onClose}
    >
      <AppForm
        verb="Create the app"
        error={creating.error}
        isBusy={creating.isPending}
        onCancel={onClose}
        onSubmit={(fields) => creating.mutate({ body: fields })}
      />
    </Dialog>
  );
}
