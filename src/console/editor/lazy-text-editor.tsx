import { lazy, Suspense } from "react";
import { loadPart } from "../parts/load-part.ts";
import { Loading } from "../parts/note.tsx";
import type { TextEditorProps } from "./text-editor.tsx";

const Editor = lazy(async () => {
  const { TextEditor } = await loadPart(() => import("./text-editor.tsx"));
  return { default: TextEditor };
});

/** The editor is large: it comes when a page shows one. */
export const LazyTextEditor = (props: TextEditorProps) => (
  <Suspense fallback={<Loading what="the editor" />}>
    <Editor {...props} />
  </Suspense>
);
