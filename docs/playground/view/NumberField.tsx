import { useId, useState } from "preact/hooks";

interface Props {
  readonly label: string;
  readonly value: number;
  /** Whether a number can be taken. */
  fits(value: number): boolean;
  /** What is said of one that cannot. */
  refuse(text: string): string;
  readonly step?: number | "any";
  choose(value: number): void;
}

/**
 * A field for a number. What is being typed stays until it is taken, though each frame of a training draws the page anew. What cannot be taken is refused
 * with words, and the number that holds comes back.
 */
export function NumberField({ label, value, fits, refuse, step = 1, choose }: Props) {
  const [draft, setDraft] = useState<string | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const id = useId();
  const take = (text: string): void => {
    setDraft(null);
    const next = Number(text);
    const isRight = text.trim() !== "" && fits(next);
    setRefused(isRight ? null : text);
    if (isRight) choose(next);
  };
  return (
    <div class="number">
      <label class="field">
        <span>{label}</span>
        <input
          type="number"
          step={step}
          value={draft ?? value}
          aria-describedby={refused === null ? undefined : id}
          onInput={(event) => setDraft(event.currentTarget.value)}
          onChange={(event) => take(event.currentTarget.value)}
          onBlur={() => setDraft(null)}
        />
      </label>
      <p id={id} class="refused" role="status">
        {refused !== null && refuse(refused)}
      </p>
    </div>
  );
}

/** Whole numbers from one to another. */
export function whole(least: number, most: number): (value: number) => boolean {
  return (value) => Number.isInteger(value) && value >= least && value <= most;
}
