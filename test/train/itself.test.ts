import { afterEach, describe, expect, test, vi } from "vitest";
import { compile } from "../../src/compile/index.ts";
import {
  Adam,
  Dropout,
  Generator,
  Layer,
  Linear,
  manualSeed,
  mse,
  rand,
  relu,
  Sequential,
  SGD,
  Tensor,
  zeros,
} from "../../src/index.ts";
import { type FitOptions, fit, type History } from "../../src/train/index.ts";

afterEach(() => vi.unstubAllGlobals());

/** Trains for 600 steps, and returns the history and the parameters. */
async function train(
  more: Partial<FitOptions> & { readonly model?: () => Layer; readonly optimizer?: never; readonly sgd?: true } = {},
): Promise<History & { readonly values: number[]; readonly trained: Layer }> {
  manualSeed(1);
  const { model: make = () => new Sequential(new Linear(3, 8), relu, new Linear(8, 1)), sgd, ...options } = more;
  const x = rand([32, 3], { generator: new Generator(7) });
  const y = x.sum(1, { keepDims: true });
  const trained = make();
  const optimizer = sgd ? new SGD(trained.parameters(), { lr: 0.05 }) : new Adam(trained.parameters());
  const history = await fit(trained, { x, y }, { loss: mse, optimizer, batchSize: 16, epochs: 300, ...options });
  return { ...history, trained, values: trained.parameters().flatMap(({ data }) => [...data]) };
}

function expectClose(a: readonly number[], b: readonly number[]): void {
  expect(a.length).toBe(b.length);
  for (const [i, v] of a.entries()) expect(Math.abs(v - b[i]!)).toBeLessThan(2e-4);
}

describe("fit compiles by itself", () => {
  test("where all is the library's, and computes what eager code does", async () => {
    const [own, eager, given] = [await train(), await train({ compile: false }), await train({ compile })];
    expect(own.compiled).toBe("by itself");
    expect(eager.compiled).toBe("no: switched off");
    expect(given.compiled).toBe("as given");
    expectClose(own.values, eager.values);
    expect(own.values).toEqual(given.values);
  });

  test("with the same random draws", async () => {
    const model = () => new Sequential(new Linear(3, 8), relu, new Dropout(0.3), new Linear(8, 1));
    const [own, eager] = [await train({ model }), await train({ model, compile: false })];
    expect(own.compiled).toBe("by itself");
    expectClose(own.values, eager.values);
  });

  test("not where there is little to do", async () => {
    expect((await train({ epochs: 10 })).compiled).toBe("no: too little to do");
  });
});

describe("where that costs more than it saves, it goes on eagerly", () => {
  /** Trains on batches of so many sizes, one after the other. */
  const trainOn = async (sizes: number, more: Partial<FitOptions> = {}) => {
    manualSeed(1);
    const model = new Sequential(new Linear(3, 4), relu, new Dropout(0.1), new Linear(4, 1));
    const batches = Array.from({ length: 600 }, (_, i) => [rand([1 + (i % sizes), 3]), rand([1 + (i % sizes), 1])]);
    const optimizer = new SGD(model.parameters(), { lr: 0.01 });
    const history = await fit(model, batches as never, { loss: mse, optimizer, ...more });
    return { ...history, values: model.parameters().flatMap(({ data }) => [...data]) };
  };

  test.each([
    [1, "by itself"],
    [12, "by itself"],
    [40, "no: nearly each step needed a separate program, for other shapes or settings"],
  ])("batches of %d sizes", async (sizes, how) => {
    const [own, eager] = [await trainOn(sizes), await trainOn(sizes, { compile: false })];
    expect(own.compiled).toBe(how);
    expectClose(own.values, eager.values);
  });

  test("a setting that is another one at each step, and says nothing of programs", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const onStep = ({ step }: { step: number }, { model }: { model: Layer }): void => {
      Object.assign((model as Sequential).layers[2]!, { p: 0.1 + step / 10_000 });
    };
    const callbacks = [{ onStep }];
    const [own, eager] = [await trainOn(1, { callbacks }), await trainOn(1, { callbacks, compile: false })];
    expect(own.compiled).toMatch(/^no: nearly each step needed a separate program/);
    expectClose(own.values, eager.values);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });
});

describe("it does not where that could change the result", () => {
  test("a loss that reads a number which a callback changes", async () => {
    const run = (off: boolean): Promise<History & { values: number[] }> => {
      let beta = 1;
      return train({
        loss: (o: Tensor, t: Tensor) => mse(o, t).mul(beta),
        callbacks: [
          {
            onEpoch: () => {
              beta *= 0.5;
            },
          },
        ],
        sgd: true,
        ...(off ? { compile: false } : {}),
      });
    };
    const [own, eager] = [await run(false), await run(true)];
    expect(own.compiled).toBe("no: the loss is not one of the library's (loss)");
    expect(own.values).toEqual(eager.values);
  });

  class Mine extends Linear {}
  class Scaled extends Layer {
    inner = new Linear(3, 1);
    override forward(x: Tensor): Tensor {
      return this.inner.forward(x).mul(0.5);
    }
  }
  const square = (x: Tensor): Tensor => x.mul(x);
  test.each<[string, () => Layer, string]>([
    ["a class that extends one of the library's", () => new Mine(3, 1), "the model is not one of the library's layers"],
    ["a layer of one's own", () => new Sequential(new Scaled()), "layers.0 is not one of the library's layers"],
    [
      "a function of one's own",
      () => new Sequential(square, new Linear(3, 1)),
      "layers.0 is not one of the library's functions (square)",
    ],
    [
      "a method that was replaced",
      () => {
        const model = new Linear(3, 1);
        const { forward } = model;
        model.forward = (x: Tensor) => forward.call(model, x);
        return model;
      },
      "the model is not one of the library's layers",
    ],
    [
      "a hook",
      () => {
        const model = new Linear(3, 1);
        model.weight.registerHook((g) => g.mul(0.5));
        return model;
      },
      "weight has a hook",
    ],
  ])("%s", async (_, model, reason) => {
    const [own, eager] = [await train({ model }), await train({ model, compile: false })];
    expect(own.compiled).toContain(`no: ${reason}`);
    expect(own.values).toEqual(eager.values);
  });

  test("an optimizer of one's own", async () => {
    class Lazy extends SGD {}
    const model = new Linear(3, 1);
    const optimizer = new Lazy(model.parameters(), { lr: 0.01 });
    const { compiled } = await train({ model: () => model, optimizer: optimizer as never });
    expect(compiled).toBe("no: the optimizer is not one of the library's (Lazy)");
  });

  describe("a method of a class that was replaced", () => {
    const places: [string, object, string][] = [
      ["a layer", Linear.prototype, "forward"],
      ["a block", Sequential.prototype, "forward"],
      ["an optimizer's base", Object.getPrototypeOf(SGD.prototype), "zeroGrad"],
      ["an optimizer, by a method that stood above", SGD.prototype, "step"],
      ["the tensor", Tensor.prototype, "backward"],
      ["a layer, by a method that stood above", Linear.prototype, "train"],
    ];
    /** Replaces a method after some steps, or before the first, by one that counts and comes to something else after some calls. */
    const run = async (prototype: object, key: string, after: number, off: boolean) => {
      const before = Object.getOwnPropertyDescriptor(prototype, key);
      let calls = 0;
      const replace = (): void => {
        const method = (prototype as Record<string, (...args: unknown[]) => unknown>)[key]!;
        const value = function (this: unknown, ...args: unknown[]): unknown {
          calls++;
          const result = method.apply(this, args);
          return key === "forward" && calls > 40 ? (result as Tensor).mul(0.5) : result;
        };
        Object.defineProperty(prototype, key, { value, configurable: true, writable: true });
      };
      if (after === 0) replace();
      try {
        const callbacks = [{ onEpoch: ({ epoch }: { epoch: number }) => void (epoch === after && replace()) }];
        const history = await train({ sgd: true, callbacks, ...(off ? { compile: false } : {}) });
        return { ...history, calls };
      } finally {
        if (before === undefined) Reflect.deleteProperty(prototype, key);
        else Object.defineProperty(prototype, key, before);
      }
    };
    test.each(places)("of %s", async (_, prototype, key) => {
      for (const after of [0, 5]) {
        const [own, eager] = [await run(prototype, key, after, false), await run(prototype, key, after, true)];
        expect(own.compiled).toBe(`no: ${prototype.constructor.name}.prototype.${key} was replaced`);
        expect(own.calls).toBe(eager.calls);
        if (after === 0) expect(own.values).toEqual(eager.values);
        else expectClose(own.values, eager.values);
      }
    });

    test("but not one that was added", async () => {
      Object.assign(Linear.prototype, { mine: () => 1 });
      try {
        expect((await train()).compiled).toBe("by itself");
      } finally {
        Reflect.deleteProperty(Linear.prototype, "mine");
      }
    });

    test("nor one that is itself again", async () => {
      const { forward } = Linear.prototype;
      Linear.prototype.forward = forward;
      expect((await train()).compiled).toBe("by itself");
    });
  });

  type States = Map<Tensor, Record<string, Tensor>>;
  const zeroed = (state: Record<string, Tensor>): Record<string, Tensor> =>
    Object.fromEntries(Object.entries(state).map(([key, x]) => [key, zeros(x.shape, { dtype: x.dtype })]));
  test("what an optimizer remembers, replaced in its record", async () => {
    const replace = (states: States): void => states.forEach((state) => void Object.assign(state, zeroed(state)));
    const run = (off: boolean): Promise<History & { values: number[] }> => {
      manualSeed(1);
      const model = new Linear(3, 1);
      const optimizer = new Adam(model.parameters(), { lr: 0.01 });
      const onEpoch = ({ epoch }: { epoch: number }): void =>
        void (epoch === 20 && replace(optimizer.state as unknown as States));
      return train({
        model: () => model,
        optimizer: optimizer as never,
        callbacks: [{ onEpoch }],
        ...(off ? { compile: false } : {}),
      });
    };
    const [own, eager] = [await run(false), await run(true)];
    expect(own.compiled).toBe("no: tensors in the optimizer's state were replaced");
    expectClose(own.values, eager.values);
  });

  test("from the step on before which a callback puts something of its own in", async () => {
    let factor = 1;
    const run = (off: boolean): Promise<History & { values: number[] }> => {
      factor = 1;
      return train({
        sgd: true,
        callbacks: [
          {
            onEpoch: ({ epoch }, { model }) => {
              factor *= 0.9;
              if (epoch !== 5) return;
              const first = (model as Sequential).layers[0] as Linear;
              const { forward } = first;
              first.forward = (x: Tensor) => forward.call(first, x).mul(factor);
            },
          },
        ],
        ...(off ? { compile: false } : {}),
      });
    };
    const [own, eager] = [await run(false), await run(true)];
    expect(own.compiled).toContain("no: layers.0 is not one of the library's layers");
    expectClose(own.values, eager.values);
  });
});

test("an engine without WebAssembly trains eagerly, and says so", async () => {
  const eager = await train({ compile: false });
  vi.stubGlobal("WebAssembly", undefined);
  const { compiled, values } = await train();
  expect(compiled).toContain("no: compile: needs WebAssembly");
  expect(values).toEqual(eager.values);
});
