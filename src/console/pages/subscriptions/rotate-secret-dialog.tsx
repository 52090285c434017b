import { api } from "../../api/client.ts";
import { RotateDialog } from "../../parts/rotate-dialog.tsx";
import { SecretDialog } from "../../parts/secret-dialog.tsx";
import { Time } from "../../parts/time.tsx";

/** Another signing secret; for a while both of them sign. */
export function RotateSecretDialog({ subscriptionId, onClose }: { subscriptionId: string; onClose(): void }) {
  const rotating = api.useMutation("post", "/v1/subscriptions/{id}/rotate-secret");
  if (rotating.data) {
    const { signingSecret, previousExpiresAt } = rotating.data;
    return (
      <SecretDialog
        title="The new signing secret"
        lead={
          <>
            Each delivery is signed with both until <Time at={previousExpiresAt} isExact />. Put the new one in place by
            then.
          </>
        }
        values={[{ label: "Signing secret", value: signingSecret }]}
        onKept={onClose}
      />
    );
  }
  return (
    <RotateDialog
      title="Rotate the signing secret"
      lead="Both secrets sign for a while, so that your endpoint can change over whenever it likes."
      label="The old secret signs for"
      error={rotating.error}
      isBusy={rotating.isPending}
      onRotate={(overlapSeconds) =>
        rotating.mutate({ params: { path: { id: subscriptionId } }, body: { overlapSeconds } })
      }
      onClose={onClose}
    />
  );
}
