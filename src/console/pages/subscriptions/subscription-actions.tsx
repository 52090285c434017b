import { Ellipsis, History, KeyRound, Pause, Play, Send, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/role.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { FormEnds } from "../../parts/field.tsx";
import { Menu, MenuItem } from "../../parts/menu.tsx";
import { say, sayFailure } from "../../parts/toast.tsx";
import { useRefreshSubscription } from "./refresh.ts";
import { RotateSecretDialog } from "./rotate-secret-dialog.tsx";
import { SeekDialog } from "./seek-dialog.tsx";
import type { ListedSubscription } from "./subscription-types.ts";
import { TEST_LEAD, TestDelivery } from "./test-delivery.tsx";
import { useVerify } from "./use-verify.ts";

type Task = "test" | "seek" | "rotate";
type Props = { subscription: ListedSubscription };

/** What can be done with a subscription, as its state allows it. */
export function SubscriptionActions({ subscription }: Props) {
  const [task, setTask] = useState<Task | null>(null);
  const mayWrite = useMay("developer");
  const { verify } = useVerify(subscription.id);
  const { status, endpoint, verification } = subscription;
  if (!mayWrite) return null;
  const isApproved = status !== "pending" && status !== "rejected";
  const close = (): void => setTask(null);
  return (
    <>
      <PauseButton subscription={subscription} />
      {endpoint !== null && (
        <Button onClick={() => setTask("test")}>
          <Send aria-hidden="true" />
          Test
        </Button>
      )}
      <Menu
        trigger={
          <Button isIcon aria-label="More">
            <Ellipsis aria-hidden="true" />
          </Button>
        }
      >
        {isApproved && (
          <MenuItem onClick={() => setTask("seek")}>
            <History aria-hidden="true" />
            Send events again…
          </MenuItem>
        )}
        <MenuItem onClick={() => setTask("rotate")}>
          <KeyRound aria-hidden="true" />
          Rotate the signing secret…
        </MenuItem>
        {isApproved && endpoint !== null && verification === "challenge" && (
          <MenuItem onClick={verify}>
            <ShieldCheck aria-hidden="true" />
            Ask whether the endpoint agrees
          </MenuItem>
        )}
      </Menu>
      <Dialog title="Check your endpoint" lead={TEST_LEAD} isOpen={task === "test"} isWide onClose={close}>
        <TestDelivery subscription={subscription} />
        <FormEnds>
          <Button onClick={close}>Close</Button>
        </FormEnds>
      </Dialog>
      {task === "seek" && <SeekDialog subscriptionId={subscription.id} onClose={close} />}
      {task === "rotate" && <RotateSecretDialog subscriptionId={subscription.id} onClose={close} />}
    </>
  );
}

function PauseButton({ subscription: { id, status } }: Props) {
  const refresh = useRefreshSubscription();
  const onSettled = (): Promise<void> => refresh();
  const pausing = api.useMutation("post", "/v1/subscriptions/{id}/pause", {
    onSuccess: () => say("Paused", { label: "Resume", run: resume }),
    onError: (error) => sayFailure("It could not be paused", error),
    onSettled,
  });
  const resuming = api.useMutation("post", "/v1/subscriptions/{id}/resume", {
    onSuccess: () => say("Deliveries go on"),
    onError: (error) => sayFailure("It could not be resumed", error),
    onSettled,
  });
  const call = { params: { path: { id } }, body: {} };
  function resume(): void {
    resuming.mutate(call);
  }
  if (status === "active" || status === "unverified") {
    return (
      <Button isBusy={pausing.isPending} onClick={() => pausing.mutate(call)}>
        <Pause aria-hidden="true" />
        Pause
      </Button>
    );
  }
  if (status !== "paused" && status !== "disabled") return null;
  return (
    <Button tone="primary" isBusy={resuming.isPending} onClick={resume}>
      <Play aria-hidden="true" />
      Resume
    </Button>
  );
}
