import { getRouteApi, Link } from "@tanstack/react-router";
import { ApiProblem } from "../../../api/problem.ts";
import { Note, ProblemNote } from "../../../parts/note.tsx";
import type { Published } from "./publish-event.ts";
import { MESSAGE_INVALID } from "./refused-fields.ts";

const route = getRouteApi("/o/$organizationId");

/** What became of the event that was published last. */
export function Outcome({ published, error }: { published: Published | null; error: unknown }) {
  const params = route.useParams();
  return (
    <div role="status">
      {error !== null && <Refused error={error} />}
      {published && (
        <Note tone={published.validation === null ? "good" : "warn"}>
          <p>
            The relay has it.{" "}
            <Link to="/o/$organizationId/events/$eventId" params={{ ...params, eventId: published.eventId }}>
              See what becomes of it
            </Link>
          </p>
          {published.validation !== null && (
            <p>
              It does not match its schema, and is marked so: <code>{published.validation}</code>
            </p>
          )}
        </Note>
      )}
    </div>
  );
}

const Refused = ({ error }: { error: unknown }) =>
  error instanceof ApiProblem && error.slug === MESSAGE_INVALID ? (
    <ProblemNote error={error} title="The event does not match its schema, and was not taken." />
  ) : (
    <ProblemNote error={error} />
  );
