import { type ReactNode, useState } from "react";
import { flushSync } from "react-dom";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { FormEnds } from "./field.tsx";
import { LeaveGuard } from "./leave-guard.tsx";
import { ShownOnce } from "./shown-once.tsx";

type Props = {
  title: string;
  lead?: ReactNode;
  values: { label: string; value: string }[];
  /** What else can be done with it. */
  beside?: ReactNode;
  onKept(): void;
};

/**
 * What has been made, with its secret. As nobody will see that again, no key and no press beside it closes the dialog, and who goes
 * back is asked.
 */
export function SecretDialog({ title, lead, values, beside, onKept }: Props) {
  const [isKept, setKept] = useState(false);
  const keep = (): void => {
    // The guard hears of it before anything goes on from here.
    flushSync(() => setKept(true));
    onKept();
  };
  return (
    <Dialog title={title} lead={lead} isOpen onClose={() => undefined}>
      <ShownOnce values={values} />
      <FormEnds>
        {beside}
        <Button tone="primary" onClick={keep}>
          {values.length === 1 ? "I have kept it" : "I have kept them"}
        </Button>
      </FormEnds>
      <LeaveGuard isOn={!isKept} title="Leave without keeping it?">
        It is shown only here, and only now. You could make another one, no more.
      </LeaveGuard>
    </Dialog>
  );
}
