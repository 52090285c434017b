import { useState } from "react";
import { client } from "../../../api/client.ts";
import { Button } from "../../../parts/button.tsx";
import { Confirm } from "../../../parts/dialog.tsx";
import { say } from "../../../parts/toast.tsx";
import { countOf, formatCount } from "../../../parts/words.ts";
import { useRefreshSubscription } from "../refresh.ts";
import type { DeliveryFilter } from "./use-live-deliveries.ts";

/** A call brings back so many at most; this many calls are made at most for one press. */
const CALLS_MAX = 100;

/** Brings dead deliveries back, those of the shown time. */
export function RetryDead({
  subscriptionId,
  filter: { from, to },
}: {
  subscriptionId: string;
  filter: DeliveryFilter;
}) {
  const [done, setDone] = useState(0);
  const refresh = useRefreshSubscription();
  const retryAll = async (): Promise<void> => {
    let retried = 0;
    for (let calls = 0; calls < CALLS_MAX; calls++) {
      const { data } = await client.POST("/v1/subscriptions/{id}/retry-dead", {
        params: { path: { id: subscriptionId } },
        body: { ...(from && { from }), ...(to && { to }) },
      });
      retried += data?.retried ?? 0;
      setDone(retried);
      if (!data || data.remaining === 0 || data.retried === 0) break;
    }
    say(`${countOf(retried, "dead delivery is", "dead deliveries are")} tried again`);
    await refresh();
  };
  return (
    <Confirm
      title="Try all dead deliveries again?"
      verb="Try them again"
      trigger={(ask) => (
        <Button size="small" onClick={ask}>
          Retry dead ones
        </Button>
      )}
      onConfirm={retryAll}
    >
      {from || to
        ? "Those that were accepted in the time that is shown, the oldest first."
        : "All of them, the oldest first."}{" "}
      They arrive out of order: later events of their keys have gone ahead. Each is attempted as if it were new.
      {done > 0 && ` ${formatCount(done)} so far.`}
    </Confirm>
  );
}
