import { useSuspenseQuery } from "@tanstack/react-query";
import { Activity, Bell, Building2, FileClock } from "lucide-react";
import { sessionQuery } from "../api/session.ts";
import { Foot, Switcher } from "./account.tsx";
import { Frame } from "./frame.tsx";
import { NavigationGroup, NavigationLink } from "./navigation.tsx";

/** The operator's pages: who is on the relay, and how it is. */
export function OperatorFrame() {
  const { data: session } = useSuspenseQuery(sessionQuery);
  return (
    <Frame>
      {session && <Switcher session={session} name="Operator" as="the whole relay" />}
      <nav aria-label="Console">
        <NavigationGroup>
          <NavigationLink icon={Building2} to="/operator/organizations">
            Organizations
          </NavigationLink>
          <NavigationLink icon={Activity} to="/operator/health">
            Health
          </NavigationLink>
          <NavigationLink icon={Bell} to="/operator/notices">
            Notices
          </NavigationLink>
          <NavigationLink icon={FileClock} to="/operator/audit">
            Audit
          </NavigationLink>
        </NavigationGroup>
      </nav>
      <Foot canSignOut />
    </Frame>
  );
}
