import { useEffect, useRef, useState } from "preact/hooks";

/** A value that changes in each frame, as it was so many milliseconds ago at most; where it rests, as it is. */
export function useRarely<T>(value: T, between: number): T {
  const [shown, show] = useState(value);
  const shownAt = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    const wait = shownAt.current + between - performance.now();
    const timer = setTimeout(
      () => {
        shownAt.current = performance.now();
        show(value);
      },
      Math.max(wait, 0),
    );
    return () => clearTimeout(timer);
  }, [value]);
  return shown;
}
