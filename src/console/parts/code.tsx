import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "./button.tsx";
import styles from "./code.module.css";
import { sayFailure } from "./toast.tsx";

const SHOWN_MS = 1800;

/** Copies a text, and says that it did. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = (): void =>
    void navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      (error: unknown) => sayFailure("It could not be copied", error),
    );
  return (
    <Button tone="quiet" size="small" isIcon onClick={copy} aria-label={isCopied ? "Copied" : `Copy ${label}`}>
      {isCopied ? <Check aria-hidden="true" /> : <Copy aria-hidden="true" />}
    </Button>
  );
}

type CodeProps = { code: string; label: string; commentMark?: string };

/** Code or a payload as it is, to read and to copy. Lines that begin with `commentMark` step back. */
export const CodeBlock = ({ code, label, commentMark }: CodeProps) => (
  <div className={styles.block}>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys (WCAG 2.1.1) */}
    <section className={styles.scroll} tabIndex={0} aria-label={label}>
      <pre>
        <code>{commentMark === undefined ? code : <Commented code={code} mark={commentMark} />}</code>
      </pre>
    </section>
    <div className={styles.copy}>
      <CopyButton text={code} label={label} />
    </div>
  </div>
);

const Commented = ({ code, mark }: { code: string; mark: string }) =>
  code.split(/(?<=\n)/).map((line, n) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: lines have no names
    <span key={n} className={line.trimStart().startsWith(mark) ? styles.comment : undefined}>
      {line}
    </span>
  ));

/** A value that stands in one line, with the button that copies it. */
export const CopyLine = ({ value, label }: { value: string; label: string }) => (
  <div className={styles.secret}>
    <code>{value}</code>
    <CopyButton text={value} label={label} />
  </div>
);

/** An id in a cell or a line: short to see, whole to copy. */
export const Id = ({ id }: { id: string }) => (
  <span className={styles.id} title={id}>
    <code>{id.length > 13 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id}</code>
    <CopyButton text={id} label="id" />
  </span>
);
