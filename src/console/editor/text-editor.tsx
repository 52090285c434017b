import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, indentOnInput } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView, highlightActiveLine, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { type Ref, useEffect, useEffectEvent, useImperativeHandle, useRef } from "react";
import type { Finding } from "../api/document-calls.ts";
import { cspNonce } from "../frame/csp-nonce.ts";
import { editorLook } from "./editor-look.ts";
import styles from "./text-editor.module.css";
import { languageOf, spanOf } from "./text-places.ts";

export type EditorHandle = { showFinding(range: Finding["range"]): void };

export type TextEditorProps = {
  label: string;
  text: string;
  findings?: readonly Finding[];
  /** What stands there while it is empty. */
  hint?: string;
  /** Ids of what describes it. */
  describedBy?: string;
  /** Without it, the text is there to read. */
  onChange?(text: string): void;
  handle?: Ref<EditorHandle>;
};

/** Without one for Tab: who comes by keyboard gets on by keyboard. */
const KEYS = keymap.of([...defaultKeymap, ...historyKeymap, ...lintKeymap]);
/** The page has only those lines of a long text that are in sight: the browser's own search would not find the others. */
const FINDING: Extension = [
  search({ top: true, scrollToMatch: (range) => EditorView.scrollIntoView(range, { y: "center" }) }),
  keymap.of(searchKeymap),
  EditorState.phrases.of({
    ...{ next: "Next", previous: "Previous", all: "Select all", "match case": "Match case", close: "Close" },
    ...{ regexp: "Regular expression", "by word": "Whole words", replace: "Replace", "replace all": "Replace all" },
  }),
];
const NO_FINDINGS: readonly Finding[] = [];
const LANGUAGES = { json: json(), yaml: yaml() };

/** A text in YAML or JSON, with what is wrong with it at its place. Tab leaves it, as it leaves every other field. */
export function TextEditor({ findings = NO_FINDINGS, handle, text, onChange, ...words }: TextEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const changed = useEffectEvent((next: string) => onChange?.(next));
  const begin = useEffectEvent((parent: HTMLElement) => {
    const extensions = [...describeEditor({ ...words, isReadOnly: onChange === undefined }), keepLanguage(text)];
    extensions.push(
      EditorView.updateListener.of((update) => update.docChanged && changed(update.state.doc.toString())),
    );
    return new EditorView({ parent, state: EditorState.create({ doc: text, extensions }) });
  });
  useEffect(() => {
    if (!host.current) return;
    const made = begin(host.current);
    view.current = made;
    return () => made.destroy();
  }, []);
  useEffect(() => {
    const { current } = view;
    if (!current || current.state.doc.toString() === text) return;
    current.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: text }, selection: { anchor: 0 } });
  }, [text]);
  useEffect(() => {
    const { current } = view;
    if (!current) return;
    const { doc } = current.state;
    const placed = findings.map(({ range, severity, message }) => ({ ...spanOf(doc, range), severity, message }));
    current.dispatch(setDiagnostics(current.state, placed));
  }, [findings]);
  useImperativeHandle(handle, () => ({
    showFinding: (range) => {
      const { current } = view;
      if (!current) return;
      const { from } = spanOf(current.state.doc, range);
      current.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
      current.focus();
    },
  }));
  return <div className={styles.editor} ref={host} />;
}

type Words = Pick<TextEditorProps, "label" | "hint" | "describedBy"> & { isReadOnly: boolean };

const describeEditor = ({ label, hint = "", describedBy = "", isReadOnly }: Words): Extension[] => [
  ...(cspNonce ? [EditorView.cspNonce.of(cspNonce)] : []),
  editorLook,
  lineNumbers(),
  bracketMatching(),
  replaceByTyping,
  EditorView.lineWrapping,
  FINDING,
  EditorView.contentAttributes.of({
    "aria-label": label,
    tabindex: "0",
    ...(describedBy && { "aria-describedby": describedBy }),
  }),
  ...(isReadOnly
    ? [EditorState.readOnly.of(true)]
    : [lintGutter(), highlightActiveLine(), indentOnInput(), placeholder(hint), history(), KEYS]),
];

/**
 * Where typing replaces a selection of several lines, Chrome itself would carry the look of the old text over to the new one as an
 * inline style, which the page's policy refuses.
 */
const replaceByTyping = EditorView.domEventHandlers({
  beforeinput: (event, view) => {
    const isReplacing = event.inputType === "insertText" && event.data !== null && !view.state.selection.main.empty;
    if (!isReplacing || view.composing || view.state.readOnly) return false;
    event.preventDefault();
    view.dispatch(view.state.replaceSelection(event.data ?? ""), { userEvent: "input.type", scrollIntoView: true });
    return true;
  },
});

/** Colours the text as what it is, when another one is put in its place too. */
function keepLanguage(text: string): Extension {
  const place = new Compartment();
  let current = languageOf(text);
  const follow = EditorView.updateListener.of(({ docChanged, view }) => {
    const next = docChanged ? languageOf(view.state.sliceDoc(0, 200)) : current;
    if (next === current) return;
    current = next;
    view.dispatch({ effects: place.reconfigure(LANGUAGES[next]) });
  });
  return [place.of(LANGUAGES[current]), follow];
}
