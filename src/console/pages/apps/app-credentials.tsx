import { KeyRound } from "lucide-react";
import { useState } from "react";
import type { Row } from "../../api/answer.ts";
import { api, client } from "../../api/client.ts";
import { PAGED } from "../../api/pages.ts";
import { useRefresh } from "../../api/refresh.ts";
import { useMay } from "../../api/role.ts";
import { Button } from "../../parts/button.tsx";
import { Id } from "../../parts/code.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Empty } from "../../parts/note.tsx";
import { Section } from "../../parts/page.tsx";
import { Paged } from "../../parts/paged.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { say } from "../../parts/toast.tsx";
import { CredentialDialog, type CredentialTask } from "./credential-dialog.tsx";

type Credential = Row<"/v1/apps/{id}/credentials">;

const PATH = "/v1/apps/{id}/credentials";

/** What an app signs in with, to listen live or to fetch events. */
export function AppCredentials({ appId }: { appId: string }) {
  const mayWrite = useMay("developer");
  const refresh = useRefresh();
  const [task, setTask] = useState<CredentialTask | null>(null);
  const query = api.useInfiniteQuery("get", PATH, { params: { path: { id: appId } } }, PAGED);
  const revoke = async ({ apiKey, name }: Credential): Promise<void> => {
    await client.DELETE("/v1/apps/{id}/credentials/{clientId}", {
      params: { path: { id: appId, clientId: apiKey } },
    });
    await refresh(PATH);
    say(`${name} is revoked`);
  };
  const actions: Column<Credential> = {
    label: "",
    isEnd: true,
    cell: (credential) => (
      <>
        <Button size="small" onClick={() => setTask({ kind: "rotate", credential })}>
          Rotate
        </Button>
        <Confirm
          title={`Revoke ${credential.name}?`}
          verb="Revoke"
          trigger={(ask) => (
            <Button size="small" onClick={ask}>
              Revoke
            </Button>
          )}
          onConfirm={() => revoke(credential)}
        >
          Whoever uses it gets no new access token, and its live connections end. It cannot be brought back. To change
          over without a gap, rotate instead.
        </Confirm>
      </>
    ),
  };
  const create = mayWrite && (
    <Button size="small" onClick={() => setTask({ kind: "create" })}>
      New credentials
    </Button>
  );
  return (
    <Section
      title="Credentials"
      lead="Your app trades its API key and secret for an access token, to listen live or to fetch. Webhooks need none."
      actions={create}
      isFlush
    >
      <Paged
        query={query}
        what="credentials"
        empty={
          <Empty icon={KeyRound} title="No credentials" actions={create}>
            Without them the app can get webhooks, but neither listen nor fetch.
          </Empty>
        }
      >
        {(rows) => (
          <Table
            caption="Credentials"
            columns={mayWrite ? [...COLUMNS, actions] : COLUMNS}
            rows={rows}
            keyOf={({ apiKey }) => apiKey}
          />
        )}
      </Paged>
      {task && (
        <CredentialDialog
          appId={appId}
          task={task}
          onChanged={() => void refresh(PATH)}
          onClose={() => setTask(null)}
        />
      )}
    </Section>
  );
}

const COLUMNS: Column<Credential>[] = [
  { label: "Name", cell: ({ name }) => name },
  { label: "API key", cell: ({ apiKey }) => <Id id={apiKey} /> },
  { label: "Channels", cell: ({ channels }) => channels?.join(", ") ?? "all" },
  { label: "Made", cell: ({ createdAt }) => <Time at={createdAt} /> },
];
