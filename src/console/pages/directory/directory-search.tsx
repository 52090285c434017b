import { getRouteApi } from "@tanstack/react-router";
import { Search, X } from "lucide-react";
import { Button } from "../../parts/button.tsx";
import { useSearchWords } from "../../parts/search-words.ts";
import styles from "./directory.module.css";

const route = getRouteApi("/o/$organizationId/directory");
const WORDS_CHARS_MAX = 200;

/** Words, a tag and a publisher to search by. They stand in the address, so that a search can be sent to somebody. */
export function DirectorySearch({ publisherName }: { publisherName: string | undefined }) {
  const { q = "", tag, publisher } = route.useSearch();
  const navigate = route.useNavigate();
  const [words, setWords] = useSearchWords(
    q,
    (next) => void navigate({ search: (search) => ({ ...search, q: next || undefined }), replace: true }),
  );
  const without = (name: "tag" | "publisher"): void =>
    void navigate({ search: (search) => ({ ...search, [name]: undefined }) });
  return (
    <search className={styles.search}>
      <div className={styles.words}>
        <Search aria-hidden="true" />
        <input
          type="search"
          aria-label="Search the directory"
          placeholder="Words, tags, channels, publishers"
          maxLength={WORDS_CHARS_MAX}
          autoComplete="off"
          spellCheck={false}
          value={words}
          onChange={({ target }) => setWords(target.value)}
        />
      </div>
      {(tag !== undefined || publisher !== undefined) && (
        <div className={styles.filters}>
          {tag !== undefined && <Filter name="Tag" value={tag} onRemove={() => without("tag")} />}
          {publisher !== undefined && (
            <Filter name="Publisher" value={publisherName ?? publisher} onRemove={() => without("publisher")} />
          )}
        </div>
      )}
    </search>
  );
}

const Filter = ({ name, value, onRemove }: { name: string; value: string; onRemove(): void }) => (
  <span className={styles.filter}>
    <span>
      {name}: <strong>{value}</strong>
    </span>
    <Button
      tone="quiet"
      size="small"
      isIcon
      onClick={onRemove}
      aria-label={`Search without ${name.toLowerCase()} ${value}`}
    >
      <X aria-hidden="true" />
    </Button>
  </span>
);
