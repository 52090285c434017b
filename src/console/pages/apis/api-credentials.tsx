import { KeyRound } from "lucide-react";
import { useState } from "react";
import { api as relay } from "../../api/client.ts";
import { PAGED } from "../../api/pages.ts";
import { useRefresh } from "../../api/refresh.ts";
import { useMay } from "../../api/role.ts";
import { Button } from "../../parts/button.tsx";
import { CopyLine, Id } from "../../parts/code.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Empty } from "../../parts/note.tsx";
import { Section } from "../../parts/page.tsx";
import { Paged } from "../../parts/paged.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { say } from "../../parts/toast.tsx";
import type { Api, Credentials } from "./api-types.ts";
import { NewCredentials } from "./new-credentials.tsx";
import { RotateCredentials } from "./rotate-credentials.tsx";
import { TheApi } from "./the-api.tsx";

/** What its publishers show to get their access tokens. */
export const ApiCredentials = () => <TheApi>{(api) => <CredentialList api={api} />}</TheApi>;

function CredentialList({ api }: { api: Api }) {
  const mayChange = useMay("developer");
  const [isMaking, setMaking] = useState(false);
  const query = relay.useInfiniteQuery("get", "/v1/apis/{id}/credentials", { params: { path: { id: api.id } } }, PAGED);
  const make = mayChange && (
    <Button onClick={() => setMaking(true)}>
      <KeyRound aria-hidden="true" />
      New credentials
    </Button>
  );
  return (
    <>
      <Section
        title="Credentials"
        lead="Each publisher has its own, so that one can be taken away without the others."
        actions={make}
        isFlush
      >
        <Paged query={query} what="the credentials" empty={<NoCredentials />}>
          {(rows) => (
            <Table
              caption="Credentials"
              columns={columnsFor(api, mayChange)}
              rows={rows}
              keyOf={({ clientId }) => clientId}
            />
          )}
        </Paged>
      </Section>
      <Section
        title="How a publisher gets its token"
        lead="A token is good for an hour; then the publisher asks for another."
      >
        <CopyLine label="the token endpoint" value={`${location.origin}/oauth2/default/v1/token`} />
        <p>
          OAuth 2.0 client credentials: <code>POST</code> with <code>grant_type=client_credentials</code>, client id and
          secret as HTTP Basic authentication.
        </p>
      </Section>
      {isMaking && <NewCredentials api={api} onClose={() => setMaking(false)} />}
    </>
  );
}

const NoCredentials = () => (
  <Empty icon={KeyRound} title="Nobody can publish">
    All credentials of this API were revoked. Make new ones for whoever publishes its events.
  </Empty>
);

function columnsFor(api: Api, mayChange: boolean): Column<Credentials>[] {
  const columns: Column<Credentials>[] = [
    { label: "Name", cell: ({ name }) => name },
    { label: "Client id", cell: ({ clientId }) => <Id id={clientId} /> },
    { label: "Channels", cell: ({ channels }) => sayChannels(channels) },
    { label: "Made", cell: ({ createdAt }) => <Time at={createdAt} /> },
  ];
  if (!mayChange) return columns;
  return [...columns, { label: "", isEnd: true, cell: (row) => <Actions api={api} credentials={row} /> }];
}

const sayChannels = (channels: string[] | null) =>
  channels === null ? (
    "all"
  ) : (
    <span>
      {channels.map((address) => (
        <div key={address}>
          <code>{address}</code>
        </div>
      ))}
    </span>
  );

function Actions({ api, credentials: { clientId, name } }: { api: Api; credentials: Credentials }) {
  const refresh = useRefresh();
  const [isRotating, setRotating] = useState(false);
  const revoking = relay.useMutation("delete", "/v1/apis/{id}/credentials/{clientId}");
  const revoke = async (): Promise<void> => {
    await revoking.mutateAsync({ params: { path: { id: api.id, clientId } } });
    await refresh("/v1/apis/{id}/credentials");
    say(`${name} is revoked`);
  };
  return (
    <>
      <Button size="small" onClick={() => setRotating(true)}>
        Rotate
      </Button>
      <Confirm
        title={`Revoke ${name}?`}
        verb="Revoke"
        trigger={(ask) => (
          <Button size="small" onClick={ask}>
            Revoke
          </Button>
        )}
        onConfirm={revoke}
      >
        Whoever publishes with these credentials cannot any more, at once, with the tokens that they have too. It cannot
        be undone.
      </Confirm>
      {isRotating && <RotateCredentials {...{ api, clientId, name }} onClose={() => setRotating(false)} />}
    </>
  );
}
