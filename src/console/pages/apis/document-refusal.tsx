import { getRouteApi, Link } from "@tanstack/react-router";
import type { Finding } from "../../api/document-calls.ts";
import { ApiProblem } from "../../api/problem.ts";
import { Note, ProblemNote } from "../../parts/note.tsx";

const route = getRouteApi("/o/$organizationId");

/** What the relay said was wrong with a document that it refused. */
export const findingsOf = (error: unknown): Finding[] =>
  error instanceof ApiProblem && Array.isArray(error.body.diagnostics) ? (error.body.diagnostics as Finding[]) : [];

/** Why a document was not taken, and what to do. Its faults stand among the findings. */
export function DocumentRefusal({ error }: { error: unknown }) {
  const params = route.useParams();
  if (findingsOf(error).length > 0)
    return <Note tone="bad">The relay did not take it. Mend the errors above, then try again.</Note>;
  if (!(error instanceof ApiProblem) || error.status !== 409) return <ProblemNote error={error} />;
  return (
    <Note tone="bad">
      <p>{error.message}</p>
      <p>
        Give this one another <code>title</code> below <code>info</code>, or open{" "}
        <Link to="/o/$organizationId/apis" params={params}>
          the API that you have
        </Link>{" "}
        and put this document there as its new version.
      </p>
    </Note>
  );
}
