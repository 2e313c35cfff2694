import { useRef } from "preact/hooks";

/** A value that changes in each frame, as it was so many milliseconds ago at most. A new one is taken when the page is drawn: where no frame may follow, 0 has to be given. */
export function useRarely<T>(value: T, between: number): T {
  const shown = useRef(value);
  const shownAt = useRef(Number.NEGATIVE_INFINITY);
  const now = performance.now();
  if (now - shownAt.current >= between) [shown.current, shownAt.current] = [value, now];
  return shown.current;
}
