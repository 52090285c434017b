import { KeyRound } from "lucide-react";
import { useState } from "react";
import type { Row } from "../../api/answer.ts";
import { api, client } from "../../api/client.ts";
import { PAGED } from "../../api/pages.ts";
import { useRefresh } from "../../api/refresh.ts";
import { Badge } from "../../parts/badge.tsx";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Empty } from "../../parts/note.tsx";
import { Section } from "../../parts/page.tsx";
import { Paged } from "../../parts/paged.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { say } from "../../parts/toast.tsx";
import { NewTokenDialog } from "./new-token-dialog.tsx";

type Token = Row<"/v1/organizations/{id}/tokens">;

const PATH = "/v1/organizations/{id}/tokens";

/** What programs act for the organization with. */
export function Tokens({ organizationId }: { organizationId: string }) {
  const [isMaking, setMaking] = useState(false);
  const query = api.useInfiniteQuery("get", PATH, { params: { path: { id: organizationId } } }, PAGED);
  return (
    <Section
      title="Tokens"
      lead="For programs that call the relay’s API, and to sign in to this console."
      actions={<Button onClick={() => setMaking(true)}>New token</Button>}
      isFlush
    >
      <Paged
        query={query}
        what="tokens"
        empty={
          <Empty icon={KeyRound} title="No tokens">
            Make one for each program, so that each can be revoked alone.
          </Empty>
        }
      >
        {(rows) => <Table caption="Tokens" columns={columnsFor(organizationId)} rows={rows} keyOf={({ id }) => id} />}
      </Paged>
      {isMaking && <NewTokenDialog organizationId={organizationId} onClose={() => setMaking(false)} />}
    </Section>
  );
}

const columnsFor = (organizationId: string): Column<Token>[] => [
  { label: "Name", cell: ({ name }) => <strong>{name}</strong> },
  { label: "Role", cell: ({ role }) => role },
  { label: "Created", cell: ({ createdAt }) => <Time at={createdAt} /> },
  { label: "Last used", cell: ({ lastUsedAt }) => (lastUsedAt === null ? "never" : <Time at={lastUsedAt} />) },
  { label: "Expires", cell: ({ expiresAt }) => <Expiry at={expiresAt} /> },
  { label: "", cell: (token) => <RevokeToken token={token} organizationId={organizationId} />, isEnd: true },
];

function Expiry({ at }: { at: string | null }) {
  if (at === null) return "never";
  return Date.parse(at) <= Date.now() ? <Badge tone="neutral">expired</Badge> : <Time at={at} />;
}

function RevokeToken({ token, organizationId }: { token: Token; organizationId: string }) {
  const refresh = useRefresh();
  const revoke = async (): Promise<void> => {
    const path = { id: organizationId, tokenId: token.id };
    await client.DELETE("/v1/organizations/{id}/tokens/{tokenId}", { params: { path } });
    say(`${token.name} is revoked`);
    await refresh(PATH);
  };
  return (
    <Confirm
      title={`Revoke ${token.name}?`}
      verb="Revoke"
      trigger={(ask) => (
        <Button size="small" aria-label={`Revoke ${token.name}`} onClick={ask}>
          Revoke
        </Button>
      )}
      onConfirm={revoke}
    >
      Whatever uses this token is refused from now on, and whoever has signed in with it is signed out: you, too, if it
      is yours. It does not come back.
    </Confirm>
  );
}
