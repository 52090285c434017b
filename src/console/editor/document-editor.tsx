import { FileUp, WandSparkles } from "lucide-react";
import { type DragEvent, type ReactNode, useId, useRef, useState } from "react";
import { DOCUMENT_BYTES_MAX } from "../../kernel/limits.ts";
import type { Finding } from "../api/document-calls.ts";
import { Button } from "../parts/button.tsx";
import { Note } from "../parts/note.tsx";
import styles from "./document-editor.module.css";
import { FindingList } from "./finding-list.tsx";
import { LazyTextEditor } from "./lazy-text-editor.tsx";
import type { EditorHandle } from "./text-editor.tsx";
import { useLiveLint } from "./use-live-lint.ts";

type Props = {
  text: string;
  onChange(text: string): void;
  /** What the relay found when it refused this very text. */
  refusal?: { text: string; findings: Finding[] } | null;
  /** What the document is sent with. */
  actions: ReactNode;
  /** Puts an example in the editor, where there is one to begin with. */
  onExample?: () => void;
};

const SEARCH_KEYS = /Mac|iP(hone|ad)/.test(navigator.platform) ? "⌘ F" : "Ctrl F";

/** An AsyncAPI document that is typed, pasted, dropped or chosen, and checked while it is written. */
export function DocumentEditor({ text, onChange, refusal = null, actions, onExample }: Props) {
  const hintId = useId();
  const editor = useRef<EditorHandle>(null);
  const outcome = useLiveLint(text);
  const known = useLastFindings(outcome.state === "checked" ? outcome.answer.diagnostics : null, text);
  const findings = refusal?.text === text ? refusal.findings : known;
  const file = useFile(onChange);
  return (
    <div className={styles.columns}>
      <div className={styles.writing}>
        <div className={styles.tools}>
          <FileButton onChoose={file.read} />
          {onExample && (
            <Button size="small" onClick={onExample}>
              <WandSparkles aria-hidden="true" />
              Start with an example
            </Button>
          )}
        </div>
        {file.fault && <Note tone="bad">{file.fault}</Note>}
        <div className={file.isOver ? `${styles.sheet} ${styles.over}` : styles.sheet} {...file.dropHandlers}>
          <LazyTextEditor
            label="AsyncAPI document"
            hint="Paste an AsyncAPI document here, YAML or JSON, or drop its file."
            {...{ text, onChange, findings, describedBy: hintId, handle: editor }}
          />
        </div>
        <p className={styles.hint} id={hintId}>
          <kbd>{SEARCH_KEYS}</kbd> searches, <kbd>F8</kbd> goes to the next finding, <kbd>Tab</kbd> leaves the editor.
        </p>
      </div>
      <div className={styles.beside}>
        <FindingList {...{ outcome, findings }} onGo={(range) => editor.current?.showFinding(range)} />
        <div className={styles.actions}>{actions}</div>
      </div>
    </div>
  );
}

const NONE: Finding[] = [];

/** While a text is being checked, the findings of the one before stand. */
function useLastFindings(found: Finding[] | null, text: string): Finding[] {
  const [last, setLast] = useState(NONE);
  if (found && found !== last) setLast(found);
  return text.trim() === "" ? NONE : (found ?? last);
}

/** Puts a file's text in the editor's place, whichever way it comes. */
function useFile(onText: (text: string) => void) {
  const [isOver, setOver] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const read = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    if (file.size > DOCUMENT_BYTES_MAX)
      return setFault(`${file.name} is larger than 1 MiB, the most that a document may be.`);
    setFault(null);
    onText(await file.text());
  };
  const holdsFile = ({ dataTransfer }: DragEvent): boolean => dataTransfer.types.includes("Files");
  return {
    isOver,
    fault,
    read: (chosen: File | undefined) => void read(chosen),
    dropHandlers: {
      onDragOver: (event: DragEvent) => {
        if (!holdsFile(event)) return;
        event.preventDefault();
        setOver(true);
      },
      onDragLeave: () => setOver(false),
      // Before the editor, which would put the file's text where it was dropped.
      onDropCapture: (event: DragEvent) => {
        if (!holdsFile(event)) return;
        event.preventDefault();
        event.stopPropagation();
        setOver(false);
        void read(event.dataTransfer.files[0]);
      },
    },
  };
}

function FileButton({ onChoose }: { onChoose(file: File | undefined): void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button size="small" onClick={() => input.current?.click()}>
        <FileUp aria-hidden="true" />
        Choose a file
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        accept=".yaml,.yml,.json,application/yaml,application/json"
        onChange={({ target }) => {
          onChoose(target.files?.[0]);
          target.value = "";
        }}
      />
    </>
  );
}
