import { AlertDialog } from "@base-ui/react/alert-dialog";
import { Dialog as BaseDialog } from "@base-ui/react/dialog";
import { type ReactNode, useState } from "react";
import { Button } from "./button.tsx";
import styles from "./dialog.module.css";
import { FormEnds } from "./field.tsx";
import { ProblemNote } from "./note.tsx";

type DialogProps = {
  title: string;
  lead?: ReactNode;
  isOpen: boolean;
  isWide?: boolean;
  onClose(): void;
  children: ReactNode;
};

/** One matter in front of the page, until it is done or left. */
export function Dialog({ title, lead, isOpen, isWide = false, onClose, children }: DialogProps) {
  return (
    <BaseDialog.Root open={isOpen} onOpenChange={(open) => open || onClose()}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={styles.backdrop} />
        <BaseDialog.Popup className={isWide ? `${styles.dialog} ${styles.wide}` : styles.dialog}>
          <header className={styles.head}>
            <BaseDialog.Title>{title}</BaseDialog.Title>
            {lead && <BaseDialog.Description>{lead}</BaseDialog.Description>}
          </header>
          {children}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

type ConfirmProps = {
  title: string;
  /** What is lost, and whether it comes back. */
  children: ReactNode;
  /** The verb on the button: "Revoke", never "OK". */
  verb: string;
  /** The button that asks. */
  trigger: (ask: () => void) => ReactNode;
  onConfirm(): Promise<unknown>;
};

/** Asks before something is lost. It stays open while that is done, and where it fails. */
export function Confirm({ title, children, verb, trigger, onConfirm }: ConfirmProps) {
  const [isOpen, setOpen] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const confirm = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      setOpen(false);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      {trigger(() => {
        setError(null);
        setOpen(true);
      })}
      <AlertDialog.Root open={isOpen} onOpenChange={setOpen}>
        <AlertDialog.Portal>
          <AlertDialog.Backdrop className={styles.backdrop} />
          <AlertDialog.Popup className={styles.dialog}>
            <header className={styles.head}>
              <AlertDialog.Title>{title}</AlertDialog.Title>
              <AlertDialog.Description>{children}</AlertDialog.Description>
            </header>
            {error !== null && <ProblemNote error={error} />}
            <FormEnds>
              <AlertDialog.Close render={<Button>Keep it as it is</Button>} />
              <Button tone="danger" isBusy={isBusy} onClick={() => void confirm()}>
                {verb}
              </Button>
            </FormEnds>
          </AlertDialog.Popup>
        </AlertDialog.Portal>
      </AlertDialog.Root>
    </>
  );
}
