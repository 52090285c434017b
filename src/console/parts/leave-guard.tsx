import { AlertDialog } from "@base-ui/react/alert-dialog";
import { useBlocker } from "@tanstack/react-router";
import { type ReactNode, useLayoutEffect, useRef } from "react";
import { Button } from "./button.tsx";
import styles from "./dialog.module.css";
import { FormEnds } from "./field.tsx";

type Props = {
  /** Whether leaving the page now would lose something. */
  isOn: boolean;
  title: string;
  /** What would be lost. */
  children: ReactNode;
};

/** Asks before a page is left that holds what is nowhere else. */
export function LeaveGuard({ isOn, title, children }: Props) {
  const holds = useRef(isOn);
  // Before a page that has nothing to lose any more goes on by itself, in the same breath.
  useLayoutEffect(() => {
    holds.current = isOn;
    return () => {
      holds.current = false;
    };
  }, [isOn]);
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: ({ current, next }) => holds.current && current.pathname !== next.pathname,
    enableBeforeUnload: () => holds.current,
    withResolver: true,
  });
  return (
    <AlertDialog.Root open={status === "blocked"} onOpenChange={(open) => open || reset?.()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={styles.backdrop} />
        <AlertDialog.Popup className={styles.dialog}>
          <header className={styles.head}>
            <AlertDialog.Title>{title}</AlertDialog.Title>
            <AlertDialog.Description>{children}</AlertDialog.Description>
          </header>
          <FormEnds>
            <Button onClick={reset}>Stay here</Button>
            <Button tone="danger" onClick={proceed}>
              Leave
            </Button>
          </FormEnds>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
