import { lazy, Suspense } from "react";
import { Loading } from "../parts/note.tsx";
import type { TextEditorProps } from "./text-editor.tsx";

const Editor = lazy(() => import("./text-editor.tsx").then(({ TextEditor }) => ({ default: TextEditor })));

/** The editor is large: it comes when a page shows one. */
export const LazyTextEditor = (props: TextEditorProps) => (
  <Suspense fallback={<Loading what="the editor" />}>
    <Editor {...props} />
  </Suspense>
);
