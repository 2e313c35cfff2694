import { elu, type GeluOptions, gelu, leakyRelu, silu } from "../ops/activations.ts";
import { relu } from "../ops/relu.ts";
import { sigmoid } from "../ops/sigmoid.ts";
import { logSoftmax, softmax } from "../ops/softmax.ts";
import { softplus } from "../ops/softplus.ts";
import { tanh } from "../ops/tanh.ts";
import type { Tensor } from "../tensor.ts";
import { Layer } from "./layer.ts";

// Each function as a layer, for models that are to say what they are made of. In a Sequential the bare function does too.

/**
 * {@link relu} as a layer.
 *
 * @example
 * new ReLU().forward(tensor([-1, 2])).toArray(); // → [0, 2]
 */
export class ReLU extends Layer {
  /** {@link relu} of x. */
  override forward(x: Tensor): Tensor {
    return relu(x);
  }

  /** `ReLU`. */
  override describe(): string {
    return "ReLU";
  }
}

/**
 * {@link leakyRelu} as a layer.
 *
 * @example
 * new LeakyReLU().forward(tensor([0, 2])).toArray(); // → [0, 2]
 */
export class LeakyReLU extends Layer {
  /** Slope below 0. */
  readonly slope: number;

  /** @param slope - slope below 0. */
  constructor(slope = 0.01) {
    super();
    this.slope = slope;
  }

  /** {@link leakyRelu} of x. */
  override forward(x: Tensor): Tensor {
    return leakyRelu(x, this.slope);
  }

  /** `LeakyReLU(slope)`. */
  override describe(): string {
    return `LeakyReLU(${this.slope})`;
  }
}

/**
 * {@link elu} as a layer.
 *
 * @example
 * new ELU().forward(tensor([0, 2])).toArray(); // → [0, 2]
 */
export class ELU extends Layer {
  /** What the layer goes to, negated, towards −∞. */
  readonly alpha: number;

  /** @param alpha - what the layer goes to, negated, towards −∞. */
  constructor(alpha = 1) {
    super();
    this.alpha = alpha;
  }

  /** {@link elu} of x. */
  override forward(x: Tensor): Tensor {
    return elu(x, this.alpha);
  }

  /** `ELU(alpha)`. */
  override describe(): string {
    return `ELU(${this.alpha})`;
  }
}

/**
 * {@link gelu} as a layer.
 *
 * @example
 * new GELU().forward(zeros([2])).toArray(); // → [0, 0]
 */
export class GELU extends Layer {
  /** `"none"` for the exact function, `"tanh"` for the approximation. */
  readonly approximate: "none" | "tanh";

  /** @param options - as {@link gelu} takes them. */
  constructor({ approximate = "none" }: GeluOptions = {}) {
    super();
    this.approximate = approximate;
  }

  /** {@link gelu} of x. */
  override forward(x: Tensor): Tensor {
    return gelu(x, { approximate: this.approximate });
  }

  /** `GELU`, or `GELU(tanh)`. */
  override describe(): string {
    return this.approximate === "none" ? "GELU" : `GELU(${this.approximate})`;
  }
}

/**
 * {@link silu} as a layer.
 *
 * @example
 * new SiLU().forward(zeros([2])).toArray(); // → [0, 0]
 */
export class SiLU extends Layer {
  /** {@link silu} of x. */
  override forward(x: Tensor): Tensor {
    return silu(x);
  }

  /** `SiLU`. */
  override describe(): string {
    return "SiLU";
  }
}

/**
 * {@link tanh} as a layer.
 *
 * @example
 * new Tanh().forward(zeros([2])).toArray(); // → [0, 0]
 */
export class Tanh extends Layer {
  /** {@link tanh} of x. */
  override forward(x: Tensor): Tensor {
    return tanh(x);
  }

  /** `Tanh`. */
  override describe(): string {
    return "Tanh";
  }
}

/**
 * {@link sigmoid} as a layer.
 *
 * @example
 * new Sigmoid().forward(zeros([2])).toArray(); // → [0.5, 0.5]
 */
export class Sigmoid extends Layer {
  /** {@link sigmoid} of x. */
  override forward(x: Tensor): Tensor {
    return sigmoid(x);
  }

  /** `Sigmoid`. */
  override describe(): string {
    return "Sigmoid";
  }
}

/**
 * {@link softplus} as a layer.
 *
 * @example
 * new Softplus().forward(tensor([1000])).toArray(); // → [1000]
 */
export class Softplus extends Layer {
  /** {@link softplus} of x. */
  override forward(x: Tensor): Tensor {
    return softplus(x);
  }

  /** `Softplus`. */
  override describe(): string {
    return "Softplus";
  }
}

/**
 * {@link softmax} as a layer.
 *
 * @example
 * new Softmax().forward(zeros([4])).toArray(); // → [0.25, 0.25, 0.25, 0.25]
 */
export class Softmax extends Layer {
  /** The axis whose elements add up to 1. */
  readonly axis: number;

  /** @param axis - the axis whose elements add up to 1; by default the last. */
  constructor(axis = -1) {
    super();
    this.axis = axis;
  }

  /** {@link softmax} of x. */
  override forward(x: Tensor): Tensor {
    return softmax(x, this.axis);
  }

  /** `Softmax(axis)`. */
  override describe(): string {
    return `Softmax(${this.axis})`;
  }
}

/**
 * {@link logSoftmax} as a layer.
 *
 * @example
 * new LogSoftmax().forward(tensor([0, -1000])).toArray(); // → [0, -1000]
 */
export class LogSoftmax extends Layer {
  /** The axis whose exponentials add up to 1. */
  readonly axis: number;

  /** @param axis - the axis whose exponentials add up to 1; by default the last. */
  constructor(axis = -1) {
    super();
    this.axis = axis;
  }

  /** {@link logSoftmax} of x. */
  override forward(x: Tensor): Tensor {
    return logSoftmax(x, this.axis);
  }

  /** `LogSoftmax(axis)`. */
  override describe(): string {
    return `LogSoftmax(${this.axis})`;
  }
}
