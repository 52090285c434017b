import { Toast } from "@base-ui/react/toast";
import { X } from "lucide-react";
import { Button } from "./button.tsx";
import styles from "./toast.module.css";

const toasts = Toast.createToastManager();

type Undo = { label: string; run(): void };

/** Says in passing what has been done; where it can be undone, offers that. */
export function say(title: string, undo?: Undo): void {
  toasts.add({
    title,
    ...(undo && { timeout: 10_000, actionProps: { children: undo.label, onClick: undo.run } }),
  });
}

/** Says in passing what could not be done, where there is no form to say it in. */
export const sayFailure = (title: string, error: unknown): void =>
  void toasts.add({
    title,
    description: error instanceof Error ? error.message : undefined,
    type: "bad",
    timeout: 12_000,
  });

/** Where those are shown: once, around all pages. */
export function Toasts({ children }: { children: React.ReactNode }) {
  return (
    <Toast.Provider toastManager={toasts}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className={styles.viewport}>
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function ToastList() {
  const { toasts: shown } = Toast.useToastManager();
  return shown.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      className={toast.type === "bad" ? `${styles.toast} ${styles.bad}` : styles.toast}
    >
      <div className={styles.words}>
        <Toast.Title render={<div />} />
        <Toast.Description />
      </div>
      {toast.actionProps && <Toast.Action render={<Button size="small">Undo</Button>} />}
      {/* Toasts lie in a list, none behind another: each can be dismissed at any time, by everybody. */}
      <Toast.Close
        aria-hidden={false}
        render={
          <Button tone="quiet" size="small" isIcon aria-label="Dismiss">
            <X aria-hidden="true" />
          </Button>
        }
      />
    </Toast.Root>
  ));
}
