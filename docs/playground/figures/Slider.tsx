import { inFour } from "../view/numbers.ts";

interface Props {
  readonly label: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  choose(value: number): void;
}

/** A number to move with the mouse, a finger or the arrow keys. */
export function Slider({ label, value, least, most, choose }: Props) {
  return (
    <label class="slider">
      <span>{label}</span>
      <input
        type="range"
        min={least}
        max={most}
        step={0.1}
        value={value}
        onInput={(event) => choose(Number(event.currentTarget.value))}
      />
      <output>{inFour.short(value)}</output>
    </label>
  );
}
