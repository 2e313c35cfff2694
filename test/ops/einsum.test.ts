import { describe, expect, test } from "vitest";
import {
  DTypeError,
  gradients,
  ones,
  ShapeError,
  type Tensor,
  type TinygradError,
  tensor,
  ValueError,
  zeros,
} from "../../src/index.ts";
import { einsum } from "../../src/ops/einsum.ts";
import { parseEquation } from "../../src/ops/einsumEquation.ts";

const f64 = { dtype: "float64" } as const;
const refuses = (call: () => unknown, type: new (...args: never[]) => TinygradError, message: string): void => {
  expect(call).toThrow(type);
  expect(call).toThrow(message);
};

/** Numbers that repeat only after a long time. */
function sample(shape: readonly number[], phase: number): Tensor {
  const values = Float64Array.from({ length: shape.reduce((n, size) => n * size, 1) }, (_, i) => {
    return (((i + 1) * 37 + phase * 101) % 61) / 30 - 1;
  });
  return tensor(values).reshape(shape);
}

/**
 * The definition: for each value of all labels, the product of the operands' elements is added to an element of the
 * result.
 */
function byDefinition(equation: string, operands: readonly Tensor[]): Tensor {
  const { terms, output, sizes } = parseEquation(
    equation,
    operands.map((x) => x.shape),
  );
  const labels = [...sizes.keys()];
  const shape = output.map((label) => sizes.get(label)!);
  const result = new Float64Array(shape.reduce((n, size) => n * size, 1));
  const data = operands.map((x) => x.data);
  const at = new Map<string, number>();
  const place = (names: readonly string[], own: readonly number[]): number =>
    names.reduce((p, label, axis) => p * own[axis]! + (own[axis] === 1 ? 0 : at.get(label)!), 0);
  const visit = (depth: number): void => {
    if (depth === labels.length) {
      const product = terms.reduce((p, term, i) => p * data[i]![place(term, operands[i]!.shape)]!, 1);
      result[place(output, shape)]! += product;
      return;
    }
    for (let v = 0; v < sizes.get(labels[depth]!)!; v++) {
      at.set(labels[depth]!, v);
      visit(depth + 1);
    }
  };
  visit(0);
  return tensor(result).reshape(shape);
}

function expectClose(got: Tensor, wanted: Tensor): void {
  expect(got.shape).toEqual(wanted.shape);
  const e = wanted.data;
  got.data.forEach((v, i) => {
    expect(v).toBeCloseTo(e[i]!, 12);
  });
}

describe("einsum is what its equation says", () => {
  test.each<[string, ...number[][]]>([
    ["ij,jk->ik", [2, 3], [3, 4]],
    ["ij,kj->ik", [2, 3], [4, 3]],
    ["ji,jk->ki", [3, 2], [3, 4]],
    ["bij,bjk->bik", [2, 3, 2], [2, 2, 3]],
    ["bij,jk->ikb", [2, 3, 2], [2, 3]],
    ["i,j->ij", [2], [3]],
    ["i,i->", [3], [3]],
    ["i,i->i", [3], [3]],
    ["bi,bi->b", [2, 3], [2, 3]],
    ["ijk,ik->j", [2, 3, 2], [2, 2]],
    ["ij,Ab->ijAb", [2, 3], [2, 2]],
    ["ijkl,lmik->jm", [2, 2, 3, 2], [2, 3, 2, 3]],
    // one operand
    ["ij->ji", [2, 3]],
    ["ij->", [2, 3]],
    ["ij->j", [2, 3]],
    ["->", []],
    // diagonals
    ["ii", [3, 3]],
    ["ii->i", [3, 3]],
    ["iii->i", [2, 2, 2]],
    ["iji->j", [2, 3, 2]],
    ["ijij->ji", [2, 3, 2, 3]],
    ["aabb,b->a", [2, 2, 3, 3], [3]],
    // without an arrow: letters that occur once, in alphabetical order, capitals first
    ["ba", [2, 3]],
    ["aB", [2, 3]],
    ["ij,jh", [2, 3], [3, 4]],
    ["i j , j k", [2, 3], [3, 4]],
    // ellipses
    ["...ij,...jk->...ik", [2, 1, 2, 3], [4, 3, 2]],
    ["i...->...", [2, 3, 4]],
    ["...i,...i", [2, 3], [3]],
    ["i...j->j...i", [2, 3, 4, 5]],
    ["...ii->...i", [2, 3, 3]],
    ["a...,...b->...", [2, 3], [3, 2]],
    ["...,->...", [2, 3], []],
    ["...i->i", [2, 3, 2]],
    ["i->...i", [3]],
    // sizes of 1 broadcast
    ["ij,ij->ij", [1, 3], [2, 1]],
    ["ij,jk->ik", [2, 1], [3, 4]],
    ["ij,ij->", [2, 1], [2, 3]],
    ["i,i->i", [1], [1]],
    // three and more operands
    ["ij,jk,kl->il", [2, 3], [3, 4], [4, 2]],
    ["i,ij,j->", [2], [2, 3], [3]],
    ["...i,oij,...j->...o", [2, 3], [4, 3, 2], [2, 2]],
    ["a,b,c,d->dcba", [2], [3], [1], [2]],
    ["ij,ij,ij->i", [2, 3], [2, 3], [2, 3]],
    // nothing
    ["ij,jk->ik", [2, 0], [0, 3]],
    ["ij,jk->ik", [0, 2], [2, 3]],
    ["ii->i", [0, 0]],
    ["i,i->i", [0], [1]],
  ])("%s of %j %j %j %j", (equation, ...shapes) => {
    const operands = shapes.map(sample);
    const wanted = byDefinition(equation, operands);
    expectClose(einsum(equation, ...operands), wanted);

    // It is linear in each operand, so that each gradient is another einsum: ⟨c, f(x)⟩ = ⟨∂f/∂x c, x⟩.
    const leaves = operands.map((x) => tensor(x.data, { requiresGrad: true }).reshape(x.shape));
    const c = sample(wanted.shape, 9);
    const grads = gradients(einsum(equation, ...leaves), leaves, { cotangents: [c], createGraph: true });
    const dot = (a: Tensor, b: Tensor): number => Array.from(a.data).reduce((s, v, i) => s + v * b.data[i]!, 0);
    grads.forEach((g, i) => {
      expect(g.shape).toEqual(operands[i]!.shape);
      expect(dot(g, operands[i]!)).toBeCloseTo(dot(c, wanted), 11);
    });
  });

  test("the gradient of a diagonal lies on it", () => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    einsum("ii", x).backward();
    expect(x.grad?.toArray()).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  test("a quadratic form has its matrix as second derivative", () => {
    const a = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      f64,
    );
    const x = tensor([5, 7], { ...f64, requiresGrad: true });
    const [g] = gradients(einsum("i,ij,j->", x, a, x), [x], { createGraph: true });
    expect(g.toArray()).toEqual([45, 81]); // (A + Aᵀ) x
    const [row] = gradients(g, [x], { cotangents: [tensor([1, 0], f64)] });
    expect(row.toArray()).toEqual([2, 5]);
  });
});

describe("dtypes of einsum", () => {
  test("are promoted, and integers stay", () => {
    const int = tensor([1, 2, 3], { dtype: "int32" });
    const dot = einsum("i,i->", int, int);
    expect([dot.dtype, dot.item()]).toEqual(["int32", 14]);
    expect(einsum("i,i->", int, ones([3])).dtype).toBe("float32");
    expect(einsum("i,->i", ones([3]), ones([], f64)).dtype).toBe("float64");
  });

  test("gradients come in the operands' own", () => {
    const a = tensor([1, 2], { requiresGrad: true });
    const b = tensor([3, 4], { ...f64, requiresGrad: true });
    einsum("i,i->", a, b).backward();
    expect([a.grad?.dtype, a.grad?.toArray()]).toEqual(["float32", [3, 4]]);
    expect([b.grad?.dtype, b.grad?.toArray()]).toEqual(["float64", [1, 2]]);
  });
});

describe("einsum refuses", () => {
  const x = zeros([2, 3]);

  test.each<[string, Tensor[], string]>([
    ["ij->ik", [x], 'einsum: a letter of the output must be in a term, got "k" in "ij->ik"'],
    ["ij->ii", [x], 'einsum: a letter may be in the output once, got "i" in "ij->ii"'],
    ["i1", [x], 'einsum: a term is letters, and "..." at most once, got "i1" in "i1"'],
    ["i..", [x], 'got "i.." in "i.."'],
    ["...i...", [x], 'got "...i..." in "...i..."'],
    ["ij->i..", [x], 'got "i.." in "ij->i.."'],
    ["ij->i->j", [x], 'einsum: an equation has at most one arrow, got "ij->i->j"'],
    ["ij,jk", [x], 'einsum: one term per operand, separated by commas, got 2 for 1 in "ij,jk"'],
    ["ij", [x, x], 'got 1 for 2 in "ij"'],
    ["", [], 'got 1 for 0 in ""'],
  ])("the malformed equation %j", (equation, operands, message) => {
    refuses(() => einsum(equation, ...operands), ValueError, message);
  });

  test.each<[string, Tensor[], string]>([
    ["i", [x], 'einsum: a term has one letter per axis, got "i" for [2, 3] (operand 0); write "..." for axes'],
    ["ij,...ijk", [x, x], 'got "...ijk" for [2, 3] (operand 1)'],
    ["ii", [x], 'einsum: a letter that is repeated in a term needs equal sizes, got 2 and 3 for "i" in "ii"'],
    ["ii", [zeros([1, 3])], "got 1 and 3"],
    ["ij,ji", [x, x], 'einsum: sizes of a letter must be equal, or 1, got 3 and 2 for "j" in "ij,ji"; operand 1'],
    ["...,...", [x, zeros([2])], 'got 3 and 2 for "..." in "...,..."; operand 1'],
  ])("the shapes of %j", (equation, operands, message) => {
    refuses(() => einsum(equation, ...operands), ShapeError, message);
  });

  test("what is neither equation nor tensor, and bools", () => {
    refuses(
      () => einsum("i,i", [x, x] as unknown as Tensor),
      DTypeError,
      "einsum: operands must be tensors, got an array",
    );
    refuses(
      () => einsum(x as unknown as string, x),
      ValueError,
      "einsum: the equation must be a string, got a tensor float32[2, 3]",
    );
    refuses(
      () => einsum("i", tensor([true])),
      DTypeError,
      "einsum: operands must be numbers, got bool; cast them first",
    );
  });
});
