import { useQuery } from "@tanstack/react-query";
import { Users } from "lucide-react";
import { useState } from "react";
import type { Row } from "../../api/answer.ts";
import { api, client } from "../../api/client.ts";
import { PAGED } from "../../api/pages.ts";
import { useRefresh } from "../../api/refresh.ts";
import { type Role, signInOptionsQuery } from "../../api/session.ts";
import { Badge } from "../../parts/badge.tsx";
import { Below } from "../../parts/below.tsx";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Empty } from "../../parts/note.tsx";
import { Section } from "../../parts/page.tsx";
import { Paged } from "../../parts/paged.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { say, sayFailure } from "../../parts/toast.tsx";
import { InviteDialog } from "./invite-dialog.tsx";
import styles from "./organization.module.css";
import { ROLES } from "./roles.ts";

type Member = Row<"/v1/organizations/{id}/members">;
type MemberProps = { member: Member; organizationId: string };

const PATH = "/v1/organizations/{id}/members";
const ONE = "/v1/organizations/{id}/members/{memberId}";

/** People who sign in with an identity of their own. */
export function Members({ organizationId }: { organizationId: string }) {
  const [isInviting, setInviting] = useState(false);
  const options = useQuery(signInOptionsQuery);
  const query = api.useInfiniteQuery("get", PATH, { params: { path: { id: organizationId } } }, PAGED);
  const hasSignOn = options.data?.oidc !== null;
  return (
    <Section
      title="Members"
      lead={
        hasSignOn
          ? "People who sign in with their own account."
          : "The operator of this relay has not set up single sign-on: until then members cannot sign in, and people use tokens."
      }
      actions={<Button onClick={() => setInviting(true)}>Invite somebody</Button>}
      isFlush
    >
      <Paged
        query={query}
        what="members"
        empty={
          <Empty icon={Users} title="Nobody is invited">
            Invite people by their e-mail address, so that nobody has to share a token, and the audit names who did
            what.
          </Empty>
        }
      >
        {(rows) => <Table caption="Members" columns={columnsFor(organizationId)} rows={rows} keyOf={({ id }) => id} />}
      </Paged>
      {isInviting && <InviteDialog organizationId={organizationId} onClose={() => setInviting(false)} />}
    </Section>
  );
}

const columnsFor = (organizationId: string): Column<Member>[] => [
  {
    label: "Who",
    cell: ({ name, email }) => (
      <span>
        <strong>{name ?? email}</strong>
        {name !== null && <Below>{email}</Below>}
      </span>
    ),
  },
  { label: "Role", cell: (member) => <RoleSelect member={member} organizationId={organizationId} /> },
  {
    label: "Last signed in",
    cell: ({ signedInAt }) =>
      signedInAt === null ? <Badge tone="warn">invited, not here yet</Badge> : <Time at={signedInAt} />,
  },
  { label: "", cell: (member) => <RemoveMember member={member} organizationId={organizationId} />, isEnd: true },
];

const isRole = (value: string): value is Role => ROLES.some((role) => role.value === value);

function RoleSelect({ member, organizationId }: MemberProps) {
  const refresh = useRefresh();
  const change = async (role: string): Promise<void> => {
    if (!isRole(role)) return;
    try {
      const path = { id: organizationId, memberId: member.id };
      await client.PATCH(ONE, { params: { path }, body: { role } });
      say(`${member.name ?? member.email} is ${role} now`);
    } catch (error) {
      sayFailure("The role stays as it was", error);
    }
    await refresh(PATH);
  };
  return (
    <select
      className={styles.role}
      aria-label={`Role of ${member.name ?? member.email}`}
      value={member.role}
      onChange={({ target }) => void change(target.value)}
    >
      {ROLES.map(({ value, label }) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
}

function RemoveMember({ member, organizationId }: MemberProps) {
  const refresh = useRefresh();
  const who = member.name ?? member.email;
  const remove = async (): Promise<void> => {
    await client.DELETE(ONE, { params: { path: { id: organizationId, memberId: member.id } } });
    say(`${who} is not a member any more`);
    await refresh(PATH);
  };
  return (
    <Confirm
      title={`Remove ${who}?`}
      verb="Remove"
      trigger={(ask) => (
        <Button size="small" aria-label={`Remove ${who}`} onClick={ask}>
          Remove
        </Button>
      )}
      onConfirm={remove}
    >
      They are signed out of your organization at once. Tokens that they know go on working: revoke those, too. You can
      invite them again.
    </Confirm>
  );
}
