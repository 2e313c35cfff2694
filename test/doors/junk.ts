// What plain JavaScript may hand in. Each is tried wherever a parameter's type does not take its type.

export const junk = {
  undefined: undefined,
  null: null,
  boolean: true as boolean,
  number: 0.5 as number,
  string: "x" as string,
  numeral: "1" as string,
  array: [1, 2] as number[],
  object: {},
  function: (() => undefined) as () => undefined,
};

export type Junk = keyof typeof junk;
