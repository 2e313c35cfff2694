import { join } from "node:path";
import fc from "fast-check";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import * as T from "../../src/index.ts";
import { root } from "../docs/extract.ts";
import { programOf } from "../docs/program.ts";

// What the type checker says of shapes, beside what they are.

/** Compiles code that uses the library as T. */
function compiled(
  code: string,
  exactOptionalPropertyTypes = true,
): { checker: ts.TypeChecker; file: ts.SourceFile; problems: string[] } {
  const path = join(root, "inferred.ts");
  const program = programOf(new Map([[path, code]]), {
    exactOptionalPropertyTypes,
    noUncheckedIndexedAccess: true,
  });
  const file = program.getSourceFile(path)!;
  const problems = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
    ({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"),
  );
  return { checker: program.getTypeChecker(), file, problems };
}

test("says of an op, a layer or a loss that does not fit what does not, with both sizes, in few lines", () => {
  const wrong: readonly (readonly [code: string, text: string])[] = [
    ["T.matmul(T.zeros([32, 784]), T.zeros([100, 10]))", "inner sizes 784 and 100"],
    ["T.zeros([32, 784]).matmul(T.zeros([100, 10]))", "inner sizes 784 and 100"],
    ["T.add(T.zeros([32, 784]), T.zeros([32, 10]))", "sizes 784 and 10"],
    ["T.zeros([32, 784]).sub(T.zeros([32, 10]))", "sizes 784 and 10"],
    ["T.zeros([2, 3]).mul(T.zeros([2]))", "sizes 3 and 2"],
    ["T.where(T.zeros([2, 3]).gt(0), T.zeros([2, 3]), T.zeros([4]))", "sizes 3 and 4"],
    ["new T.Linear(784, 10).forward(T.zeros([32, 100]))", "the last axis has 100, not 784"],
    [
      "new T.Sequential(new T.Linear(784, 128), T.relu, new T.Linear(128, 10)).forward(T.zeros([32, 100]))",
      "the last axis has 100, not 784",
    ],
    ["new T.Sequential(new T.Linear(784, 128), T.relu, new T.Linear(64, 10))", "128 features go into a layer for 64"],
    ["new T.Conv2d(3, 16, 3).forward(T.zeros([8, 1, 28, 28]))", "1 channels go into a layer for 3"],
    [
      "new T.Conv2d(3, 16, 3).forward(T.zeros([8, 28, 3, 28, 28]))",
      "a shape of 5 axes, where 2 stand behind the channels",
    ],
    ["new T.Sequential(new T.Conv2d(1, 16, 3), T.relu, new T.Conv2d(8, 8, 3))", "16 channels go into a layer for 8"],
    [
      "new T.Sequential(new T.Conv2d(1, 16, 3), new T.MaxPool2d(2), new T.BatchNorm2d(8))",
      "16 channels go into a layer for 8",
    ],
    ["new T.BatchNorm2d(4).forward(T.zeros([8, 3, 28, 28]))", "3 channels go into a layer for 4"],
    ["new T.TransformerEncoderLayer(16, 2).forward(T.zeros([2, 5, 8]))", "the last axis has 8, not 16"],
    ["new T.MultiheadAttention(16, 2).forward(T.zeros([2, 5, 8]))", "the last axis has 8, not 16"],
    [
      "new T.TransformerDecoderLayer(16, 2).forward(T.zeros([2, 5, 8]), T.zeros([2, 3, 16]))",
      "the last axis has 8, not 16",
    ],
    [
      "new T.Sequential(new T.Embedding(100, 32), new T.TransformerEncoderLayer(16, 2))",
      "32 features go into a layer for 16",
    ],
    ["new T.LayerNorm(16).forward(T.zeros([2, 8]))", "the last axis has 8, not 16"],
    ["new T.Sequential(new T.Linear(4, 8), new T.LayerNorm(16))", "8 features go into a layer for 16"],
    ["new T.Sequential(new T.Embedding(9, 8), new T.RMSNorm([5, 16]))", "8 features go into a layer for 16"],
    ["new T.Sequential(new T.Conv2d(1, 8, 3), new T.GroupNorm(4, 16))", "8 channels go into a layer for 16"],
    ["new T.Sequential(new T.Conv2d(1, 8, 3), new T.SqueezeExcite(16))", "8 channels go into a layer for 16"],
    [
      "new T.Sequential(new T.Linear(4, 8), new T.BatchNorm1d(16)).forward(T.zeros([2, 4]))",
      "8 channels go into a layer for 16",
    ],
    ["new T.Sequential(new T.Conv2d(1, 8, 3), new T.PReLU(16))", "8 channels go into a layer for 16"],
    ["new T.GroupNorm(2, 4).forward(T.zeros([4]))", "a shape of 1 axes, of which none is for channels"],
    ["new T.Residual(new T.Linear(8, 8)).forward(T.zeros([2, 4]))", "the last axis has 4, not 8"],
    ["new T.Sequential(new T.Linear(4, 8), new T.Residual(new T.Linear(4, 4)))", "8 features go into a layer for 4"],
    ["T.mlp([784, 64, 10]).forward(T.zeros([32, 100]))", "the last axis has 100, not 784"],
    ["new T.Sequential(T.mlp([4, 8, 2]), new T.Linear(3, 1))", "2 features go into a layer for 3"],
    [
      "new T.Sequential(new T.Flatten(), new T.Linear(784, 10)).forward(T.zeros([32, 28, 27]))",
      "the last axis has 756, not 784",
    ],
    ["new T.Linear(780, 10).forward(T.zeros([32, 28, 28]).flatten(1))", "the last axis has 784, not 780"],
    ["T.mse(T.zeros([32, 10]), T.zeros([32, 1]))", "target sizes 1 and 10"],
    ["T.mse(T.zeros([32, 1]), T.zeros([32]))", "the target has fewer axes"],
    ["T.crossEntropy(T.zeros([32, 10]), T.zeros([16]))", "target sizes 16 and 32"],
    ["T.crossEntropy(T.zeros([32, 10]), T.zeros([32, 1]))", "target sizes 1 and 10"],
    ["T.crossEntropy(T.zeros([8, 10, 4, 4]), T.zeros([8, 4]))", "the target has fewer axes"],
    ["T.crossEntropy(T.zeros([10]), T.zeros([3]))", "target sizes 3 and 10"],
    ["T.nll(T.zeros([32, 10]), T.zeros([16]))", "target sizes 16 and 32"],
    ["T.nll(T.zeros([32, 10]), T.zeros([32, 10]))", "the target has more axes"],
    ["T.dice(T.zeros([8, 2, 4]), T.zeros([8, 5]))", "target sizes 5 and 4"],
    ["T.iou(T.zeros([8, 2, 4]), T.zeros([8]))", "the target has fewer axes"],
    ["T.focal(T.zeros([8, 2]), T.zeros([8, 3]))", "target sizes 3 and 2"],
    ["T.klDiv(T.zeros([8, 2]), T.zeros([8, 3]))", "target sizes 3 and 2"],
    ["T.hinge(T.zeros([8, 1]), T.zeros([8]))", "the target has fewer axes"],
    ["T.hingeEmbedding(T.zeros([8]), T.zeros([9]))", "target sizes 9 and 8"],
    ["T.poissonNll(T.zeros([8]), T.zeros([8, 1]))", "the target has more axes"],
    ["T.gaussianNll(T.zeros([8]), T.zeros([9]), T.zeros([8]))", "target sizes 9 and 8"],
    ["T.zeros([2, 3]).sum(3)", "axis 3 of a tensor with 2 axes"],
    ["T.mean(T.zeros([2, 3]), [0, 2], { keepDims: true })", "axis 2 of a tensor with 2 axes"],
    ["T.zeros([2, 3]).max([1, -1])", "axis -1 named twice"],
    ["T.argmax(T.zeros([3]), 1)", "axis 1 of a tensor with 1 axis"],
    ["T.zeros([2, 3]).norm(2, -3)", "axis -3 of a tensor with 2 axes"],
    ["T.median(T.zeros([]), 1)", "axis 1 of a tensor with 0 axes"],
    ["T.zeros([2, 3]).transpose(0, 5)", "axis 5 of a tensor with 2 axes"],
    ["T.transpose(T.zeros([2, 3]), -3, 0)", "axis -3 of a tensor with 2 axes"],
    ["T.zeros([2, 3]).permute([0, 0])", "axis 0 named twice"],
    ["T.permute(T.zeros([2, 3]), [0, 2])", "axis 2 of a tensor with 2 axes"],
    ["T.zeros([2, 3]).permute(0)", "1 axis named of a tensor with 2 axes"],
    ["T.zeros([2, 3]).unsqueeze(7)", "new axis 7 of a tensor with 2 axes"],
    ["T.unsqueeze(T.zeros([2, 3]), -4)", "new axis -4 of a tensor with 2 axes"],
    ["T.zeros([2, 3]).squeeze(2)", "axis 2 of a tensor with 2 axes"],
    ["T.squeeze(T.zeros([2, 1]), [1, 2])", "axis 2 of a tensor with 2 axes"],
    ["T.zeros([2, 3]).flatten(2)", "axis 2 of a tensor with 2 axes"],
    ["T.cat([T.zeros([2, 3]), T.zeros([2, 4])])", "sizes 3 and 4 of axis 1"],
    ["T.cat([T.zeros([2, 3]), T.zeros([5, 3])], -1)", "sizes 2 and 5 of axis 0"],
    ["T.cat([T.zeros([2, 3]), T.zeros([3])])", "a tensor with 2 axes and one with 1 axis"],
    ["T.cat([T.zeros([2, 3])], 2)", "axis 2 of a tensor with 2 axes"],
    ["T.stack([T.zeros([2, 3]), T.zeros([2, 4])])", "sizes 3 and 4 of axis 1"],
    ["T.stack([T.zeros([]), T.zeros([1])])", "a tensor with 0 axes and one with 1 axis"],
    ["T.stack([T.zeros([2])], 2)", "new axis 2 of a tensor with 1 axis"],
    ["T.zeros([2, 3]).expand(4, 3)", "size 2 repeated to 4"],
    ["T.expand(T.zeros([2, 3]), [2, 2, 1])", "size 3 repeated to 1"],
    ["T.zeros([2, 3]).expand([3])", "2 axes repeated to 1 axis"],
    ["T.zeros([2, 3]).softmax(2)", "axis 2 of a tensor with 2 axes"],
    ["T.zeros([2]).logSoftmax(-2)", "axis -2 of a tensor with 1 axis"],
    ["T.cumsum(T.zeros([2]), 1)", "axis 1 of a tensor with 1 axis"],
    ["T.argsort(T.zeros([2]), 1)", "axis 1 of a tensor with 1 axis"],
    ["T.zeros([2, 3]).flip([0, -2])", "axis -2 named twice"],
    ["T.linear(T.zeros([32, 784]), T.zeros([784, 10]))", "the last axis has 784, not 10"],
    ["T.linear(T.zeros([32, 784]), T.zeros([784]))", "a weight with 1 axis, not [out, in]"],
    ["T.embedding(T.zeros([3], { dtype: 'int32' }), T.zeros([4]))", "a table with 1 axis, not 2"],
    ["T.scaledDotProductAttention(T.zeros([2, 4, 8]), T.zeros([2, 5, 7]), T.zeros([2, 5, 3]))", "inner sizes 8 and 7"],
    ["T.scaledDotProductAttention(T.zeros([2, 4, 8]), T.zeros([2, 5, 8]), T.zeros([2, 6, 3]))", "inner sizes 5 and 6"],
    ["let h = T.zeros([2, 3]); h = T.zeros([3, 2])", "Type '[3, 2]' is not assignable to type '[2, 3]'"],
    [
      "((x: T.Tensor<[number, 784]>) => x)(T.zeros([32, 100]))",
      "Type '[32, 100]' is not assignable to type '[number, 784]'",
    ],
    ["T.zeros([2, 3]).sum(0, { keepdim: true })", "Did you mean to write 'keepDims'?"],
    ["T.zeros([2, '3'])", "Type 'string' is not assignable to type 'number'"],
    ["T.zeros(3)", "Argument of type 'number' is not assignable to parameter of type 'Spread<Shape>'"],
    [
      "T.zeros([2, 3]).add([1, 2, 3])",
      "Argument of type 'number[]' is not assignable to parameter of type 'number | Tensor<any>'",
    ],
  ];
  // Each twice: of a type that it has refused before, TypeScript says the first line only.
  const { problems } = compiled(
    `import * as T from "tinygrad-ts";\n${wrong.map(([code]) => `{ ${code} }\n{ ${code} }`).join("\n")}`,
  );
  expect(problems).toHaveLength(2 * wrong.length);
  problems.forEach((problem, i) => {
    const [, text] = wrong[i >> 1]!;
    const isShape = !/Type|Did|Argument/.test(text);
    expect(isShape ? problem.split("\n")[0] : problem).toContain(isShape ? `Mismatch<"${text}">` : text);
    expect(problem.split("\n").length, problem).toBeLessThanOrEqual(4);
  });
});

test("knows nothing where an option may be undefined", () => {
  const { checker, file, problems } = compiled(
    `import * as T from "tinygrad-ts";
    declare const keepDims: true | undefined;
    declare const reduction: "none" | undefined;
    declare const some: { keepDims?: true; reduction?: "none" } | undefined;
    const x = T.zeros([2, 3]);
    const a = x.sum(0, { keepDims });
    const b = T.mse(x, x, { reduction });
    const c = x.sum(0, some);
    const d = T.mse(x, x, some);
    const e = T.mse(x, x, { ...some });`,
    false,
  );
  expect(problems).toEqual([]);
  const types = file.statements
    .filter(ts.isVariableStatement)
    .map(({ declarationList: { declarations } }) => checker.typeToString(checker.getTypeAtLocation(declarations[0]!)));
  expect(types.slice(4)).toEqual(new Array(5).fill("Tensor<any>"));
});

test("refuses axes that there are not, or that come twice, as the ops do, and invents no shape for them", () => {
  const wrong: readonly string[] = [
    "x.sum(2)",
    "x.sum(-3)",
    "T.mean(x, [0, 2], { keepDims: true })",
    "T.max(x, [1, -1])",
    "T.argmax(x, 2)",
    "x.transpose(0, 2)",
    "T.transpose(x, -3, 0)",
    "x.permute([1, 0, 2])",
    "x.permute([1])",
    "x.permute(0, -2)",
    "T.unsqueeze(x, 3)",
    "x.unsqueeze(-4)",
    "x.squeeze(2)",
    "T.squeeze(x, -3)",
    "T.cat([x, x], 2)",
    "x.flatten(2)",
    "x.flatten(-3, 1)",
    "T.stack([x, x], 3)",
    "T.stack([x, x], -4)",
  ];
  const { checker, file, problems } = compiled(
    `import * as T from "tinygrad-ts"; const x = T.zeros([1, 784]);\n${wrong.map((code, i) => `const y${i} = ${code};`).join("\n")}`,
  );
  expect(problems).toHaveLength(wrong.length);
  const x = T.zeros([1, 784]);
  const declared = file.statements.filter(ts.isVariableStatement).slice(1);
  wrong.forEach((code, i) => {
    expect(() => evaluated(code, x), code).toThrow(T.TinygradError);
    const { name } = declared[i]!.declarationList.declarations[0]!;
    expect(checker.typeToString(checker.getTypeAtLocation(name)), code).toBe("Tensor<any>");
  });
});

test("multiplies sizes as numbers do", () => {
  const size = fc.oneof(fc.nat(12), fc.nat(1_000), fc.nat(2_000_000), fc.constantFrom(99, 999_999, 1e21));
  const pairs = fc.sample(fc.tuple(size, size), { numRuns: 100, seed: 1 });
  const lines = pairs.map(([x, y], i) => `const y${i} = T.zeros([${x}, ${y}]).flatten(0);`);
  const { checker, file } = compiled(`import * as T from "tinygrad-ts";\n${lines.join("\n")}`);
  const declared = file.statements.filter(ts.isVariableStatement);
  pairs.forEach(([x, y], i) => {
    const { name } = declared[i]!.declarationList.declarations[0]!;
    const known = x === 1 || y === 1 || x * y < 1e21 ? x * y : "number";
    expect(checker.typeToString(checker.getTypeAtLocation(name)), lines[i]).toBe(`Tensor<[${known}]>`);
  });
});

/** A step of a drawn program: from a shape, code that follows `x` or takes it. Of `maybe(value, flag)`, the type checker knows the value, and that it may be missing. */
const steps: readonly ((shape: readonly number[], pick: (n: number) => number) => string)[] = [
  () => "T.relu(x)",
  () => "T.add(x, 1)",
  () => "T.mul(2, x)",
  (s) => `T.add(x, T.zeros([${s.map((n, i) => (i % 2 ? 1 : n))}]))`,
  (s) => `T.sub(T.zeros([3, ${s.map(() => 1)}]), x)`.replace(", ]", "]"),
  (s, pick) => `T.maximum(x, T.zeros([${s.slice(pick(s.length + 1))}]))`,
  (s, pick) => `T.sum(x, ${s.length ? pick(2 * s.length) - s.length : undefined})`,
  (s, pick) => `x.mean(${s.length ? `[${pick(s.length)}]` : undefined}, { keepDims: true })`,
  (s, pick) => `T.argmax(x, ${pick(s.length || 1)})`,
  (s, pick) => `x.max(${pick(2) - 1}).sum([${s.length < 2 ? -1 : 0}])`,
  () => "x.sum()",
  (s, pick) => (s.length > 1 ? `T.cat([T.zeros([0]), x, T.zeros([${grown(s, pick)}])], ${pick(s.length)})` : "x.neg()"),
  (s, pick) => (s.length ? `T.cat([T.zeros([1]).slice([1, 1]), x], ${pick(s.length)})` : "x.neg()"),
  (s) => `T.stack([T.zeros([${s}]), x, ${s.length ? `T.zeros([0, ${s}]).sum(0)` : "T.tensor(1)"}], 0)`,
  (s, pick) => `T.unsqueeze(x, 0).expand(${pick(3)}, ${s.map((n, i) => (i % 2 ? n : -1))})`.replace(", )", ")"),
  (s, pick) => (s.length ? `T.sum(x, ${perhaps(pick(s.length), pick)})` : "x.neg()"),
  (s, pick) => (s.length ? `x.max(${pick(s.length)}, ${perhaps("{ keepDims: true }", pick)})` : "x.neg()"),
  (s, pick) => (s.length ? `x.std(${perhaps("[0]", pick)}, { ...{ keepDims: true } })` : "x.neg()"),
  (s, pick) => (s.length ? `T.norm(x, 1, ${perhaps(`[${pick(s.length)}]`, pick)})` : "x.neg()"),
  (s, pick) => (s.length ? `x.argmin(${perhaps(pick(s.length), pick)}, {})` : "x.neg()"),
  (s, pick) => `T.squeeze(x, ${s.length ? perhaps(pick(s.length), pick) : ""})`,
  (s, pick) => (s.length > 1 ? `x.transpose(${perhaps(0, pick)}, ${perhaps(pick(s.length), pick)})` : "x.neg()"),
  (s, pick) => (s.length ? `x.flatten(${perhaps(pick(s.length), pick)}, ${perhaps(-1, pick)})` : "x.neg()"),
  (s, pick) => (s.length ? `T.stack([x, ...[x]], ${perhaps(1, pick)})` : "x.neg()"),
  (s, pick) => (s.length > 1 ? `T.cat([x, ...[x]], ${perhaps(1, pick)})` : "x.neg()"),
  (_, pick) => `T.mse(x, x, ${perhaps('{ reduction: "none" }', pick)})`,
  () => "T.huber(x, x)",
  (_, pick) => `T.l1(x, x, ${perhaps('{ reduction: "none" }', pick)})`,
  (s) => `T.bceWithLogits(x, T.zeros([${s}]), { reduction: "none" })`,
  (s) =>
    s.length > 1 && s[1]! > 0
      ? `T.crossEntropy(x, T.zeros([${[s[0], ...s.slice(2)]}], { dtype: "int32" }))`
      : "T.softmax(x, -1)",
  (s) => `T.oneHot(T.zeros([${s}], { dtype: "int32" }), 3)`,
  (s) => `new T.Embedding(4, 3).forward(T.zeros([${s}], { dtype: "int32" }))`,
  (s) => `T.reshape(x, [...[${s}]])`,
  (s) => `T.expand(x, [2, ...[${s}]])`,
  (s) => `T.permute(x, [${s.length ? s.length - 1 : ""}, ...[${s.slice(1).map((_, i) => i)}]])`,
  (s) => `T.zeros([2, ...[${s}]], { dtype: "float64" })`,
  (s) => (s.length ? `new T.LayerNorm(${s.at(-1)}).forward(x)` : "T.tanh(x)"),
  (s) => (s.length ? `new T.RMSNorm([${s.slice(-2)}]).forward(x)` : "T.tanh(x)"),
  (s) => (s.length > 1 ? `new T.GroupNorm(1, ${s[1]}).forward(x)` : "T.tanh(x)"),
  (s) => (s.length === 2 || s.length === 3 ? `new T.BatchNorm1d(${s[1]}).eval().forward(x)` : "T.tanh(x)"),
  (s) => (s.length > 2 ? `new T.SqueezeExcite(${s[1]}).forward(x)` : "T.tanh(x)"),
  (s) =>
    s.length
      ? `new T.Residual(new T.Sequential(new T.Linear(${s.at(-1)}, 2), new T.Linear(2, ${s.at(-1)}))).forward(x)`
      : "T.tanh(x)",
  (s) =>
    s.length
      ? `new T.Residual(new T.Linear(${s.at(-1)}, 2), { projection: new T.Linear(${s.at(-1)}, 2) }).forward(x)`
      : "T.tanh(x)",
  (s, pick) => (s.length ? `x.softmax(${perhaps(pick(2 * s.length) - s.length, pick)})` : "x.logSoftmax()"),
  (s, pick) => (s.length ? `T.cumsum(x, ${pick(2 * s.length) - s.length})` : "T.cumprod(x, 0)"),
  (s, pick) => (s.length ? `T.flip(x, ${perhaps(`[${pick(s.length)}]`, pick)})` : "x.flip()"),
  (s) => (s.length ? `T.layerNorm(x, ${s.at(-1)})` : "T.tanh(x)"),
  (s) => (s.length > 1 ? `T.groupNorm(T.rmsNorm(x, ${s.at(-1)}), 1)` : "T.tanh(x)"),
  (s) => (s.length ? `T.linear(x, T.zeros([2, ${s.at(-1)}]))` : "T.sin(x)"),
  (s) => `T.embedding(T.zeros([${s}], { dtype: "int32" }), T.zeros([4, 3]))`,
  (s, pick) =>
    s.length > 1
      ? `T.scaledDotProductAttention(x, x, T.zeros([${s.slice(0, -1)}, ${pick(3)}]))`
      : "T.outer(x.flatten(), T.eye(2).flatten())",
  () => "T.eye(2, 3)",
  () => "T.transpose(x)",
  (s, pick) => (s.length ? `x.transpose(${pick(s.length)}, ${pick(s.length) - s.length})` : "x.exp()"),
  (s) => `T.permute(x, [${s.map((_, i) => s.length - 1 - i)}])`,
  (s) => `x.reshape([${s.map((n) => n)}])`,
  (s) => (s.length && !s.includes(0) ? "x.reshape(-1)" : "x.neg()"),
  () => "T.flatten(x)",
  (s, pick) => (s.length ? `x.flatten(${pick(2 * s.length) - s.length})` : "x.neg()"),
  (s, pick) => (s.length > 1 ? `T.flatten(x, ${pick(s.length - 1)}, ${pick(2) - 1})` : "x.neg()"),
  (s) => (s.length > 1 ? "new T.Flatten().forward(x)" : "x.neg()"),
  (s, pick) => (s.length ? `new T.Flatten(${pick(s.length)}, ${perhaps(-1, pick)}).forward(x)` : "x.neg()"),
  (s, pick) => `T.unsqueeze(x, ${pick(2 * s.length + 2) - s.length - 1})`,
  (s, pick) => `T.squeeze(x, ${s.length ? pick(s.length) : undefined})`,
  () => "T.stack([x, x], -1)",
  (s) => (s.length ? "T.cat([x, x], -1)" : "T.log(x)"),
  (s) => (s.length && s[0]! > 0 ? "T.slice(x, 0)" : "T.slice(x)"),
  (s) => (s.length > 1 ? "T.slice(x, null, [0, 1])" : "T.slice(x)"),
  (s) => (s.length ? `T.matmul(x, T.zeros([${s.at(-1)}, 4]))` : "T.sin(x)"),
  (s) => (s.length ? `T.matmul(T.zeros([${s.at(-1)}]), T.transpose(x))` : "T.cos(x)"),
  (s) => (s.length ? `new T.Linear(${s.at(-1)}, 5).forward(x)` : "new T.Tanh().forward(x)"),
  (s) => (s.length ? `new T.Sequential(new T.Linear(${s.at(-1)}, 2), T.relu, new T.Linear(2, 3)).forward(x)` : "x"),
  (s) => (s.length > 1 ? `new T.Conv1d(${s.at(-2)}, 4, 1, { padding: 1 }).forward(x)` : "T.tanh(x)"),
  (s) => (s.length > 2 ? `new T.ConvTranspose2d(${s.at(-3)}, 2, 2, { stride: 2 }).forward(x)` : "T.tanh(x)"),
  (s) => (s.length > 2 ? `T.conv2d(x, T.zeros([3, ${s.at(-3)}, 1, 1]))` : "T.sigmoid(x)"),
  (s) => (s.length > 1 ? "new T.MaxPool1d(2, { stride: 1, padding: 1 }).forward(x)" : "T.tanh(x)"),
  (s) => (s.length > 2 ? "T.avgPool2d(x, 1)" : "T.sigmoid(x)"),
  (s) => (s.length > 2 ? "new T.AdaptiveAvgPool2d([2, null]).forward(x)" : "T.tanh(x)"),
  (s) => (s.length > 2 ? "new T.ZeroPad2d([1, [0, 2]]).forward(x)" : "T.tanh(x)"),
  (s) => (s.length > 2 ? `new T.InstanceNorm2d(${s.at(-3)}).forward(x)` : "T.sigmoid(x)"),
  (s) => (s.length > 1 ? `new T.TransformerEncoderLayer(${s.at(-1)}, 1, { hidden: 2 }).forward(x)` : "T.sin(x)"),
  (s) => (s.length > 1 ? `new T.MultiheadAttention(${s.at(-1)}, 1).forward(x)` : "T.sin(x)"),
  (s) => (s.length > 1 ? `new T.TransformerDecoderLayer(${s.at(-1)}, 1, { hidden: 2 }).forward(x, x)` : "T.sin(x)"),
  (s) =>
    s.length > 2
      ? `new T.Sequential(new T.Conv2d(${s.at(-3)}, 2, 1), T.relu, new T.MaxPool2d(1), new T.Conv2d(2, 3, 1)).forward(x)`
      : "T.cos(x)",
  (s) => (s.length ? `T.mlp([${s.at(-1)}, 5, 2]).forward(x)` : "T.cos(x)"),
  () => 'T.mse(x, x, { reduction: "none" })',
  () => "T.where(T.gt(x, 0), x, 0)",
  () => "x.softmax !== undefined ? x.detach() : x",
];

/** A shape with one axis longer. */
function grown(shape: readonly number[], pick: (n: number) => number): readonly number[] {
  return shape.map((n, axis) => (axis === pick(shape.length) ? n + 1 : n));
}

/** Code of a value that the type checker takes for one that may be missing. */
function perhaps(value: number | string | boolean, pick: (n: number) => number): string {
  return `maybe(${value}, ${pick(2) === 1})`;
}

/** The value of a drawn expression. */
function evaluated(code: string, x: T.Tensor): T.Tensor {
  const maybe = <V>(value: V, isThere: boolean): V | undefined => (isThere ? value : undefined);
  return new Function("T", "x", "maybe", `return ${code}`)(T, x, maybe) as T.Tensor;
}

describe("of random programs", () => {
  test.each([true, false])("the type of each step is the shape that it has, or says nothing; exact: %s", (isExact) => {
    const shapes = fc.array(fc.nat(3), { maxLength: 4 });
    const draws = fc.sample(
      fc.tuple(shapes, fc.array(fc.tuple(fc.nat(steps.length - 1), fc.nat(1000)), { minLength: 1, maxLength: 4 })),
      {
        numRuns: Number(process.env["TYPED_PROGRAMS"] ?? 150),
        seed: Number(process.env["SEED"] ?? 1) + Number(isExact),
      },
    );
    const lines: string[] = [
      'import * as T from "tinygrad-ts"; declare function maybe<const V>(value: V, isThere: boolean): V | undefined;',
    ];
    const real: (readonly number[])[] = [];
    for (const [shape, program] of draws) {
      let value: T.Tensor = T.zeros(shape, { dtype: "float64" });
      let name = `v${real.length}`;
      lines.push(`const ${name} = T.zeros([${shape}]);`);
      real.push(value.shape);
      for (const [which, seed] of program) {
        const code = steps[which]!(value.shape, (n) => seed % n);
        const next = `v${real.length}`;
        try {
          value = evaluated(code, value).to("float64");
        } catch {
          break; // of no elements, say, there is no largest one
        }
        lines.push(`const ${next} = (${code.replace(/(?<![\w.])x(?![\w])/g, name)}).to("float64");`);
        real.push(value.shape);
        name = next;
      }
    }
    const { checker, file, problems } = compiled(lines.join("\n"), isExact);
    expect(problems).toEqual([]);
    let known = 0;
    let at = 0;
    ts.forEachChild(file, (node) => {
      if (!ts.isVariableStatement(node)) return;
      const shape = real[at++]!;
      const text = checker.typeToString(checker.getTypeAtLocation(node.declarationList.declarations[0]!.name));
      if (text === "Tensor<any>") return;
      known++;
      const sizes = /^Tensor<\[(.*)\]>$/.exec(text)?.[1];
      expect(sizes, text).toBeDefined();
      const list = sizes === "" ? [] : sizes!.split(", ");
      expect(list.length, `${text} for [${shape}] of ${lines[at]}`).toBe(shape.length);
      list.forEach((size, i) => {
        if (size !== "number") expect(Number(size), `${text} for [${shape}] of ${lines[at]}`).toBe(shape[i]);
      });
    });
    expect(at).toBe(real.length);
    expect(known / at).toBeGreaterThan(0.8);
  });
});
