import { Link, useParams } from "@tanstack/react-router";
import styles from "./directory.module.css";

/** Tags, each of which leads to whatever has it. */
export function TagList({ tags }: { tags: string[] }) {
  const { organizationId = "" } = useParams({ strict: false });
  if (tags.length === 0) return null;
  return (
    <ul className={styles.tags} aria-label="Tags">
      {tags.map((tag) => (
        <li key={tag}>
          <Link to="/o/$organizationId/directory" params={{ organizationId }} search={{ tag }}>
            {tag}
          </Link>
        </li>
      ))}
    </ul>
  );
}
