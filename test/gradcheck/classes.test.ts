import { describe, expect, test } from "vitest";
import { ValueError } from "../../src/core/errors.ts";
import {
  assertGradient,
  checkGradient,
  checkHvp,
  checkJacobian,
  checkJvp,
  checkVjp,
  gradientMatchers,
  numericalGradient,
} from "../../src/gradcheck/index.ts";

// Points and gradients that are instances of other people's classes, and points that hold more than numbers.

/** As graphics libraries have it: fields, a flag on the prototype, methods that return another one. */
class Vector {
  declare readonly isVector: true;
  x: number;
  y: number;
  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }
  dot(v: Vector): number {
    return this.x * v.x + this.y * v.y;
  }
  scale(s: number): Vector {
    return new Vector(this.x * s, this.y * s);
  }
}
Object.defineProperty(Vector.prototype, "isVector", { value: true, enumerable: true });

/** As algebra libraries have it. */
class Complex {
  re: number;
  im: number;
  constructor(re: number, im: number) {
    this.re = re;
    this.im = im;
  }
  abs(): number {
    return Math.hypot(this.re, this.im);
  }
}

/** Accessors on the prototype over fields with other names, and a word beside the numbers. */
class Euler {
  _x: number;
  _order = "XYZ";
  constructor(x: number) {
    this._x = x;
  }
  get x(): number {
    return this._x;
  }
  set x(value: number) {
    this._x = value;
  }
}

/** Numbers that only the class itself can see. */
class Hidden {
  readonly #entries: number[];
  constructor(entries: number[]) {
    this.#entries = entries;
  }
  get norm(): number {
    return this.#entries.reduce((sum, v) => sum + v * v, 0);
  }
  toArray(): number[] {
    return [...this.#entries];
  }
}

/** Fields for all to see, and one that is not. */
class Half {
  x = 3;
  readonly #scale = 2;
  get scaled(): number {
    return this.x * this.#scale;
  }
}

describe("instances", () => {
  test("reach the functions in their own class, and are gradients too", () => {
    const seen = new Set<unknown>();
    const f = (v: Vector): number => {
      seen.add(v.constructor);
      return v.isVector ? v.dot(v) : Number.NaN;
    };
    for (const grad of [(v: Vector) => v.scale(2), (v: Vector) => ({ x: 2 * v.x, y: 2 * v.y })]) {
      const report = checkGradient(f, grad, new Vector(3, -1));
      expect(report.ok).toBe(true);
      expect(report.entries.map(({ label }) => label)).toEqual(["x.x", "x.y"]);
    }
    expect([...seen]).toEqual([Vector]);
    const wrong = checkGradient(f, (v) => v, new Vector(3, -1));
    expect(wrong.problems).toEqual([]);
    expect(wrong.counts.mismatch).toBe(2);
  });

  test("are written into", () => {
    assertGradient(
      (z: Complex) => z.abs(),
      (z, out) => {
        out.re = z.re / z.abs();
        out.im = z.im / z.abs();
      },
      new Complex(3, 4),
    );
  });

  test("in lists and in records, with fields that are behind accessors, or hold words", () => {
    const x = { points: [new Vector(1, 2), new Vector(3, 4)], angle: new Euler(0.5) };
    const f = ({ points: [p, q], angle }: typeof x) => p!.dot(q!) * Math.sin(angle.x) * angle._order.length;
    const grad = ({ points: [p, q], angle }: typeof x) => {
      const s = 3 * Math.sin(angle.x);
      return { points: [q!.scale(s), p!.scale(s)], angle: new Euler(3 * p!.dot(q!) * Math.cos(angle.x)) };
    };
    const report = checkGradient(f, grad, x);
    expect(report.ok).toBe(true);
    expect(report.passed).toEqual(["x.angle._order"]);
    expect(report.entries.map(({ label }) => label).slice(3)).toEqual(["x.points[1].y", "x.angle._x"]);
  });

  test("of subclasses of arrays and typed arrays", () => {
    class Row extends Array<number> {
      get total(): number {
        return this.reduce((sum, v) => sum + v, 0);
      }
    }
    class Numbers extends Float64Array {
      get total(): number {
        return this.reduce((sum, v) => sum + v, 0);
      }
    }
    const f = (x: { total: number }) => x.total ** 2;
    for (const x of [Row.from([1, 2, 3]) as Row, new Numbers([1, 2, 3])]) {
      expect(checkGradient(f, (() => [12, 12, 12]) as never, x as never).ok).toBe(true);
    }
    const rows = [Row.from([1, 2]) as Row, Row.from([3, 4]) as Row];
    const grad = ([a, b]: Row[]) => [
      [b!.total, b!.total],
      [a!.total, a!.total],
    ];
    expect(checkGradient(([a, b]: Row[]) => a!.total * b!.total, grad, rows).ok).toBe(true);
  });

  test("that are frozen, computed from themselves, or without a prototype", () => {
    const frozen = Object.freeze(new Vector(1, 2));
    expect(
      checkGradient(
        (v: Vector) => v.dot(v),
        (v) => v.scale(2),
        frozen,
      ).ok,
    ).toBe(true);
    const derived = {
      a: 2,
      get double(): number {
        return 2 * this.a;
      },
    };
    expect(
      checkGradient(
        (x) => x.double ** 2,
        (x) => ({ a: 8 * x.a }) as never,
        derived,
      ).ok,
    ).toBe(true);
    const bare = Object.assign(Object.create(null) as object, { a: 3 });
    expect(
      checkGradient(
        ({ a }) => a * a,
        ({ a }) => ({ a: 2 * a }),
        bare,
      ).ok,
    ).toBe(true);
  });

  test("as results, cotangents and tangents", () => {
    const square = ({ re, im }: Complex) => new Complex(re * re - im * im, 2 * re * im);
    const z = new Complex(1.5, -0.5);
    const vjp = ({ re, im }: Complex, u: Complex) =>
      new Complex(2 * (re * u.re + im * u.im), 2 * (re * u.im - im * u.re));
    const jvp = ({ re, im }: Complex, v: Complex) =>
      new Complex(2 * (re * v.re - im * v.im), 2 * (re * v.im + im * v.re));
    expect(checkVjp(square, vjp, z, { jvp }).ok).toBe(true);
    expect(checkJvp(square, jvp, z).ok).toBe(true);
    const matrix = ({ re, im }: Complex) => ({ re: [2 * re, 2 * im], im: [-2 * im, 2 * re] });
    expect(checkJacobian(square, matrix, z).ok).toBe(true);
    expect(
      checkHvp(
        (v: Vector) => v.x ** 2 * v.y,
        (p, v) => new Vector(2 * p.y * v.x + 2 * p.x * v.y, 2 * p.x * v.x),
        new Vector(3, 4),
      ).ok,
    ).toBe(true);
    const { value } = numericalGradient((v: Vector) => v.dot(v), new Vector(1, 2));
    expect(value).toBeInstanceOf(Vector);
    expect(value.x).toBeCloseTo(2, 9);
  });

  test("with a part too many, or too few, are problems of the report", () => {
    const f = (v: Vector) => v.dot(v);
    expect(checkGradient(f, (v) => ({ ...v, z: 1 }), new Vector(1, 2)).problems).toEqual([
      "gradient has a part too many: z",
    ]);
    expect(checkGradient(f, () => new Euler(1) as never, new Vector(1, 2)).problems).toEqual(["gradient.y is missing"]);
  });
});

describe("leaves", () => {
  const leaves = { flatten: (x: Hidden) => x.toArray(), unflatten: (v: number[]) => new Hidden(v) };

  test("say how an instance is read and made", () => {
    const x = new Hidden([1, 2]);
    expect(
      checkGradient(
        (h) => h.norm,
        (h) => new Hidden(h.toArray().map((v) => 2 * v)) as never,
        x,
        { leaves },
      ).ok,
    ).toBe(true);
    expect(
      checkGradient((h) => h.norm, ((h: Hidden) => h.toArray().map((v) => 2 * v)) as never, x, { leaves }).ok,
    ).toBe(true);
    const report = checkGradient((h) => h.norm, ((h: Hidden) => h.toArray()) as never, x, { leaves });
    expect(report.worst.map(({ label }) => label).sort()).toEqual(["x[0]", "x[1]"]);
    const { value } = numericalGradient((h) => h.norm, x, { leaves });
    expect(value.toArray()[1]).toBeCloseTo(4, 9);
  });

  test("of a part, in whatever the class is beside; undefined leaves a part to its fields", () => {
    const x = { h: new Hidden([1, 2]), v: new Vector(3, 4), m: new Map([["a", 5]]) };
    const own = {
      flatten: (part: unknown) =>
        part instanceof Hidden ? part.toArray() : part instanceof Map ? Object.fromEntries(part) : undefined,
      unflatten: (numbers: unknown, like: unknown) =>
        like instanceof Map ? new Map(Object.entries(numbers as object)) : new Hidden(numbers as number[]),
    };
    const report = checkGradient(
      ({ h, v, m }) => h.norm * v.x * m.get("a")!,
      (({ h, v, m }: typeof x) => ({
        h: h.toArray().map((own) => 2 * own * v.x * m.get("a")!),
        v: new Vector(h.norm * m.get("a")!, 0),
        m: new Map([["a", h.norm * v.x]]),
      })) as never,
      x,
      { leaves: own },
    );
    expect(report.ok).toBe(true);
    expect(report.entries.map(({ label }) => label)).toEqual(["x.h[0]", "x.h[1]", "x.v.x", "x.v.y", "x.m.a"]);
  });

  test("are asked for where an instance keeps its numbers to itself", () => {
    const call = (x: unknown) => () => checkGradient((() => 1) as never, (() => 1) as never, x);
    const hint = "or say how by leaves: { flatten, unflatten }";
    expect(call(new Hidden([1]))).toThrow(
      `x must hold numbers, got a Hidden; use numbers in arrays, Float64Array, Float32Array and objects, ${hint}`,
    );
    for (const x of [Promise.resolve(1), new Error("1")]) {
      expect(call({ w: [1], x })).toThrow(hint);
    }
    expect(call({ shape: [2], dtype: "float32", id: 3 })).toThrow(ValueError);
    expect(() =>
      checkGradient(
        (h) => h.scaled,
        () => ({ x: 2 }) as never,
        new Half(),
      ),
    ).toThrow("x must be of a class without private fields");
    expect(() =>
      checkGradient(
        (x: number) => x,
        () => 1,
        1,
        { leaves: { flatten: 1 } as never },
      ),
    ).toThrow("leaves must be functions");
  });
});

describe("what holds no numbers to differentiate by", () => {
  const x = {
    w: [0.5, -2],
    name: "layer",
    trainable: true,
    bias: null,
    missing: undefined,
    count: 3n,
    indices: Int32Array.of(1, 0),
    bytes: Uint8Array.of(1),
    activation: (v: number) => v * v,
    labels: ["a", "b"],
    config: { act: "relu", on: [false] },
  };
  const f = (at: typeof x): number => {
    const [first, second] = at.indices;
    if (!at.trainable || at.bias !== null || at.config !== x.config || at.indices !== x.indices) return Number.NaN;
    return at.activation(at.w[first!]!) * at.w[second!]! * at.labels.length * Number(at.count) * at.name.length;
  };
  const grad = ({ w: [a, b] }: typeof x) => ({ w: [30 * b! ** 2, 60 * a! * b!] });

  test("is passed through, counted and named", () => {
    const report = checkGradient(f, grad, x);
    expect(report.ok).toBe(true);
    const names = [
      "name",
      "trainable",
      "bias",
      "missing",
      "count",
      "indices",
      "bytes",
      "activation",
      "labels",
      "config",
    ];
    expect(report.passed).toEqual(names.map((name) => `x.${name}`));
    expect(String(report)).toContain(
      "passed through, since there is no derivative with respect to it: x.name, x.trainable, x.bias, x.missing and 6 more",
    );
    expect(report.coverage.entries).toBe(2);
    expect(JSON.parse(JSON.stringify(report)).passed).toHaveLength(10);
  });

  test("may come back with the gradient, but has none", () => {
    expect(checkGradient(f, (at) => ({ ...at, ...grad(at) }), x).ok).toBe(true);
    expect(checkGradient(f, (at) => ({ ...grad(at), indices: [0, 0] }), x).ok).toBe(true);
    expect(checkGradient(f, (at) => ({ ...grad(at), bonus: 1 }), x).problems).toEqual([
      "gradient has a part too many: bonus",
    ]);
  });

  test("is no gap in numbers, and not all that there is", () => {
    const call = (at: unknown) => () => checkGradient((() => 1) as never, (() => 1) as never, at);
    for (const at of [
      [1, null],
      [1, "2"],
      [1, undefined],
      Array.of(1, ...new Array(2)),
      [
        [1, 2],
        [1, null],
      ],
      ["1"],
      "1",
      null,
      { name: "a" },
      3n,
      true,
    ]) {
      expect(call(at)).toThrow("must hold numbers");
    }
    expect(
      checkGradient(
        ([a, mode]: [number, string]) => (mode === "square" ? a * a : a),
        ([a]) => [2 * a, null],
        [3, "square"],
      ).ok,
    ).toBe(true);
  });

  test("does not hinder the other checks, nor matchers", async () => {
    const point = { w: [1, 2], k: 2n };
    const scaled = ({ w, k }: typeof point) => w.map((v) => v * v * Number(k));
    const product = ({ w, k }: typeof point, u: number[]) => ({ w: w.map((v, i) => 2 * v * Number(k) * u[i]!) });
    expect(checkVjp(scaled, product, point).ok).toBe(true);
    expect(
      checkJacobian(
        scaled,
        ({ w: [a, b] }) => ({
          w: [
            [4 * a!, 0],
            [0, 4 * b!],
          ],
        }),
        point,
      ).ok,
    ).toBe(true);
    const { pass } = await gradientMatchers.toHaveGradient.call(undefined, f, grad, { at: x });
    expect(pass).toBe(true);
  });
});
