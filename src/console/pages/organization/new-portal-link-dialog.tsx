import { useState } from "react";
import { api } from "../../api/client.ts";
import { useRefresh } from "../../api/refresh.ts";
import { AnchorButton } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { DialogForm } from "../../parts/dialog-form.tsx";
import { AreaField, Choices, FieldRow, SelectField } from "../../parts/field.tsx";
import { SecretDialog } from "../../parts/secret-dialog.tsx";

type LinkRole = "viewer" | "developer";
type Props = { organizationId: string; apps: { id: string; name: string }[]; onClose(): void };

const ROLES: { value: LinkRole; label: string; hint: string }[] = [
  { value: "viewer", label: "Look", hint: "Deliveries, health, settings." },
  { value: "developer", label: "Look and change", hint: "Subscribe, pause, retry, skip." },
];

const LIFETIMES = [
  { value: "600", label: "10 minutes" },
  { value: "3600", label: "An hour" },
  { value: "86400", label: "A day" },
];

/** Makes a portal link, and shows it once. */
export function NewPortalLinkDialog({ organizationId, apps, onClose }: Props) {
  const refresh = useRefresh();
  const making = api.useMutation("post", "/v1/organizations/{id}/portal-links", {
    onSuccess: () => refresh("/v1/organizations/{id}/portal-links"),
  });
  if (making.data) {
    return (
      <SecretDialog
        title="The link is made"
        lead="Whoever has it may use it until it ends."
        values={[{ label: "Portal link", value: making.data.url }]}
        beside={
          <AnchorButton href={making.data.url} target="_blank" rel="noreferrer">
            Open it
          </AnchorButton>
        }
        onKept={onClose}
      />
    );
  }
  return (
    <Dialog
      title="New portal link"
      lead={apps.length === 0 ? "It opens one app. Make an app first." : "It opens one app’s part of this console."}
      isOpen
      onClose={onClose}
    >
      <LinkForm
        apps={apps}
        isBusy={making.isPending}
        error={making.error}
        onClose={onClose}
        onSubmit={(body) => making.mutate({ params: { path: { id: organizationId } }, body })}
      />
    </Dialog>
  );
}

type LinkBody = { appId: string; role: LinkRole; ttlSeconds: number; frameAncestors: string[] };
type FormProps = {
  apps: Props["apps"];
  isBusy: boolean;
  error: unknown;
  onClose(): void;
  onSubmit(body: LinkBody): void;
};

function LinkForm({ apps, isBusy, error, onClose, onSubmit }: FormProps) {
  const [appId, setAppId] = useState(apps[0]?.id ?? "");
  const [role, setRole] = useState<LinkRole>("viewer");
  const [ttl, setTtl] = useState("3600");
  const [origins, setOrigins] = useState("");
  const frameAncestors = origins.split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));
  return (
    <DialogForm
      verb="Make the link"
      error={error}
      isBusy={isBusy}
      isReady={appId !== ""}
      onCancel={onClose}
      onSubmit={() => onSubmit({ appId, role, ttlSeconds: Number(ttl), frameAncestors })}
    >
      <FieldRow>
        <SelectField
          label="App"
          value={appId}
          options={apps.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={({ target }) => setAppId(target.value)}
        />
        <SelectField label="Good for" value={ttl} options={LIFETIMES} onChange={({ target }) => setTtl(target.value)} />
      </FieldRow>
      <Choices label="Whoever has it may" value={role} choices={ROLES} onChange={(next) => setRole(next)} />
      <AreaField
        label="Pages that may embed it"
        isOptional
        isMono
        rows={2}
        hint="One origin a line, such as https://app.example.com. Empty: it opens in a window of its own."
        value={origins}
        onChange={({ target }) => setOrigins(target.value)}
      />
    </DialogForm>
  );
}
