import { inShort, type Numbers } from "../view/numbers.ts";

// Stands for `preact/hooks` where a figure is drawn once, to be read and not moved: what it shows first is what it shows.

/** What numbers are written with: the only context that figures have. */
export const context: { numbers: Numbers } = { numbers: inShort };

export function useState<S>(first: S | (() => S)): [S, () => undefined] {
  return [typeof first === "function" ? (first as () => S)() : first, () => undefined];
}

export function useMemo<T>(make: () => T): T {
  return make();
}

export function useRef<T>(current: T): { current: T } {
  return { current };
}

export function useEffect(): undefined {
  return undefined;
}

export const useLayoutEffect = useEffect;

export function useContext(): Numbers {
  return context.numbers;
}
