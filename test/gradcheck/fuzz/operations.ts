/** A number with its derivative along one input: a dual number. */
export type Dual = readonly [value: number, slope: number];

/** One operation of an expression: what it computes, and what it does to derivatives; `isKink` where there is more than one slope. */
export interface Operation {
  readonly name: string;
  readonly arity: 1 | 2;
  value(a: number, b: number): number;
  /** The partial derivatives at (a, b), where the value is y. */
  partials(a: number, b: number, y: number): readonly [number, number];
  isKink?(a: number, b: number): boolean;
}

const unary = (
  name: string,
  value: (a: number) => number,
  slope: (a: number, y: number) => number,
  more: Pick<Operation, "isKink"> = {},
): Operation => ({ name, arity: 1, value, partials: (a, _, y) => [slope(a, y), 0], ...more });

const sigmoid = (a: number): number => 1 / (1 + Math.exp(-a));

/** What random expressions are made of; with naive forms, which round inside, on purpose. */
export const operations: readonly Operation[] = [
  { name: "add", arity: 2, value: (a, b) => a + b, partials: () => [1, 1] },
  { name: "sub", arity: 2, value: (a, b) => a - b, partials: () => [1, -1] },
  { name: "mul", arity: 2, value: (a, b) => a * b, partials: (a, b) => [b, a] },
  {
    name: "div",
    arity: 2,
    value: (a, b) => a / b,
    partials: (_, b, y) => [1 / b, -y / b],
  },
  { name: "hypot", arity: 2, value: (a, b) => Math.sqrt(a * a + b * b), partials: (a, b, y) => [a / y, b / y] },
  {
    name: "atan2",
    arity: 2,
    value: Math.atan2,
    partials: (a, b) => [b / (a * a + b * b), -a / (a * a + b * b)],
  },
  {
    name: "max",
    arity: 2,
    value: Math.max,
    partials: (a, b) => (a > b ? [1, 0] : [0, 1]),
    isKink: (a, b) => a === b,
  },
  {
    name: "logaddexp",
    arity: 2,
    value: (a, b) => Math.max(a, b) + Math.log(Math.exp(a - Math.max(a, b)) + Math.exp(b - Math.max(a, b))),
    partials: (a, b) => [sigmoid(a - b), sigmoid(b - a)],
  },
  unary(
    "neg",
    (a) => -a,
    () => -1,
  ),
  unary("sin", Math.sin, Math.cos),
  unary("cos", Math.cos, (a) => -Math.sin(a)),
  unary("exp", Math.exp, (_, y) => y),
  unary("log", Math.log, (a) => 1 / a),
  unary("sqrt", Math.sqrt, (_, y) => 0.5 / y),
  unary(
    "square",
    (a) => a * a,
    (a) => 2 * a,
  ),
  unary(
    "cube",
    (a) => a ** 3,
    (a) => 3 * a * a,
  ),
  unary(
    "inverse",
    (a) => 1 / a,
    (_, y) => -y * y,
  ),
  unary("tanh", Math.tanh, (a) => 1 / Math.cosh(a) ** 2),
  unary("sigmoid", sigmoid, (a) => sigmoid(a) * sigmoid(-a)),
  unary("softplus", (a) => Math.log(1 + Math.exp(a)), sigmoid),
  unary(
    "logSigmoid",
    (a) => -Math.log(1 / (1 + Math.exp(-a))),
    (a) => -sigmoid(-a),
  ),
  unary("atan", Math.atan, (a) => 1 / (1 + a * a)),
  unary("expm1", Math.expm1, Math.exp),
  unary("log1p", Math.log1p, (a) => 1 / (1 + a)),
  unary(
    "gaussian",
    (a) => Math.exp(-a * a),
    (a, y) => -2 * a * y,
  ),
  unary("abs", Math.abs, Math.sign, { isKink: (a) => a === 0 }),
  unary(
    "relu",
    (a) => Math.max(0, a),
    (a) => (a > 0 ? 1 : 0),
    { isKink: (a) => a === 0 },
  ),
];
