import { useEffect, useRef, useState } from "preact/hooks";

/** A worker of the page's own. */
interface Talk<Request> {
  say(request: Request): void;
  /** What went wrong in it; null as long as nothing did. */
  readonly failure: string | null;
}

/** Starts a worker with this program, for as long as the page stands, and hears it. */
export function useWorker<Request, Frame>(source: string, hear: (frame: Frame) => void): Talk<Request> {
  const worker = useRef<Worker | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const listener = useRef(hear);
  listener.current = hear;
  useEffect(() => {
    const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const started = new Worker(address);
    started.onmessage = ({ data }: MessageEvent<Frame>) => listener.current(data);
    started.onerror = (event) => setFailure(event.message);
    worker.current = started;
    return () => {
      started.terminate();
      URL.revokeObjectURL(address);
    };
  }, []);
  return { say: (request) => worker.current?.postMessage(request), failure };
}
