import { useState } from "preact/hooks";
import type { Labels } from "../labels.ts";

/** Copies the page's address, which holds all that is seen. Where the browser forbids that, the address is shown to be copied by hand. */
export function CopyLink({ labels }: { readonly labels: Labels }) {
  const [state, setState] = useState<{ readonly link: string; readonly isCopied: boolean } | null>(null);
  const copy = async (): Promise<void> => {
    const link = location.href;
    // A page from disk has no clipboard to write to.
    const isCopied = await (navigator.clipboard as Clipboard | undefined)?.writeText(link).then(
      () => true,
      () => false,
    );
    setState({ link, isCopied: isCopied === true });
  };
  return (
    <>
      <button type="button" onClick={() => void copy()}>
        {labels.copyLink}
      </button>
      <span class="copied" role="status">
        {state?.isCopied === true && labels.copied}
      </span>
      {state?.isCopied === false && (
        <label class="field link">
          <span>{labels.linkIs}</span>
          <input readOnly value={state.link} onFocus={(event) => event.currentTarget.select()} />
        </label>
      )}
    </>
  );
}
