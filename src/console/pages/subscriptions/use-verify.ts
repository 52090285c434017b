import { api } from "../../api/client.ts";
import { say, sayFailure } from "../../parts/toast.tsx";
import { useRefreshSubscription } from "./refresh.ts";

/** Has the relay ask an endpoint now whether it agrees to deliveries. */
export function useVerify(subscriptionId: string): { isBusy: boolean; verify(): void } {
  const refresh = useRefreshSubscription();
  const verifying = api.useMutation("post", "/v1/subscriptions/{id}/verify", {
    onSuccess: () => say("Your endpoint agrees"),
    onError: (error) => sayFailure("Your endpoint has not agreed", error),
    onSettled: () => refresh(),
  });
  return {
    isBusy: verifying.isPending,
    verify: () => verifying.mutate({ params: { path: { id: subscriptionId } }, body: {} }),
  };
}
