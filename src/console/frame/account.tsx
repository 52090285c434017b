import { useQueryClient } from "@tanstack/react-query";
import { Link, useRouter } from "@tanstack/react-router";
import { BookOpen, Building2, ChevronsUpDown, LogOut, Monitor, Moon, Plus, Shield, Sun } from "lucide-react";
import { useState } from "react";
import { type Session, signOut } from "../api/session.ts";
import { Menu, MenuItem, MenuLabel, MenuSeparator } from "../parts/menu.tsx";
import { sayFailure } from "../parts/toast.tsx";
import styles from "./frame.module.css";
import { keepScheme, readScheme, type Scheme } from "./scheme.ts";

/** As whom somebody works now, and as whom else they could. */
export function Switcher({ session, name, as }: { session: Session; name: string; as: string }) {
  return (
    <Menu
      trigger={
        <button type="button" className={styles.switcher} title="Switch organization">
          <span>
            <strong>{name}</strong>
            <small>{as}</small>
          </span>
          <ChevronsUpDown aria-hidden="true" />
        </button>
      }
    >
      <MenuLabel>{session.person?.email ?? "Signed in with a token"}</MenuLabel>
      {session.organizations.map(({ id, name }) => (
        <MenuItem key={id} render={<Link to="/o/$organizationId" params={{ organizationId: id }} />}>
          <Building2 aria-hidden="true" />
          {name}
        </MenuItem>
      ))}
      {session.isOperator && (
        <MenuItem render={<Link to="/operator/organizations" />}>
          <Shield aria-hidden="true" />
          Operator
        </MenuItem>
      )}
      <MenuSeparator />
      <MenuItem render={<Link to="/sign-in" search={{ add: true }} />}>
        <Plus aria-hidden="true" />
        Add an organization
      </MenuItem>
    </Menu>
  );
}

const SCHEMES: { scheme: Scheme; label: string; icon: typeof Sun }[] = [
  { scheme: "system", label: "As the system", icon: Monitor },
  { scheme: "light", label: "Light", icon: Sun },
  { scheme: "dark", label: "Dark", icon: Moon },
];

/** What stands at the foot of every navigation. */
export function Foot({ canSignOut }: { canSignOut: boolean }) {
  return (
    <div className={styles.foot}>
      <a className={styles.link} href="/docs" target="_blank" rel="noreferrer">
        <BookOpen aria-hidden="true" />
        API reference
      </a>
      <SchemeMenu />
      {canSignOut && <SignOut />}
    </div>
  );
}

function SchemeMenu() {
  const [scheme, setScheme] = useState(readScheme);
  const Icon = SCHEMES.find((one) => one.scheme === scheme)?.icon ?? Monitor;
  const choose = (next: Scheme): void => {
    keepScheme(next);
    setScheme(next);
  };
  return (
    <Menu
      trigger={
        <button type="button" className={styles.link}>
          <Icon aria-hidden="true" />
          Appearance
        </button>
      }
    >
      {SCHEMES.map(({ scheme, label, icon: Icon }) => (
        <MenuItem key={scheme} onClick={() => choose(scheme)}>
          <Icon aria-hidden="true" />
          {label}
        </MenuItem>
      ))}
    </Menu>
  );
}

function SignOut() {
  const queries = useQueryClient();
  const router = useRouter();
  const leave = async (): Promise<void> => {
    try {
      await signOut();
      queries.clear();
      await router.navigate({ to: "/sign-in" });
    } catch (error) {
      sayFailure("You are still signed in", error);
    }
  };
  return (
    <button type="button" className={styles.link} onClick={() => void leave()}>
      <LogOut aria-hidden="true" />
      Sign out
    </button>
  );
}
