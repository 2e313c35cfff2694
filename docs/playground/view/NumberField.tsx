import { useState } from "preact/hooks";

interface Props {
  readonly label: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  choose(value: number): void;
}

/** A field for a whole number. What is being typed stays until it is taken, though each frame of a training draws the page anew. */
export function NumberField({ label, value, least, most, choose }: Props) {
  const [draft, setDraft] = useState<string | null>(null);
  const take = (text: string): void => {
    setDraft(null);
    const next = Number(text);
    if (text !== "" && Number.isInteger(next) && next >= least && next <= most) choose(next);
  };
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="number"
        min={least}
        max={most}
        value={draft ?? value}
        onInput={(event) => setDraft(event.currentTarget.value)}
        onChange={(event) => take(event.currentTarget.value)}
        onBlur={() => setDraft(null)}
      />
    </label>
  );
}
