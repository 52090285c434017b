import { api as relay } from "../../api/client.ts";
import { RotateDialog } from "../../parts/rotate-dialog.tsx";
import { SecretDialog } from "../../parts/secret-dialog.tsx";
import { Time } from "../../parts/time.tsx";
import type { Api } from "./api-types.ts";
import { secretsOf } from "./client-secrets.ts";

type Props = { api: Api; clientId: string; name: string; onClose(): void };

/** Another secret for the same credentials; the one before goes on until its publisher has changed. */
export function RotateCredentials({ api, clientId, name, onClose }: Props) {
  const rotating = relay.useMutation("post", "/v1/apis/{id}/credentials/{clientId}/rotate");
  if (rotating.data)
    return (
      <SecretDialog
        title={`${name} has another secret`}
        lead={
          <>
            The secret before is good until <Time at={rotating.data.previousExpiresAt} isExact />. Change your publisher
            by then.
          </>
        }
        values={secretsOf(rotating.data)}
        onKept={onClose}
      />
    );
  return (
    <RotateDialog
      title={`Rotate ${name}`}
      lead="It gets another secret and keeps its client id. Change your publisher while both secrets are good."
      label="The old secret is good for"
      error={rotating.error}
      isBusy={rotating.isPending}
      onRotate={(overlapSeconds) =>
        rotating.mutate({ params: { path: { id: api.id, clientId } }, body: { overlapSeconds } })
      }
      onClose={onClose}
    />
  );
}
