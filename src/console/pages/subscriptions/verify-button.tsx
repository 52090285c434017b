import { Button } from "../../parts/button.tsx";
import { useVerify } from "./use-verify.ts";

/** Asks the endpoint now whether it agrees to deliveries. */
export function VerifyButton({ subscriptionId }: { subscriptionId: string }) {
  const { isBusy, verify } = useVerify(subscriptionId);
  return (
    <Button size="small" isBusy={isBusy} onClick={verify}>
      Ask it now
    </Button>
  );
}
