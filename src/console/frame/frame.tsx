import { Dialog } from "@base-ui/react/dialog";
import { Link, Outlet, useRouter, useRouterState } from "@tanstack/react-router";
import { Menu as MenuIcon } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import icon from "../icon.svg";
import { Button } from "../parts/button.tsx";
import { useFocusOnChange } from "../parts/focus-on-change.ts";
import styles from "./frame.module.css";

/** Around every page of somebody who is signed in: on the side where else to go, on a phone in a drawer. */
export function Frame({ brand = <Brand />, children }: { brand?: ReactNode; children: ReactNode }) {
  const [isDrawerOpen, setDrawerOpen] = useState(false);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const main = useFocusOnChange<HTMLElement>(path);
  const router = useRouter();
  // Whoever goes to the page that is open already is done with it too.
  useEffect(() => router.subscribe("onBeforeLoad", () => setDrawerOpen(false)), [router]);
  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#main">
        Skip to the page
      </a>
      <header className={styles.side}>
        {brand}
        {children}
      </header>
      <header className={styles.top}>
        <Dialog.Root open={isDrawerOpen} onOpenChange={setDrawerOpen}>
          <Dialog.Trigger
            render={
              <Button tone="quiet" isIcon aria-label="Open the navigation">
                <MenuIcon aria-hidden="true" />
              </Button>
            }
          />
          <Dialog.Portal>
            <Dialog.Backdrop className={styles.backdrop} />
            <Dialog.Popup className={styles.drawer} aria-label="Navigation">
              <div className={styles.side}>
                {brand}
                {children}
              </div>
            </Dialog.Popup>
          </Dialog.Portal>
        </Dialog.Root>
        {brand}
      </header>
      <main id="main" className={styles.main} ref={main} tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  );
}

const Brand = () => (
  <Link to="/" className={styles.brand}>
    <img src={icon} alt="" width="24" height="24" />
    Event Relay
  </Link>
);
