/**
 * # A side branch ignored
 *
 * A skip connection adds its input to what it computes from it: $y = x + \tanh(wx)$. Two paths lead from $x$ to $y$.
 * This backward pass follows the main path and forgets the other one. The network still learns, only worse, so nobody
 * notices the mistake.
 *
 * The fix: the gradient of a value is the sum over *everything* that uses it.
 */
import { checkGradient } from "tinygrad-ts/gradcheck";

const w = 0.8;
const block = (v: number) => v + Math.tanh(w * v);
const slope = (v: number) => w * (1 - Math.tanh(w * v) ** 2);

export const f = (x: number[]) => x.reduce((sum, v) => sum + block(v) ** 2, 0);

export const wrong = (x: number[]) => x.map((v) => 2 * block(v) * slope(v));

export const right = (x: number[]) => x.map((v) => 2 * block(v) * (1 + slope(v)));

export const point = [0.5, -1.25];
export const check = (gradient: typeof right) => checkGradient(f, gradient, point);
