import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const wavy = (colour: string) => ({
  backgroundImage: "none",
  paddingBottom: "0",
  textDecoration: `underline wavy ${colour}`,
  textDecorationSkipInk: "none",
  textUnderlineOffset: "0.25em",
});

/** A sign of its own for each severity: its colour alone would say nothing to some. */
const mark = (sign: string, colour: string) => ({ content: `"${sign}"`, color: colour, fontWeight: "700" });

const frame = EditorView.theme({
  "&": { height: "100%", color: "var(--text)", backgroundColor: "var(--surface)", fontSize: "var(--size-small)" },
  // The sheet around it shows that: the gutter would cover a part of its outline.
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6", fontVariantLigatures: "none" },
  ".cm-content": { padding: "var(--space-3) 0", caretColor: "var(--accent)" },
  ".cm-line": { padding: "0 var(--space-4) 0 var(--space-2)" },
  ".cm-placeholder": { color: "var(--text-soft)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLine": { backgroundColor: "color-mix(in oklab, var(--accent-soft), transparent 45%)" },
  "&.cm-focused .cm-activeLineGutter": { color: "var(--text)" },
  "& .cm-content ::selection": { backgroundColor: "color-mix(in oklab, var(--accent), transparent 70%)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--accent-soft)", outline: "1px solid var(--accent)" },
  ".cm-gutters": { color: "var(--text-soft)", backgroundColor: "var(--surface)", border: "0" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 var(--space-1) 0 var(--space-2)" },
  ".cm-gutter-lint": { width: "1.25rem" },
  ".cm-gutter-lint .cm-gutterElement": { padding: "0" },
  "& .cm-gutter-lint .cm-lint-marker": { content: "normal", width: "1.25rem", height: "auto", textAlign: "center" },
  ".cm-lint-marker-error::before": mark("✕", "var(--bad)"),
  ".cm-lint-marker-warning::before": mark("!", "var(--warn)"),
  ".cm-lint-marker-info::before, .cm-lint-marker-hint::before": mark("i", "var(--accent)"),
  ".cm-lintRange-error": wavy("var(--bad)"),
  ".cm-lintRange-warning": wavy("var(--warn)"),
  ".cm-lintRange-info, .cm-lintRange-hint": wavy("var(--accent)"),
  ".cm-lintRange-active": { backgroundColor: "var(--accent-soft)" },
  ".cm-tooltip": {
    maxWidth: "min(32rem, 90vw)",
    border: "1px solid var(--line)",
    borderRadius: "var(--radius-1)",
    color: "var(--text)",
    backgroundColor: "var(--surface-raised)",
    boxShadow: "var(--shadow-2)",
    fontFamily: "var(--sans)",
  },
  ".cm-panels": { color: "var(--text)", backgroundColor: "var(--surface-raised)", fontFamily: "var(--sans)" },
  ".cm-panels.cm-panels-top": { borderBottom: "1px solid var(--line)" },
  "& .cm-panel.cm-search": { padding: "var(--space-2) 2.5rem var(--space-2) var(--space-2)" },
  "& .cm-panel.cm-search input:not([type]), & .cm-panel.cm-search .cm-button": {
    minHeight: "1.75rem",
    margin: "2px var(--space-2) 2px 0",
    padding: "0 var(--space-2)",
    border: "1px solid var(--line-strong)",
    borderRadius: "var(--radius-1)",
    color: "var(--text)",
    backgroundColor: "var(--surface)",
    backgroundImage: "none",
    fontSize: "var(--size-small)",
  },
  "& .cm-panel.cm-search .cm-button:hover": { backgroundColor: "var(--hover)" },
  "& .cm-panel.cm-search label": {
    display: "inline-flex",
    alignItems: "center",
    gap: "var(--space-1)",
    minHeight: "1.75rem",
    marginRight: "var(--space-3)",
    verticalAlign: "middle",
    fontSize: "var(--size-small)",
  },
  "& .cm-panel.cm-search button[name=close]": {
    top: "var(--space-2)",
    right: "var(--space-2)",
    width: "1.75rem",
    height: "1.75rem",
    color: "var(--text)",
    fontSize: "1.25rem",
    lineHeight: "1",
  },
  "& .cm-searchMatch": { backgroundColor: "var(--warn-soft)", outline: "1px solid var(--line-strong)" },
  "& .cm-searchMatch.cm-searchMatch-selected": {
    backgroundColor: "var(--warn-soft)",
    outline: "2px solid var(--warn)",
  },
  ".cm-diagnostic": { padding: "var(--space-2) var(--space-3)", borderLeft: "3px solid var(--accent)" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--warn)" },
});

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--accent)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--good)" },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: "var(--warn)" },
  { tag: [tags.comment, tags.meta], color: "var(--text-soft)", fontStyle: "italic" },
  { tag: [tags.labelName, tags.typeName], color: "var(--warn)" },
  { tag: [tags.punctuation, tags.separator, tags.bracket], color: "var(--text-soft)" },
]);

/** The editor in the console's colours, of either scheme. */
export const editorLook = [frame, syntaxHighlighting(colours)];
