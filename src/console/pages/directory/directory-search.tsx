import { getRouteApi } from "@tanstack/react-router";
import { Search, X } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "../../parts/button.tsx";
import styles from "./directory.module.css";

const route = getRouteApi("/o/$organizationId/directory");
const WORDS_CHARS_MAX = 200;
const TYPING_MS = 250;

/** Words, a tag and a publisher to search by. They stand in the address, so that a search can be sent to somebody. */
export function DirectorySearch({ publisherName }: { publisherName: string | undefined }) {
  const { tag, publisher } = route.useSearch();
  const navigate = route.useNavigate();
  const [words, setWords] = useWords();
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

/** What is typed, and soon after the last key the address. An address that changes otherwise changes what is typed. */
function useWords(): [string, (words: string) => void] {
  const { q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const [words, setWords] = useState(q);
  const [lastAddress, setLastAddress] = useState(q);
  if (q !== lastAddress) {
    setLastAddress(q);
    if (q !== words.trim()) setWords(q);
  }
  useEffect(() => {
    const next = words.trim();
    if (next === q) return;
    const timer = setTimeout(
      () => void navigate({ search: (search) => ({ ...search, q: next || undefined }), replace: true }),
      TYPING_MS,
    );
    return () => clearTimeout(timer);
  }, [words, q, navigate]);
  return [words, setWords];
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
