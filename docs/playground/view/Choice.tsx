interface ChoiceProps<T extends string | number> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly T[];
  name(option: T): string;
  choose(option: T): void;
}

/** One of several values, by its name. */
export function Choice<T extends string | number>({ label, value, options, name, choose }: ChoiceProps<T>) {
  const pick = (text: string): void => {
    const option = options.find((item) => String(item) === text);
    if (option !== undefined) choose(option);
  };
  return (
    <label class="field">
      <span>{label}</span>
      <select value={String(value)} onChange={(event) => pick(event.currentTarget.value)}>
        {options.map((option) => (
          <option key={option} value={String(option)}>
            {name(option)}
          </option>
        ))}
      </select>
    </label>
  );
}
