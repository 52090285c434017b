import type { ReactNode } from "react";
import { type Block, type Inline, toBlocks, toInlines } from "../../markup/markdown-parts.ts";
import styles from "./markdown.module.css";

/** A description as somebody else wrote it: its plain Markdown, and links to the web. HTML in it is text. */
export const Markdown = ({ text }: { text: string }) => (
  <div className={styles.markdown}>{each(toBlocks(text), ({ kind, lines }) => renderBlock(kind, lines))}</div>
);

/** The first paragraph of a description, without its marks, for lists. */
export function summaryOf(description: string, charsMax: number): string {
  const first = toBlocks(description.slice(0, 2 * charsMax)).find(({ kind }) => kind === "text");
  const text = toPlainText(first?.lines.join(" ") ?? "");
  return text.length > charsMax ? `${text.slice(0, charsMax).trimEnd()}…` : text;
}

const toPlainText = (text: string): string =>
  toInlines(text)
    .map((mark) => (typeof mark === "string" ? mark : "text" in mark ? mark.text : mark.label))
    .join("");

/** Parts of a text have no names, and never change their places. */
const each = <Part,>(parts: Part[], render: (part: Part) => ReactNode): ReactNode =>
  // biome-ignore lint/suspicious/noArrayIndexKey: see above
  parts.map((part, n) => <Keyed key={n}>{render(part)}</Keyed>);

const Keyed = ({ children }: { children: ReactNode }) => children;

function renderBlock(kind: Block["kind"], lines: string[]): ReactNode {
  const items = (): ReactNode => each(lines, (line) => <li>{renderLine(line)}</li>);
  switch (kind) {
    case "text":
      return <p>{renderLine(lines.join("\n"))}</p>;
    case "heading":
      return (
        <p>
          <strong>{renderLine(lines.join(" "))}</strong>
        </p>
      );
    case "bullets":
      return <ul>{items()}</ul>;
    case "numbers":
      return <ol>{items()}</ol>;
    case "code":
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys (WCAG 2.1.1)
      return <pre tabIndex={0}>{lines.join("\n")}</pre>;
  }
}

const renderLine = (text: string): ReactNode => each(toInlines(text), renderMark);

function renderMark(mark: Inline): ReactNode {
  if (typeof mark === "string") return mark;
  switch (mark.kind) {
    case "code":
      return <code>{mark.text}</code>;
    case "strong":
      return <strong>{renderLine(mark.text)}</strong>;
    case "emphasis":
      return <em>{renderLine(mark.text)}</em>;
    case "link":
      return <WebLink address={mark.address}>{toPlainText(mark.label)}</WebLink>;
  }
}

/** A link out of the console, to what a publisher has named. */
export const WebLink = ({ address, children }: { address: string; children: ReactNode }) => (
  <a href={address} target="_blank" rel="nofollow noopener noreferrer">
    {children}
  </a>
);
