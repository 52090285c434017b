import { Navigate } from "@tanstack/react-router";
import { useState } from "react";
import { api as relay } from "../../api/client.ts";
import { type ApiChange, asDocument } from "../../api/document-calls.ts";
import { ApiProblem } from "../../api/problem.ts";
import { useRefresh } from "../../api/refresh.ts";
import { useMay } from "../../api/role.ts";
import { DocumentEditor } from "../../editor/document-editor.tsx";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { LeaveGuard } from "../../parts/leave-guard.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Note } from "../../parts/note.tsx";
import { say } from "../../parts/toast.tsx";
import { countOf } from "../../parts/words.ts";
import { ChangeList } from "../versions/change-list.tsx";
import { countBreaking, sayChanges } from "../versions/changes.ts";
import { BackTo } from "./back-to.tsx";
import { DocumentRefusal, findingsOf } from "./document-refusal.tsx";
import { useApiParams } from "./the-api.tsx";

/** The document that follows the API's current one, which it begins as. */
export function NewVersion() {
  const params = useApiParams();
  const query = relay.useQuery(
    "get",
    "/v1/apis/{id}/spec",
    { params: { path: { id: params.apiId } }, parseAs: "text" },
    // Whoever writes here is not to lose it to somebody else's version.
    { staleTime: Number.POSITIVE_INFINITY, gcTime: 0 },
  );
  return (
    <>
      <BackTo to="/o/$organizationId/apis/$apiId/versions" params={params}>
        All versions
      </BackTo>
      <Loaded query={query} what="the current document">
        {(current) => <VersionForm current={current} />}
      </Loaded>
    </>
  );
}

function VersionForm({ current }: { current: string }) {
  const params = useApiParams();
  const mayChange = useMay("developer");
  const refresh = useRefresh();
  const [text, setText] = useState(current);
  const [sent, setSent] = useState("");
  const putting = relay.useMutation("put", "/v1/apis/{id}/spec", {
    onSuccess: async ({ version, changes }) => {
      await refresh("/v1/apis");
      say(`Version ${version} is current: ${sayChanges(changes).toLowerCase()}`);
    },
  });
  const put = (force: "true" | "false"): Promise<unknown> => {
    setSent(text);
    const path = { id: params.apiId };
    return putting.mutateAsync({ params: { path, query: { force } }, ...asDocument(text) });
  };
  if (putting.isSuccess) return <Navigate to="/o/$organizationId/apis/$apiId/versions" params={params} ignoreBlocker />;
  const breaking = sent === text ? breakingChangesOf(putting.error) : null;
  return (
    <>
      <DocumentEditor
        text={text}
        onChange={setText}
        refusal={putting.error ? { text: sent, findings: findingsOf(putting.error) } : null}
        actions={
          <>
            {breaking && <Breaking changes={breaking} onPublish={() => put("true")} />}
            {putting.error && sent === text && !breaking && <DocumentRefusal error={putting.error} />}
            {!mayChange && (
              <Note tone="warn">Your role here is to look on: a developer or an admin puts versions.</Note>
            )}
            {!breaking && (
              <Button
                tone="primary"
                isBusy={putting.isPending}
                disabled={!mayChange || text.trim() === "" || text === current}
                onClick={() => void put("false").catch(() => undefined)}
              >
                Publish the version
              </Button>
            )}
            {text === current && <p>Change the document, or drop its next version here.</p>}
          </>
        }
      />
      <LeaveGuard isOn={text !== current} title="Leave without publishing?">
        What you have changed is in this page alone.
      </LeaveGuard>
    </>
  );
}

/** What the relay wants to be sure of before it takes a version; null: that was not why it refused. */
const breakingChangesOf = (error: unknown): ApiChange[] | null =>
  error instanceof ApiProblem && Array.isArray(error.body.changes) ? (error.body.changes as ApiChange[]) : null;

function Breaking({ changes, onPublish }: { changes: ApiChange[]; onPublish(): Promise<unknown> }) {
  return (
    <>
      <Note tone="bad">
        <p>
          <strong>This version breaks subscribers.</strong> {sayChanges(changes)}:
        </p>
      </Note>
      <ChangeList changes={changes} />
      <Confirm
        title={`Publish ${countOf(countBreaking(changes), "breaking change")}?`}
        verb="Publish anyway"
        trigger={(ask) => (
          <Button tone="danger" onClick={ask}>
            Publish anyway…
          </Button>
        )}
        onConfirm={onPublish}
      >
        Subscribers hear of it, but it holds from now on: what they have built may fail with the next event. Where you
        can, keep the old channel and add a new one.
      </Confirm>
    </>
  );
}
