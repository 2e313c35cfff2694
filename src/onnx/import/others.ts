import { ones, tensor } from "../../create.ts";
import { add } from "../../ops/add.ts";
import { clamp } from "../../ops/clamp.ts";
import { ge, gt, le } from "../../ops/compare.ts";
import { div } from "../../ops/div.ts";
import { expand } from "../../ops/expand.ts";
import { floor } from "../../ops/floor.ts";
import { gather } from "../../ops/gather.ts";
import { logicalAnd } from "../../ops/logical.ts";
import { mul } from "../../ops/mul.ts";
import { remainder } from "../../ops/remainder.ts";
import { reshape, unsqueeze } from "../../ops/reshape.ts";
import { round } from "../../ops/round.ts";
import { slice } from "../../ops/slice.ts";
import { sub } from "../../ops/sub.ts";
import { where } from "../../ops/where.ts";
import type { Tensor } from "../../tensor.ts";
import { elements } from "../schema.ts";
import type { Call, Result, Rule, Rules } from "./node.ts";

/** Dropout in a model that is used does nothing; the mask that it gives is all true. */
function dropout(call: Call): Result[] {
  const { x } = call;
  const isTraining = call.has(2) && call.number(2) !== 0;
  if (isTraining && !(call.has(1) && call.number(1) === 0)) {
    call.unsupported("dropout must be that of a model that is used, not trained", "training_mode true");
  }
  return [
    { x, type: call.type },
    { x: ones(x.shape, { dtype: "bool" }), type: elements.bool },
  ];
}

/** Windows of signal processing: sums of cosines. */
const cosineWindow =
  (coefficients: readonly number[]): Rule =>
  (call): Result => {
    const size = call.count("the size", call.number(0));
    const isPeriodic = call.int("periodic", 1) !== 0;
    const steps = isPeriodic ? size : size - 1;
    const values = Float64Array.from({ length: size }, (_, i) =>
      coefficients.reduce((sum, c, k) => sum + c * Math.cos((2 * Math.PI * k * i) / steps), 0),
    );
    const type = call.int("output_datatype", elements.float32);
    return { x: tensor(values), type };
  };

/** Samples images at places from -1 to 1. */
function gridSample(call: Call): Tensor {
  const { x, y: grid } = call;
  const [n, , h, w] = x.shape as [number, number, number, number];
  if (x.shape.length !== 4) call.unsupported("images must have two spatial axes", `${x.shape.length} axes`);
  const mode = call.text("mode", "linear").replace(/^bi/, "");
  if (!["linear", "nearest", "cubic"].includes(mode)) call.unsupported("there is no such mode here", mode);
  const padding = call.text("padding_mode", "zeros");
  const isAligned = call.int("align_corners", 0) !== 0;
  const inside = (at: Tensor, size: number): Tensor => {
    if (padding === "border") return clamp(at, 0, size - 1);
    return padding === "reflection" ? reflected(at, size, isAligned) : at;
  };
  const place = (c: number, size: number): Tensor => {
    const at = slice(grid, null, null, null, c);
    const inPixels = isAligned ? mul(add(at, 1), (size - 1) / 2) : div(sub(mul(add(at, 1), size), 1), 2);
    return mode === "cubic" ? inPixels : inside(inPixels, size); // of a cubic, each of the 16 pixels is brought inside
  };
  const [px, py] = [place(0, w), place(1, h)];
  const channels = x.shape[1]!;
  const flat = reshape(x, [n, channels, h * w]);
  const sample = (ix: Tensor, iy: Tensor): Tensor => {
    const isInside = logicalAnd(logicalAnd(ge(ix, 0), le(ix, w - 1)), logicalAnd(ge(iy, 0), le(iy, h - 1)));
    const at = add(mul(clamp(iy, 0, h - 1), w), clamp(ix, 0, w - 1)).to("int32");
    const [, rows, columns] = at.shape as [number, number, number];
    const index = expand(reshape(at, [n, 1, rows * columns]), [n, channels, rows * columns]);
    const values = reshape(gather(flat, 2, index), [n, channels, rows, columns]);
    return where(unsqueeze(isInside, 1), values, 0);
  };
  if (mode === "nearest") return sample(round(px), round(py));
  const [x0, y0] = [floor(px), floor(py)];
  const [fx, fy] = [unsqueeze(sub(px, x0), 1), unsqueeze(sub(py, y0), 1)];
  if (mode === "cubic") {
    const [wx, wy] = [cubicWeights(fx), cubicWeights(fy)];
    const rows = wy.map((weight, j) => {
      const iy = inside(add(y0, j - 1), h);
      return mul(sum(wx.map((own, i) => mul(sample(inside(add(x0, i - 1), w), iy), own))), weight);
    });
    return sum(rows);
  }
  const row = (iy: Tensor): Tensor => {
    return add(mul(sample(x0, iy), sub(1, fx)), mul(sample(add(x0, 1), iy), fx));
  };
  return add(mul(row(y0), sub(1, fy)), mul(row(add(y0, 1)), fy));
}

const sum = (terms: readonly Tensor[]): Tensor => terms.reduce((a, b) => add(a, b));

/** The weights of the four pixels around a place, `f` beyond the second (Keys, 1981, with a = −0.75). */
function cubicWeights(f: Tensor): Tensor[] {
  const a = -0.75;
  const near = (d: Tensor): Tensor => add(mul(mul(sub(mul(d, a + 2), a + 3), d), d), 1);
  const far = (d: Tensor): Tensor => sub(mul(add(mul(sub(mul(d, a), 5 * a), d), 8 * a), d), 4 * a);
  return [far(add(f, 1)), near(f), near(sub(1, f)), far(sub(2, f))];
}

/** A place beyond the edge is mirrored at it, as often as needed. */
function reflected(at: Tensor, size: number, isAligned: boolean): Tensor {
  const [low, high] = isAligned ? [0, size - 1] : [-0.5, size - 0.5];
  const span = high - low;
  if (span === 0) return mul(at, 0);
  const within = remainder(sub(at, low), 2 * span);
  return clamp(add(where(gt(within, span), sub(2 * span, within), within), low), 0, size - 1);
}

/** What fits into no other family. */
export const others: Rules = {
  BlackmanWindow: cosineWindow([0.42, -0.5, 0.08]),
  Dropout: dropout,
  GridSample: gridSample,
  HammingWindow: cosineWindow([25 / 46, -21 / 46]),
  HannWindow: cosineWindow([0.5, -0.5]),
};
