import { Share2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import type { Row } from "../../../api/answer.ts";
import { api as relay } from "../../../api/client.ts";
import { PAGED } from "../../../api/pages.ts";
import { ApiProblem, sayProblem } from "../../../api/problem.ts";
import { useRefresh } from "../../../api/refresh.ts";
import { Button } from "../../../parts/button.tsx";
import { Id } from "../../../parts/code.tsx";
import { Confirm } from "../../../parts/dialog.tsx";
import { TextField } from "../../../parts/field.tsx";
import { Empty } from "../../../parts/note.tsx";
import { Section } from "../../../parts/page.tsx";
import { Paged } from "../../../parts/paged.tsx";
import { type Column, Table } from "../../../parts/table.tsx";
import { Time } from "../../../parts/time.tsx";
import { say } from "../../../parts/toast.tsx";
import type { Api } from "../api-types.ts";
import styles from "./settings.module.css";

type Share = Row<"/v1/apis/{id}/shares">;
type Props = { api: Api; mayChange: boolean };

/** Who may see the API though it is private. */
export function Shares({ api, mayChange }: Props) {
  const query = relay.useInfiniteQuery("get", "/v1/apis/{id}/shares", { params: { path: { id: api.id } } }, PAGED);
  const isPublic = api.visibility === "public";
  return (
    <Section
      title="Shared with"
      lead={
        isPublic
          ? "The API is public, so everybody sees it. These would still see it if it were private."
          : "Organizations that see this private API and may subscribe to it."
      }
      isFlush
    >
      <Paged query={query} what="who it is shared with" empty={<NobodyYet />}>
        {(rows) => (
          <Table
            caption="Shared with"
            columns={columnsFor(api, mayChange)}
            rows={rows}
            keyOf={({ organizationId }) => organizationId}
          />
        )}
      </Paged>
      {mayChange && <AddShare api={api} />}
    </Section>
  );
}

const NobodyYet = () => (
  <Empty icon={Share2} title="Shared with nobody">
    Ask an organization for its id, which it finds below “Tokens and members”, and add it here.
  </Empty>
);

function columnsFor(api: Api, mayChange: boolean): Column<Share>[] {
  const columns: Column<Share>[] = [
    { label: "Organization", cell: ({ organizationName }) => organizationName },
    { label: "Id", cell: ({ organizationId }) => <Id id={organizationId} /> },
    { label: "Since", cell: ({ createdAt }) => <Time at={createdAt} /> },
  ];
  if (!mayChange) return columns;
  return [...columns, { label: "", isEnd: true, cell: (share) => <EndShare api={api} share={share} /> }];
}

function EndShare({ api, share: { organizationId, organizationName } }: { api: Api; share: Share }) {
  const refresh = useRefresh();
  const ending = relay.useMutation("delete", "/v1/apis/{id}/shares/{organizationId}");
  const end = async (): Promise<void> => {
    await ending.mutateAsync({ params: { path: { id: api.id, organizationId } } });
    await refresh("/v1/apis/{id}/shares");
    say(`${organizationName} does not see it any more`);
  };
  return (
    <Confirm
      title={`Stop sharing with ${organizationName}?`}
      verb="Stop sharing"
      trigger={(ask) => (
        <Button size="small" onClick={ask}>
          Stop sharing
        </Button>
      )}
      onConfirm={end}
    >
      {api.visibility === "public"
        ? "The API is public: it goes on as before, until you make it private."
        : "Its subscriptions get nothing more, at once. They go on when you share it again, without what came in between."}
    </Confirm>
  );
}

function AddShare({ api }: { api: Api }) {
  const refresh = useRefresh();
  const [id, setId] = useState("");
  const sharing = relay.useMutation("put", "/v1/apis/{id}/shares/{organizationId}", {
    onSuccess: async ({ organizationName }) => {
      await refresh("/v1/apis/{id}/shares");
      say(`${organizationName} sees it now`);
      setId("");
    },
  });
  const share = (event: FormEvent): void => {
    event.preventDefault();
    sharing.mutate({ params: { path: { id: api.id, organizationId: id.trim() } }, body: {} });
  };
  return (
    <form className={styles.add} onSubmit={share}>
      <TextField
        label="Organization id"
        isMono
        spellCheck={false}
        autoComplete="off"
        value={id}
        error={sharing.error ? sayRefusal(sharing.error) : undefined}
        onChange={({ target }) => setId(target.value)}
      />
      <Button type="submit" isBusy={sharing.isPending} disabled={id.trim() === ""}>
        Share with it
      </Button>
    </form>
  );
}

const sayRefusal = (error: unknown): string =>
  error instanceof ApiProblem && error.status === 404
    ? "No organization of this relay has this id."
    : sayProblem(error);
