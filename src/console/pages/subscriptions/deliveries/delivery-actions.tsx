import { api, client } from "../../../api/client.ts";
import { Button } from "../../../parts/button.tsx";
import { Confirm } from "../../../parts/dialog.tsx";
import { say, sayFailure } from "../../../parts/toast.tsx";
import { useRefreshSubscription } from "../refresh.ts";
import type { DeliveryStatus } from "../subscription-types.ts";
import styles from "./delivery.module.css";

type Props = {
  deliveryId: string;
  partitionKey: string | null;
  status: DeliveryStatus;
  size?: "normal" | "small";
};

const RETRIED: DeliveryStatus[] = ["failing", "dead", "skipped"];
const SKIPPED: DeliveryStatus[] = ["waiting", "failing", "blocked"];

/** What can be done with a delivery, as it stands. */
export function DeliveryActions({ deliveryId, partitionKey, status, size = "normal" }: Props) {
  const refresh = useRefreshSubscription();
  const call = { params: { path: { deliveryId } }, body: {} };
  const retrying = api.useMutation("post", "/v1/deliveries/{deliveryId}/retry", {
    onSuccess: () => say("It is attempted now"),
    onError: (error) => sayFailure("It is not retried", error),
    onSettled: () => refresh(),
  });
  const skip = async (): Promise<void> => {
    await client.POST("/v1/deliveries/{deliveryId}/skip", call);
    say(partitionKey === null ? "Skipped" : `Skipped: ${partitionKey} goes on`);
    await refresh();
  };
  return (
    <div className={styles.actions}>
      {RETRIED.includes(status) && (
        <Button size={size} isBusy={retrying.isPending} onClick={() => retrying.mutate(call)}>
          Retry now
        </Button>
      )}
      {SKIPPED.includes(status) && (
        <Confirm
          title="Skip this event?"
          verb="Skip it"
          trigger={(ask) => (
            <Button size={size} onClick={ask}>
              Skip
            </Button>
          )}
          onConfirm={skip}
        >
          {partitionKey === null
            ? "It is not delivered to this subscription."
            : `It is not delivered to this subscription, and the next event of ${partitionKey} goes out at once.`}{" "}
          It is kept as skipped: it can still be retried from its page, but then arrives after later events of its key.
        </Confirm>
      )}
    </div>
  );
}
