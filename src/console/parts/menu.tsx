import { Menu as BaseMenu } from "@base-ui/react/menu";
import type { ReactElement, ReactNode } from "react";
import styles from "./menu.module.css";

/** What can be done from one button. */
export function Menu({ trigger, children }: { trigger: ReactElement; children: ReactNode }) {
  return (
    <BaseMenu.Root modal={false}>
      <BaseMenu.Trigger render={trigger} />
      <BaseMenu.Portal>
        <BaseMenu.Positioner sideOffset={6} align="start">
          <BaseMenu.Popup className={styles.popup}>{children}</BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}

/** `render`: the link that it is, where it leads somewhere. */
export const MenuItem = ({
  onClick,
  render,
  children,
}: {
  onClick?: () => void;
  render?: ReactElement;
  children: ReactNode;
}) => (
  <BaseMenu.Item className={styles.item} {...(onClick && { onClick })} {...(render && { render })}>
    {children}
  </BaseMenu.Item>
);

export const MenuLabel = ({ children }: { children: ReactNode }) => <div className={styles.label}>{children}</div>;

export const MenuSeparator = () => <BaseMenu.Separator className={styles.separator} />;
