import { ShapeError, textOf, ValueError } from "../core/errors.ts";
import { checkOptions } from "../core/options.ts";
import { describe, formatShape, type Shape, sameShape } from "../core/shape.ts";
import type { Chain, Input, Keeps, Output } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { add } from "../ops/add.ts";
import { cat } from "../ops/cat.ts";
import type { Tensor } from "../tensor.ts";
import { checkAxis, checkInput } from "./doors.ts";
import { Layer } from "./layer.ts";
import { checkLayer } from "./reflect.ts";
import { checkLayers, givenFor, type LayerFunction, layersFrom } from "./sequential.ts";

/**
 * Returns its input: a place that is left empty.
 *
 * @example
 * new Identity().forward(tensor([1, 2])).toArray(); // → [1, 2]
 */
export class Identity extends Layer<Keeps> {
  /** @internal */
  static readonly isOwn = true;
  /** x. */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("Identity", arguments, 1);
    checkInput(this, x);
    return x;
  }

  /** `Identity`. */
  override describe(): string {
    return "Identity";
  }

  /** `[]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [];
  }
}

/** Options of {@link Residual}. */
export interface ResidualOptions {
  /** A layer or function to apply to the input before it is added, for example a {@link Linear} without bias where the shapes differ; none by default. */
  readonly projection?: Layer | LayerFunction;
}

/**
 * A skip connection (He et al., 2016): `inner(x) + x`, or `inner(x) + projection(x)`. Gradients then have a path around the inner layer.
 *
 * The class has its name from the paper, where *residual* means the part that `inner` adds to x. That is not the residual δ = ∂loss/∂z of backpropagation, which `residuals` of
 * `tinygrad-ts/debug` measures.
 *
 * @example
 * const block = new Residual(new Sequential(new Linear(8, 8), relu));
 * block.forward(zeros([2, 8])).shape; // → [2, 8]
 */
export class Residual<L extends Layer | LayerFunction = Layer | LayerFunction> extends Layer<Chain<readonly [L]>> {
  /** @internal */
  static readonly isOwn = true;
  /** The layer that the connection skips. */
  readonly inner: Layer;
  /** The layer on the skip connection, or null. */
  readonly projection: Layer | null;

  /**
   * @param inner - a layer, or a function from tensor to tensor.
   * @param options - `projection`.
   * @throws {@link ValueError} for anything that is neither a layer nor a function.
   */
  constructor(inner: L, options: ResidualOptions = {}) {
    super();
    const { projection } = checkOptions("Residual", options, { projection: "any" });
    refuseMore("Residual", arguments, 2);
    this.inner = layersFrom("Residual", [inner])[0]!;
    this.projection = projection === undefined ? null : layersFrom("Residual", [projection])[0]!;
  }

  /**
   * Adds the input to the output of the inner layer.
   *
   * @throws {@link ShapeError} if the shapes differ: they do not broadcast.
   */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("Residual", arguments, 1);
    checkInput(this, x);
    checkLayer("Residual", this.inner);
    if (this.projection !== null) checkLayer("Residual", this.projection);
    const y = this.inner.forward(x);
    const around = this.projection === null ? x : this.projection.forward(x);
    if (!sameShape(y.shape, around.shape)) {
      const hint = this.projection === null ? `pass { projection: ${projectionHint(x.shape, y.shape)} }` : "";
      throw new ShapeError("Residual", "both ways must have one shape", `${describe(y)} and ${describe(around)}`, hint);
    }
    return add(y, around);
  }

  /** `Residual`. */
  override describe(): string {
    return "Residual";
  }

  /** `[inner, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    const { inner, projection } = this;
    return [givenFor(inner), { projection: projection === null ? undefined : givenFor(projection) }];
  }
}

/** A layer that takes x's shape to y's. */
function projectionHint(x: Shape, y: Shape): string {
  const axes = x.length - 2;
  if (
    y.length !== x.length ||
    axes < 1 ||
    axes > 3 ||
    x[1] === undefined ||
    sameShape(x.slice(0, -1), y.slice(0, -1))
  ) {
    return "new Linear(in, out)";
  }
  const strides = y.slice(2).map((n, i) => Math.ceil(x[i + 2]! / n));
  const stride = strides.every((n) => n === strides[0]) ? strides[0]! : strides;
  const more = stride === 1 ? "" : `, { stride: ${typeof stride === "number" ? stride : formatShape(stride)} }`;
  return `new Conv${axes}d(${x[1]}, ${y[1]}, 1${more})`;
}

/** Options of {@link Parallel}. */
export interface ParallelOptions {
  /** The axis along which results are joined; the last one by default. */
  readonly axis?: number;
}

/**
 * Gives its input to several layers, and joins what they make of it along an axis.
 *
 * @example
 * const both = new Parallel([new Linear(4, 3), new Identity()]);
 * both.forward(zeros([2, 4])).shape; // → [2, 7]
 */
export class Parallel extends Layer {
  /** @internal */
  static readonly isOwn = true;
  /** The layers. */
  readonly layers: readonly Layer[];
  /** The axis along which results are joined. */
  readonly axis: number;

  /**
   * @param layers - one or more layers, or functions from tensor to tensor.
   * @param options - `axis`.
   * @throws {@link ValueError} for what is neither a layer nor a function, and for none; {@link ShapeError} for an axis that is no whole number.
   */
  constructor(layers: readonly (Layer | LayerFunction)[], options: ParallelOptions = {}) {
    super();
    if (!Array.isArray(layers) || layers.length === 0) {
      throw new ValueError("Parallel", "needs an array of layers", textOf(layers), "write new Parallel([a, b])");
    }
    const { axis = -1 } = checkOptions("Parallel", options, { axis: "number" }, { names: { dim: "axis" } });
    refuseMore("Parallel", arguments, 2);
    this.layers = layersFrom("Parallel", layers);
    this.axis = checkAxis("Parallel", "axis", axis);
  }

  /** Joins the layers' results; {@link cat} says what must fit. */
  override forward(x: Tensor): Tensor {
    refuseMore("Parallel", arguments, 1);
    checkInput(this, x);
    checkLayers("Parallel", this.layers);
    return cat(
      this.layers.map((layer) => layer.forward(x)),
      this.axis,
    );
  }

  /** `Parallel`. */
  override describe(): string {
    return "Parallel";
  }

  /** `[layers, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [this.layers.map(givenFor), { axis: this.axis }];
  }
}
