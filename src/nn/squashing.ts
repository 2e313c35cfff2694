import { checkNumber } from "../core/arguments.ts";
import { ValueError } from "../core/errors.ts";
import type { Input, Keeps, Output } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { glu } from "../ops/glu.ts";
import { hardtanh } from "../ops/hardtanh.ts";
import { sigmoid } from "../ops/sigmoid.ts";
import { logSoftmax, softmax } from "../ops/softmax.ts";
import { softplus } from "../ops/softplus.ts";
import { softsign } from "../ops/softsign.ts";
import { tanh } from "../ops/tanh.ts";
import type { Tensor } from "../tensor.ts";
import { checkAxis, checkInput } from "./doors.ts";
import { Layer } from "./layer.ts";

// Functions that bound or share out, each as a layer, for models that are to say what they are made of. In a Sequential the bare function does too.

/**
 * {@link tanh} as a layer.
 *
 * @example
 * new Tanh().forward(zeros([2])).toArray(); // → [0, 0]
 */
export class Tanh extends Layer<Keeps> {
  /** @internal */
  static readonly isOwn = true;
  /** {@link tanh} of x. */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("Tanh", arguments, 1);
    checkInput(this, x);
    return tanh(x);
  }

  /** `Tanh`. */
  override describe(): string {
    return "Tanh";
  }

  /** `[]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [];
  }
}

/**
 * {@link sigmoid} as a layer.
 *
 * @example
 * new Sigmoid().forward(zeros([2])).toArray(); // → [0.5, 0.5]
 */
export class Sigmoid extends Layer<Keeps> {
  /** @internal */
  static readonly isOwn = true;
  /** {@link sigmoid} of x. */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("Sigmoid", arguments, 1);
    checkInput(this, x);
    return sigmoid(x);
  }

  /** `Sigmoid`. */
  override describe(): string {
    return "Sigmoid";
  }

  /** `[]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [];
  }
}

/**
 * {@link softsign} as a layer.
 *
 * @example
 * new Softsign().forward(tensor([-1, 3])).toArray(); // → [-0.5, 0.75]
 */
export class Softsign extends Layer<Keeps> {
  /** @internal */
  static readonly isOwn = true;
  /** {@link softsign} of x. */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("Softsign", arguments, 1);
    checkInput(this, x);
    return softsign(x);
  }

  /** `Softsign`. */
  override describe(): string {
    return "Softsign";
  }

  /** `[]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [];
  }
}

/**
 * {@link hardtanh} as a layer.
 *
 * @example
 * new Hardtanh(0, 6).forward(tensor([-1, 2, 7])).toArray(); // → [0, 2, 6]
 */
export class Hardtanh extends Layer<Keeps> {
  /** @internal */
  static readonly isOwn = true;
  /** The lower bound. */
  readonly min: number;
  /** The upper bound. */
  readonly max: number;

  /**
   * @param min - the lower bound.
   * @param max - the upper bound.
   * @throws {@link ValueError} for anything that is not a number, and where `min` is not below `max`.
   */
  constructor(min = -1, max = 1) {
    super();
    refuseMore("Hardtanh", arguments, 2);
    this.min = checkNumber("Hardtanh", "min", min);
    this.max = checkNumber("Hardtanh", "max", max);
    if (!(min < max)) throw new ValueError("Hardtanh", "min must be below max", `${min} and ${max}`);
  }

  /** {@link hardtanh} of x. */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("Hardtanh", arguments, 1);
    checkInput(this, x);
    return hardtanh(x, this.min, this.max);
  }

  /** `Hardtanh(min, max)`. */
  override describe(): string {
    return `Hardtanh(${this.min}, ${this.max})`;
  }

  /** `[min, max]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [this.min, this.max];
  }
}

/**
 * {@link softplus} as a layer.
 *
 * @example
 * new Softplus().forward(tensor([1000])).toArray(); // → [1000]
 */
export class Softplus extends Layer<Keeps> {
  /** @internal */
  static readonly isOwn = true;
  /** {@link softplus} of x. */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("Softplus", arguments, 1);
    checkInput(this, x);
    return softplus(x);
  }

  /** `Softplus`. */
  override describe(): string {
    return "Softplus";
  }

  /** `[]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [];
  }
}

/**
 * {@link softmax} as a layer.
 *
 * @example
 * new Softmax().forward(zeros([4])).toArray(); // → [0.25, 0.25, 0.25, 0.25]
 */
export class Softmax extends Layer<Keeps> {
  /** @internal */
  static readonly isOwn = true;
  /** The axis whose elements add up to 1. */
  readonly axis: number;

  /**
   * @param axis - the axis whose elements add up to 1; by default the last.
   * @throws {@link ShapeError} for anything that is not a whole number.
   */
  constructor(axis = -1) {
    super();
    refuseMore("Softmax", arguments, 1);
    this.axis = checkAxis("Softmax", "axis", axis);
  }

  /** {@link softmax} of x. */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("Softmax", arguments, 1);
    checkInput(this, x);
    return softmax(x, this.axis);
  }

  /** `Softmax(axis)`. */
  override describe(): string {
    return `Softmax(${this.axis})`;
  }

  /** `[axis]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [this.axis];
  }
}

/**
 * {@link logSoftmax} as a layer.
 *
 * @example
 * new LogSoftmax().forward(tensor([0, -1000])).toArray(); // → [0, -1000]
 */
export class LogSoftmax extends Layer<Keeps> {
  /** @internal */
  static readonly isOwn = true;
  /** The axis whose exponentials add up to 1. */
  readonly axis: number;

  /**
   * @param axis - the axis whose exponentials add up to 1; by default the last.
   * @throws {@link ShapeError} for anything that is not a whole number.
   */
  constructor(axis = -1) {
    super();
    refuseMore("LogSoftmax", arguments, 1);
    this.axis = checkAxis("LogSoftmax", "axis", axis);
  }

  /** {@link logSoftmax} of x. */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("LogSoftmax", arguments, 1);
    checkInput(this, x);
    return logSoftmax(x, this.axis);
  }

  /** `LogSoftmax(axis)`. */
  override describe(): string {
    return `LogSoftmax(${this.axis})`;
  }

  /** `[axis]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [this.axis];
  }
}

/**
 * {@link glu} as a layer: it halves an axis.
 *
 * @example
 * new Sequential(new Linear(8, 32), new GLU(), new Linear(16, 1)).forward(zeros([5, 8])).shape; // → [5, 1]
 */
export class GLU extends Layer {
  /** @internal */
  static readonly isOwn = true;
  /** The axis that is halved. */
  readonly axis: number;

  /**
   * @param axis - the axis that is halved; by default the last.
   * @throws {@link ShapeError} for anything that is not a whole number.
   */
  constructor(axis = -1) {
    super();
    refuseMore("GLU", arguments, 1);
    this.axis = checkAxis("GLU", "axis", axis);
  }

  /** {@link glu} of x. */
  override forward(x: Tensor): Tensor {
    refuseMore("GLU", arguments, 1);
    checkInput(this, x);
    return glu(x, this.axis);
  }

  /** `GLU(axis)`. */
  override describe(): string {
    return `GLU(${this.axis})`;
  }

  /** `[axis]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [this.axis];
  }
}
