import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import type { At } from "../model/address.ts";
import { History } from "../model/history.ts";
import type { Speed } from "../model/pace.ts";
import type { Frame, Request } from "../model/protocol.ts";
import type { Settings } from "../model/settings.ts";
import { useWorker } from "./worker.ts";

/** The worker's program, put in by the build. */
declare const WORKER_SOURCE: string;

/** A training in the worker, as the page sees it. */
export interface Training {
  /** Null until the worker has shown the first. */
  readonly frame: Frame | null;
  /** The points, of the present run. */
  readonly points: Frame["points"];
  readonly history: History;
  /** What went wrong in the worker; null as long as nothing did. */
  readonly failure: string | null;
  start(speed: Speed): void;
  pause(): void;
  step(): void;
  /** Begins anew, with the same settings. */
  reset(): void;
}

/** What is looked at of a training. */
interface Look {
  readonly point: number;
  readonly graph: boolean;
  readonly neuron: At | null;
}

/**
 * Keeps a training with these settings in a worker, first brought to a step. Other settings begin a new one; if they begin at the step that is shown, they go on
 * with it, running if it ran.
 */
export function useTraining(settings: Settings, firstStep: number, { point, graph, neuron }: Look): Training {
  const run = useRef(0);
  const [frame, setFrame] = useState<Frame | null>(null);
  const points = useRef<Frame["points"]>(null);
  const history = useRef(new History());
  const [restarts, restart] = useReducer((count: number, _: undefined) => count + 1, 0);

  const { say, failure } = useWorker<Request, Frame>(WORKER_SOURCE, (shown) => {
    if (shown.run !== run.current) return;
    if (shown.points !== null) points.current = shown.points;
    history.current.add(shown.records, shown.survey.length);
    setFrame(shown);
    requestAnimationFrame(() => say({ type: "drawn" }));
  });

  useEffect(() => {
    const from = settings.start?.step ?? 0;
    const isFirst = run.current === 0;
    const goesOn = !isFirst && from > 0 && from === frame?.step;
    run.current++;
    if (!goesOn) history.current = new History(from);
    const step = isFirst ? firstStep : from;
    say({ type: "configure", run: run.current, settings, step, goesOn: goesOn && frame.isRunning });
  }, [settings, restarts]);
  useEffect(() => say({ type: "look", point, graph, neuron }), [point, graph, neuron]);

  return {
    frame,
    points: points.current,
    history: history.current,
    failure,
    start: (speed) => say({ type: "run", perSecond: speed }),
    pause: () => say({ type: "pause" }),
    step: () => say({ type: "step" }),
    reset: () => restart(undefined),
  };
}
