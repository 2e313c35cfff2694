import type { Labels } from "../labels.ts";

interface Props {
  readonly labels: Labels;
  /** What the address holds that makes no sense. */
  readonly refused: readonly string[];
  readonly failure: string | null;
  readonly frame: { readonly hasDiverged: boolean; readonly step: number } | null;
}

/** What went wrong. */
export function Notices({ labels, refused, failure, frame }: Props) {
  return (
    <>
      {refused.length > 0 && <p class="notice">{labels.refused(refused.join(", "))}</p>}
      {failure !== null && (
        <p class="notice" role="alert">
          {labels.workerFailed(failure)}
        </p>
      )}
      {frame?.hasDiverged && (
        <p class="notice" role="alert">
          {labels.diverged(frame.step + 1)}
        </p>
      )}
    </>
  );
}
