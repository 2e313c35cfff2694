import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { library } from "../blas/library.ts";

// A process may hold the package twice: imported by one module, and required by another. Each copy has classes of its own; the state is one.
// `npm run build` first: these tests read dist/, in processes of their own.

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Runs a program that has the copies as `E` (imported) and `C` (required), and returns what it prints as JSON. */
function run(body: string): unknown {
  const subpaths = ["index", "train", "gradcheck", "safetensors", "compile", "debug", "model", "blas"];
  const code = `
    import { createRequire } from "node:module";
    const require = createRequire(${JSON.stringify(`${root}package.json`)});
    const [E, C] = [{}, {}];
    for (const name of ${JSON.stringify(subpaths)}) {
      Object.assign(E, await import(${JSON.stringify(`${root}dist/`)} + name + ".js"));
      Object.assign(C, require("./dist/" + name + ".cjs"));
    }
    if (E.Tensor === C.Tensor) throw new Error("one copy only");
    const messageOf = (f) => { try { return f(); } catch (error) { return error.name + ": " + error.message; } };
    const print = (value) => console.log(JSON.stringify(value));
    ${body}
  `;
  return JSON.parse(execFileSync(process.execPath, ["--input-type=module"], { input: code, encoding: "utf8" }));
}

/** A body for each direction: `A` is the one copy, `B` the other. */
function bothWays(body: string): unknown[] {
  return ["const [A, B] = [E, C];", "const [A, B] = [C, E];"].map((names) => run(`${names} ${body}`));
}

/** Expects the same from both directions. */
function expectBothWays(body: string, wanted: unknown): void {
  expect(bothWays(body)).toEqual([wanted, wanted]);
}

test("there are two copies here", () => {
  expect(createRequire(import.meta.url).resolve(`${root}dist/index.cjs`)).toContain("index.cjs");
  expect(run("print(E.Tensor === C.Tensor)")).toBe(false);
});

describe("state", () => {
  test("an assign of one is seen by the other: the gradient is refused instead of wrong", () => {
    expectBothWays(
      `
      const w = A.tensor(3, { requiresGrad: true });
      const y = A.pow(w, 3);
      B.noGrad(() => w.assign(B.tensor(100)));
      print(messageOf(() => y.backward()));
    `,
      expect.stringMatching(/^GradError: pow \(backward\): a value that it needs was overwritten/),
    );
  });

  test.skipIf(library === null)("the BLAS of one multiplies for compiled functions of the other", () => {
    expectBothWays(
      `
      const f = A.compile((x) => A.matmul(x, x));
      const x = A.rand([50, 50]);
      const plain = f(x).data;
      const stop = B.useBlas(await A.blas());
      const out = f(x).data;
      const isOut = String(f.programs[0]).includes("outside");
      stop();
      f(x);
      const isNear = out.every((y, i) => Math.abs(y - plain[i]) < 1e-4);
      print([isOut, String(out) !== String(plain), isNear, String(f.programs[0]).includes("outside")]);
    `,
      [true, true, true, false],
    );
  });

  test("noGrad of one holds for the other", () => {
    expectBothWays(
      `
      const w = A.tensor([1], { requiresGrad: true });
      print([B.noGrad(() => A.mul(w, 2)).requiresGrad, A.mul(w, 2).requiresGrad]);
    `,
      [false, true],
    );
  });

  test("the default generator and the default dtype are one", () => {
    expectBothWays(
      `
      A.manualSeed(7);
      const first = B.rand([2]).toArray();
      B.manualSeed(7);
      const again = A.rand([2]).toArray();
      A.setDefaultDtype("float64");
      print([first.join() === again.join(), B.tensor(1).dtype, B.getDefaultDtype()]);
    `,
      [true, "float64", "float64"],
    );
  });

  test("a generator of one draws for the other, and is a part of its checkpoints", () => {
    expectBothWays(
      `
      const generator = new A.Generator(3);
      const bytes = B.encodeCheckpoint({ generator });
      const drawn = B.rand([2], { generator }).toArray();
      B.loadCheckpoint(bytes, { generator });
      const layer = new B.Dropout(0.5, { generator });
      print([drawn.join() === A.rand([2], { generator }).toArray().join(), layer.forward(A.ones([3])).shape]);
    `,
      [true, [3]],
    );
  });
});

describe("tensors and ops", () => {
  test("accelerate of both, switched off in any order, is on until both are", () => {
    expectBothWays(
      `
      const x = A.tensor(Array.from({ length: 20 }, () => [1e8, 1, -1e8, ...Array(17).fill(0)]));
      // eager code adds up in float64
      const isOn = () => [A, B].map((own) => own.matmul(x, A.ones([20, 20])).toArray()[0][0] === 1 ? "off" : "on").join(" ");
      const seen = [isOn()];
      for (const order of [[0, 1], [1, 0]]) {
        const stops = [A.accelerate(), B.accelerate()];
        for (const k of order) {
          seen.push(isOn());
          stops[k]();
        }
        seen.push(isOn());
      }
      print(seen);
    `,
      ["off off", "on on", "off on", "off off", "on on", "on off", "off off"],
    );
  });

  test("are mixed freely, forward and backward, to the second derivative", () => {
    expectBothWays(
      `
      const a = A.tensor([1, 2], { requiresGrad: true });
      const b = B.tensor([3, 4], { requiresGrad: true });
      const loss = B.sum(A.mul(B.mul(a, b), a));
      loss.backward();
      const [da] = B.gradients(B.sum(A.pow(a, 3)), [a], { createGraph: true });
      const [second] = A.gradients(A.sum(da), [a]);
      print([a.grad.toArray(), b.grad.toArray(), second.toArray(), loss.item()]);
    `,
      [[6, 16], [1, 4], [6, 12], 19],
    );
  });

  test("assign, and make a grad, of the other's tensors", () => {
    expectBothWays(
      `
      const a = A.tensor([1, 2], { requiresGrad: true });
      a.assign(B.tensor([5, 6]));
      a.grad = B.ones([2]);
      print([a.toArray(), a.grad.toArray()]);
    `,
      [
        [5, 6],
        [1, 1],
      ],
    );
  });
});

describe("training", () => {
  const problem = `
    A.manualSeed(1);
    const x = B.tensor([[0, 0], [0, 1], [1, 0], [1, 1]]);
    const y = A.tensor([[0], [1], [1], [2]]);
  `;

  test("a model of one, the optimizer, schedule, clipping and average of the other", () => {
    expectBothWays(
      `${problem}
      const model = new A.Sequential(new B.Linear(2, 8), A.tanh, new A.BatchNorm1d(8), new B.Linear(8, 1));
      const optimizer = new B.Adam(model.parameters(), { lr: 0.05 });
      const schedule = new A.Schedule(optimizer, B.cosine(400));
      const average = new B.EMA(model, { decay: 0.5 });
      let first;
      for (let i = 0; i < 300; i++) {
        const loss = B.mse(model.forward(x), y);
        first ??= loss.item();
        A.clipGradNorm(model.parameters(), 10);
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
        schedule.step();
        average.update();
      }
      model.eval();
      const last = A.mse(model.forward(x), y).item();
      print([last < first / 10, last < 0.05, average.use(() => A.mse(model.forward(x), y).item()) < 0.05,
        [...model.stateDict().keys()].length, model.layers[2].batches.item()]);
    `,
      [true, true, true, 9, 300],
    );
  });

  test("L-BFGS steps with the other's loss", () => {
    expectBothWays(
      `
      const w = A.tensor([3, -2], { dtype: "float64", requiresGrad: true });
      const optimizer = new B.LBFGS([w]);
      optimizer.step(() => { optimizer.zeroGrad(); const loss = A.sum(B.mul(w, w)); loss.backward(); return loss; });
      print(A.max(A.abs(w)).item() < 1e-3);
    `,
      true,
    );
  });

  test("fit takes the other's model, optimizer and batches", () => {
    expectBothWays(
      `${problem}
      const model = new A.Linear(2, 1);
      const optimizer = new A.SGD(model.parameters(), { lr: 0.1 });
      const options = { loss: A.mse, optimizer, epochs: 100 };
      const { epochs } = await B.fit(model, A.batches(new A.TensorDataset(x, y), { shuffle: false }), options);
      print([epochs.at(-1).loss < 0.05, epochs.length]);
    `,
      [true, 100],
    );
  });

  test("states and files go from one to the other", () => {
    expectBothWays(
      `
      const [from, to] = [new A.Linear(2, 3), new B.Linear(2, 3)];
      to.loadStateDict(from.stateDict());
      const same = A.eq(from.weight, to.weight).toArray().flat().every(Boolean);
      const other = new A.Linear(2, 3);
      other.loadStateDict(B.decode(B.encode(from.stateDict())));
      const optimizer = new A.Adam(from.parameters());
      const bytes = B.encodeCheckpoint({ model: from, optimizer });
      B.loadCheckpoint(bytes, { model: from, optimizer });
      print([same, B.eq(other.bias, from.bias).toArray().every(Boolean)]);
    `,
      [true, true],
    );
  });
});

describe("tools", () => {
  test("the gradient checker checks the other's functions", () => {
    expectBothWays(
      `
      const x = A.tensor([0.5, 1.5], { dtype: "float64", requiresGrad: true });
      const right = B.gradcheck((v) => A.sum(A.tanh(B.mul(v, v))), [x]);
      print(right.ok);
    `,
      true,
    );
  });

  test("compile runs a function of the other's tensors, and refuses the other's ops by name", () => {
    expectBothWays(
      `
      const f = A.compile((x) => A.sum(A.mul(x, x)));
      const x = B.tensor([1, 2, 3]);
      const values = [f(x).item(), f(x).item(), f(A.tensor([2])).item()];
      print([values, messageOf(() => A.compile((v) => B.mul(v, v))(x))]);
    `,
      [
        [14, 14, 4],
        'CompileError: compile: every op must have a lowering, got mul; if mul is the library\'s, two copies of the package are loaded: import it everywhere, or require it everywhere; else say how it is compiled, lowering(op, ({ b, x }) => …) of "tinygrad-ts/compile", or call the op outside of the function',
      ],
    );
  });

  test("a compiled step trains the other's model, and no value goes astray between the copies", () => {
    expectBothWays(
      `
      const model = new B.Linear(1, 1);
      model.weight.assign(B.zeros([1, 1]));
      const x = A.tensor([[1], [2]]);
      print(messageOf(() => {
        const step = A.compile((v) => A.mean(A.matmul(v, model.weight)));
        const before = [step(x).item(), step(x).item()];
        model.weight.assign(B.ones([1, 1]));
        return [...before, step(x).item(), A.mean(B.matmul(x, model.weight)).item()];
      }));
    `,
      [0, 0, 1.5, 1.5],
    );
  });

  test("tensors, layers and errors of one are instances of the other's classes, and of no more", () => {
    expectBothWays(
      `
      const errorOf = (f) => { try { f(); } catch (error) { return error; } };
      const error = errorOf(() => B.ones([2]).add(B.ones([3])));
      const layer = new B.Linear(1, 1);
      class Own extends A.Layer { forward(x) { return x; } }
      print([
        [error instanceof A.TinygradError, error instanceof A.ShapeError, error instanceof A.ValueError],
        [errorOf(() => B.decode(new Uint8Array())) instanceof A.SafetensorsError, new Error() instanceof A.TinygradError],
        [B.ones([1]) instanceof A.Tensor, layer instanceof A.Tensor, null instanceof A.Tensor, ({}) instanceof A.Tensor],
        [layer instanceof A.Layer, layer instanceof Own, layer instanceof A.Linear, new Own() instanceof Own],
        [new Own() instanceof B.Layer, error instanceof A.Layer],
      ]);
    `,
      [
        [true, true, false],
        [true, false],
        [true, false, false, false],
        [true, false, false, true],
        [true, false],
      ],
    );
  });

  test("a model of one is written by the other; its functions are told to be of two copies", () => {
    expectBothWays(
      `
      const model = new A.Sequential(new B.Linear(2, 3), new A.Dropout(0.5), new A.Residual(new A.Linear(3, 3)));
      const copy = B.decodeModel(B.encodeModel(model));
      print([String(copy) === String(model), copy instanceof B.Sequential, messageOf(() => B.encodeModel(A.mlp([1, 2, 1])))]);
    `,
      [
        true,
        true,
        "ValueError: encodeModel: this function is not known, got relu; if it is the library's, two copies of the package are loaded: import it everywhere, or require it everywhere; else give it another name, and name it in options.functions",
      ],
    );
  });

  test("errors have the path through layers of both, and summaries and debugging tools see them", () => {
    expectBothWays(
      `
      const model = new A.Sequential(new B.Sequential(new B.Linear(2, 3), new A.Linear(4, 1)));
      const small = new A.Sequential(new B.Linear(2, 3), A.relu);
      print([
        messageOf(() => model.forward(A.ones([1, 2]))),
        B.summary(small, [1, 2]).split("\\n").length,
        messageOf(() => B.detectAnomaly(() => A.sum(A.log(B.tensor([0])))).item()).split(",")[0],
        B.residuals(small, () => A.sum(small.forward(A.ones([1, 2])))).rows.length,
      ]);
    `,
      [
        "ShapeError: Sequential[0] Sequential[1] Linear(4, 1): x must be […, 4], got float32[1, 3]",
        7,
        "AnomalyError: log: its result must be finite",
        3,
      ],
    );
  });
});
