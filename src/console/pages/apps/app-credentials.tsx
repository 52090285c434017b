import { useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { api, client } from "../../api/client.ts";
import { PAGED, rowsOf } from "../../api/pages.ts";
import { useMay } from "../../api/role.ts";
import { Button } from "../../parts/button.tsx";
import { Id } from "../../parts/code.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Empty } from "../../parts/note.tsx";
import { Section } from "../../parts/page.tsx";
import { type Column, More, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { say } from "../../parts/toast.tsx";
import styles from "./apps.module.css";
import { CredentialDialog, type CredentialTask } from "./credential-dialog.tsx";

type Credential = { id: string; name: string; apiKey: string; channels: string[] | null; createdAt: string };

/** What an app signs in with, to listen live or to fetch events. */
export function AppCredentials({ appId }: { appId: string }) {
  const mayWrite = useMay("developer");
  const queries = useQueryClient();
  const [task, setTask] = useState<CredentialTask | null>(null);
  const query = api.useInfiniteQuery("get", "/v1/apps/{id}/credentials", { params: { path: { id: appId } } }, PAGED);
  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: ["get", "/v1/apps/{id}/credentials"] });
  const revoke = async ({ apiKey, name }: Credential): Promise<void> => {
    await client.DELETE("/v1/apps/{id}/credentials/{clientId}", {
      params: { path: { id: appId, clientId: apiKey } },
    });
    await refresh();
    say(`${name} is revoked`);
  };
  const actions: Column<Credential> = {
    label: "",
    isEnd: true,
    cell: (credential) => (
      <div className={styles.rowActions}>
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
      </div>
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
      <Loaded query={query} what="credentials">
        {(list) => {
          const rows = rowsOf(list);
          if (rows.length === 0)
            return (
              <Empty icon={KeyRound} title="No credentials" actions={create}>
                Without them the app can get webhooks, but neither listen nor fetch.
              </Empty>
            );
          return (
            <Table
              caption="Credentials"
              columns={mayWrite ? [...COLUMNS, actions] : COLUMNS}
              rows={rows}
              keyOf={({ apiKey }) => apiKey}
            />
          );
        }}
      </Loaded>
      <More query={query} />
      {task && (
        <CredentialDialog appId={appId} task={task} onChanged={() => void refresh()} onClose={() => setTask(null)} />
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
