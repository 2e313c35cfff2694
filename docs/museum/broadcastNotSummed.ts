/**
 * # A broadcast not summed
 *
 * One row of biases is added to every row of a batch. The forward pass copies it, so the backward pass has to sum its
 * gradient over the rows. This gradient has the right shape, but is the gradient of the first row alone.
 *
 * The fix: sum on the way back whatever you repeat on the way forward.
 */
import { checkGradient } from "tinygrad-ts/gradcheck";

const batch = [
  [0.5, -1],
  [1.5, 2],
  [-0.25, 0.75],
];
const residuals = (bias: number[]) => batch.map((row) => row.map((v, j) => 2 * (v + bias[j]!)));

export const f = (bias: number[]) =>
  batch.flatMap((row) => row.map((v, j) => (v + bias[j]!) ** 2)).reduce((a, b) => a + b);

export const wrong = (bias: number[]) => residuals(bias)[0]!;

export const right = (bias: number[]) => bias.map((_, j) => residuals(bias).reduce((sum, row) => sum + row[j]!, 0));

export const point = [0.3, -0.6];
export const check = (gradient: typeof right) => checkGradient(f, gradient, point);
