import type { FunctionComponent, VNode } from "preact";
import { useMemo, useRef } from "preact/hooks";

type Call = (...args: readonly unknown[]) => unknown;

/** A component that is drawn anew only when what it is given has changed, and not in each frame. Other functions are no change: the latest are called. */
export function steady<P extends object>(View: FunctionComponent<P>): (props: P) => VNode {
  return function Steady(props: P) {
    const latest = useRef(props);
    latest.current = props;
    const names = Object.keys(props) as (keyof P)[];
    const isCall = (name: keyof P): boolean => typeof props[name] === "function";
    return useMemo(
      () => {
        const call = (name: keyof P): Call => (...args) => (latest.current[name] as Call)(...args); // biome-ignore format: one line
        const given = names.map((name) => [name, isCall(name) ? call(name) : props[name]]);
        return <View {...(Object.fromEntries(given) as P)} />;
      },
      names.map((name) => (isCall(name) ? name : props[name])),
    );
  };
}
