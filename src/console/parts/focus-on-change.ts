import { type RefObject, useEffect, useRef } from "react";

/** Takes the focus to where its ref is as soon as something else is shown there: keys and screen readers go on from that. */
export function useFocusOnChange<E extends HTMLElement>(shown: string): RefObject<E | null> {
  const place = useRef<E>(null);
  const last = useRef(shown);
  useEffect(() => {
    if (last.current === shown) return;
    last.current = shown;
    place.current?.focus({ preventScroll: true });
  }, [shown]);
  return place;
}
