import { checkNumber } from "../core/arguments.ts";
import { checkOptions } from "../core/options.ts";
import type { Input, Keeps, Output } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { elu, type GeluOptions, gelu, leakyRelu, silu } from "../ops/activations.ts";
import { hardswish } from "../ops/hardswish.ts";
import { mish } from "../ops/mish.ts";
import { relu } from "../ops/relu.ts";
import { celu, selu } from "../ops/selu.ts";
import type { Tensor } from "../tensor.ts";
import { checkInput } from "./doors.ts";
import { Layer } from "./layer.ts";

// Each function as a layer, for models that are to say what they are made of. In a Sequential the bare function does too.

/**
 * {@link relu} as a layer.
 *
 * @example
 * new ReLU().forward(tensor([-1, 2])).toArray(); // → [0, 2]
 */
export class ReLU extends Layer<Keeps> {
  /** @internal */
  static readonly isOwn = true;
  /** {@link relu} of x. */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("ReLU", arguments, 1);
    checkInput(this, x);
    return relu(x);
  }

  /** `ReLU`. */
  override describe(): string {
    return "ReLU";
  }

  /** `[]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [];
  }
}

/**
 * {@link leakyRelu} as a layer.
 *
 * @example
 * new LeakyReLU().forward(tensor([0, 2])).toArray(); // → [0, 2]
 */
export class LeakyReLU extends Layer<Keeps> {
  /** @internal */
  static readonly isOwn = true;
  /** Slope below 0. */
  readonly slope: number;

  /**
   * @param slope - slope below 0.
   * @throws {@link ValueError} for anything that is not a number.
   */
  constructor(slope = 0.01) {
    super();
    refuseMore("LeakyReLU", arguments, 1);
    this.slope = checkNumber("LeakyReLU", "slope", slope);
  }

  /** {@link leakyRelu} of x. */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("LeakyReLU", arguments, 1);
    checkInput(this, x);
    return leakyRelu(x, this.slope);
  }

  /** `LeakyReLU(slope)`. */
  override describe(): string {
    return `LeakyReLU(${this.slope})`;
  }

  /** `[slope]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [this.slope];
  }
}

/**
 * {@link elu} as a layer.
 *
 * @example
 * new ELU().forward(tensor([0, 2])).toArray(); // → [0, 2]
 */
export class ELU extends Layer<Keeps> {
  /** @internal */
  static readonly isOwn = true;
  /** What the layer goes to, negated, towards −∞. */
  readonly alpha: number;

  /**
   * @param alpha - what the layer goes to, negated, towards −∞.
   * @throws {@link ValueError} for anything that is not a number.
   */
  constructor(alpha = 1) {
    super();
    refuseMore("ELU", arguments, 1);
    this.alpha = checkNumber("ELU", "alpha", alpha);
  }

  /** {@link elu} of x. */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("ELU", arguments, 1);
    checkInput(this, x);
    return elu(x, this.alpha);
  }

  /** `ELU(alpha)`. */
  override describe(): string {
    return `ELU(${this.alpha})`;
  }

  /** `[alpha]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [this.alpha];
  }
}

/**
 * {@link selu} as a layer.
 *
 * @example
 * new SELU().forward(tensor([0, -Infinity])).toArray(); // → [0, -1.7580993175506592]
 */
export class SELU extends Layer<Keeps> {
  /** @internal */
  static readonly isOwn = true;
  /** {@link selu} of x. */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("SELU", arguments, 1);
    checkInput(this, x);
    return selu(x);
  }

  /** `SELU`. */
  override describe(): string {
    return "SELU";
  }

  /** `[]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [];
  }
}

/**
 * {@link celu} as a layer.
 *
 * @example
 * new CELU(2).forward(tensor([-Infinity, 3])).toArray(); // → [-2, 3]
 */
export class CELU extends Layer<Keeps> {
  /** @internal */
  static readonly isOwn = true;
  /** Minus the value that is approached at −∞. */
  readonly alpha: number;

  /**
   * @param alpha - minus the value that is approached at −∞.
   * @throws {@link ValueError} for anything that is not a number.
   */
  constructor(alpha = 1) {
    super();
    refuseMore("CELU", arguments, 1);
    this.alpha = checkNumber("CELU", "alpha", alpha);
  }

  /** {@link celu} of x. */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("CELU", arguments, 1);
    checkInput(this, x);
    return celu(x, this.alpha);
  }

  /** `CELU(alpha)`. */
  override describe(): string {
    return `CELU(${this.alpha})`;
  }

  /** `[alpha]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [this.alpha];
  }
}

/**
 * {@link gelu} as a layer.
 *
 * @example
 * new GELU().forward(zeros([2])).toArray(); // → [0, 0]
 */
export class GELU extends Layer<Keeps> {
  /** @internal */
  static readonly isOwn = true;
  /** `"none"` for the exact function, `"tanh"` for the approximation. */
  readonly approximate: "none" | "tanh";

  /**
   * @param options - as {@link gelu} takes them.
   * @throws {@link ValueError} for another approximation, or an unknown option.
   */
  constructor(options: GeluOptions = {}) {
    super();
    const { approximate = "none" } = checkOptions("GELU", options, { approximate: ["none", "tanh"] });
    refuseMore("GELU", arguments, 1);
    this.approximate = approximate;
  }

  /** {@link gelu} of x. */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("GELU", arguments, 1);
    checkInput(this, x);
    return gelu(x, { approximate: this.approximate });
  }

  /** `GELU`, or `GELU(tanh)`. */
  override describe(): string {
    return this.approximate === "none" ? "GELU" : `GELU(${this.approximate})`;
  }

  /** `[options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [{ approximate: this.approximate }];
  }
}

/**
 * {@link silu} as a layer.
 *
 * @example
 * new SiLU().forward(zeros([2])).toArray(); // → [0, 0]
 */
export class SiLU extends Layer<Keeps> {
  /** @internal */
  static readonly isOwn = true;
  /** {@link silu} of x. */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("SiLU", arguments, 1);
    checkInput(this, x);
    return silu(x);
  }

  /** `SiLU`. */
  override describe(): string {
    return "SiLU";
  }

  /** `[]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [];
  }
}

/**
 * {@link mish} as a layer.
 *
 * @example
 * new Mish().forward(tensor([0, 1000])).toArray(); // → [0, 1000]
 */
export class Mish extends Layer<Keeps> {
  /** @internal */
  static readonly isOwn = true;
  /** {@link mish} of x. */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("Mish", arguments, 1);
    checkInput(this, x);
    return mish(x);
  }

  /** `Mish`. */
  override describe(): string {
    return "Mish";
  }

  /** `[]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [];
  }
}

/**
 * {@link hardswish} as a layer.
 *
 * @example
 * new Hardswish().forward(tensor([-4, 1.5])).toArray(); // → [0, 1.125]
 */
export class Hardswish extends Layer<Keeps> {
  /** @internal */
  static readonly isOwn = true;
  /** {@link hardswish} of x. */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("Hardswish", arguments, 1);
    checkInput(this, x);
    return hardswish(x);
  }

  /** `Hardswish`. */
  override describe(): string {
    return "Hardswish";
  }

  /** `[]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [];
  }
}
