import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import { History } from "../../model/history.ts";
import type { Speed } from "../../model/pace.ts";
import { useWorker } from "../../view/worker.ts";
import type { Subject } from "../model/address.ts";
import type { Frame, Request } from "../model/protocol.ts";
import type { DigitSettings } from "../model/settings.ts";

/** The worker's program, put in by the build. */
declare const DIGITS_WORKER_SOURCE: string;

/** The training in the worker, as the page sees it. */
export interface DigitTraining {
  /** Null until the worker has shown the first. */
  readonly frame: Frame | null;
  readonly history: History;
  /** What went wrong in the worker; null as long as nothing did. */
  readonly failure: string | null;
  start(speed: Speed): void;
  pause(): void;
  step(): void;
  /** Begins anew. */
  reset(): void;
}

/** Keeps a training with these settings in a worker, first brought to a step, and looks there at a picture. Other settings begin a new one. */
export function useDigitTraining(
  settings: DigitSettings,
  firstStep: number,
  subject: Subject,
  target: number | null,
): DigitTraining {
  const run = useRef(0);
  const [frame, setFrame] = useState<Frame | null>(null);
  const history = useRef(new History());
  const [restarts, restart] = useReducer((count: number, _: undefined) => count + 1, 0);
  const { say, failure } = useWorker<Request, Frame>(DIGITS_WORKER_SOURCE, (shown) => {
    if (shown.run !== run.current) return;
    for (const { loss, residuals } of shown.records) {
      history.current.add(Float64Array.of(loss, ...residuals), residuals.length);
    }
    setFrame(shown);
    requestAnimationFrame(() => say({ type: "drawn" }));
  });
  useEffect(() => say({ type: "look", subject, target }), [subject, target]);
  useEffect(() => {
    const step = run.current === 0 ? firstStep : 0;
    history.current = new History();
    say({ type: "begin", run: ++run.current, settings, step });
  }, [settings, restarts]);
  return {
    frame,
    history: history.current,
    failure,
    start: (speed) => say({ type: "run", speed }),
    pause: () => say({ type: "pause" }),
    step: () => say({ type: "step" }),
    reset: () => restart(undefined),
  };
}
