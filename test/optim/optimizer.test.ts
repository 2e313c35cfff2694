import { describe, expect, test, vi } from "vitest";
import { compile } from "../../src/compile/index.ts";
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  GradError,
  Linear,
  Lion,
  manualSeed,
  mse,
  NAdam,
  noGrad,
  Optimizer,
  type OptimizerState,
  ones,
  RAdam,
  RMSprop,
  type RuleSettings,
  randn,
  Sequential,
  SGD,
  StateError,
  sub,
  type Tensor,
  tanh,
  tensor,
  type Update,
  ValueError,
  zeros,
  zerosLike,
} from "../../src/index.ts";
import { valuesOf } from "../support/values.ts";

const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });

/** A leaf with a gradient of ones. */
function graded(...values: number[]): Tensor {
  const x = leaf(...values);
  x.grad = ones(x.shape);
  return x;
}

function caught(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

describe("parameters", () => {
  const constant = ones([2]);
  const result = leaf(1).mul(2);
  const twice = leaf(1);
  const rule = "SGD: parameters must be distinct leaves with requiresGrad, got";
  test.each<[string, unknown, string]>([
    ["an empty list", [], `${rule} an empty array; all parameters are frozen, or the model has none: unfreeze(model)`],
    ["a model", new Linear(1, 1), `${rule} a Linear; pass model.parameters()`],
    ["nothing", undefined, `${rule} undefined; pass model.parameters()`],
    ["null", null, `${rule} null; pass model.parameters()`],
    ["a number", 3, `${rule} 3; pass model.parameters()`],
    ["a number among tensors", [leaf(1), 3], `${rule} 3`],
    ["a number first", [3], `${rule} 3`],
    [
      "a group among tensors",
      [leaf(1), { params: [leaf(1)] }],
      `${rule} an object; write [ … ] around groups, and nothing else`,
    ],
    ["a tensor among groups", [{ params: [leaf(1)] }, leaf(1)], `${rule} undefined`],
    ["an empty group", [{ params: [leaf(1)] }, { params: [] }], `${rule} an empty array`],
    ["a model as a group", [{ params: new Linear(1, 1) }], `${rule} a Linear`],
    ["a constant", [leaf(1), constant], `${rule} a tensor float32[2]`],
    ["a result", [result], `${rule} a tensor float32[1]`],
    ["one twice", [twice, leaf(2), twice], `${rule} one twice`],
    ["one in two groups", [{ params: [leaf(2), twice] }, { params: [twice] }], `${rule} one twice`],
  ])("refuses %s", (_, params, message) => {
    const error = caught(() => new SGD(params as Tensor[], { lr: 0.1 }));
    expect(error).toBeInstanceOf(ValueError);
    expect(error.message).toContain(message);
  });

  test("may be in groups, whose settings go first", () => {
    const [a, b] = [graded(1), graded(1)];
    const groups = [{ params: [a] }, { params: [b], lr: 0.5, momentum: 0.9 }];
    const optimizer = new SGD(groups, { lr: 0.1, weightDecay: 1 });
    expect(optimizer.groups.map((group) => [group.lr.item(), group.momentum, group.weightDecay])).toEqual([
      [0.1, 0, 1],
      [0.5, 0.9, 1],
    ]);
    optimizer.step();
    expect(a.item()).toBeCloseTo(1 - 0.1 * 2, 6);
    expect(b.item()).toBeCloseTo(1 - 0.5 * 2, 6);
  });
});

describe("settings", () => {
  const finite = "must be a finite number, 0 or more";
  test.each<[string, () => unknown, string]>([
    ["a missing lr", () => new SGD([leaf(1)], {} as { lr: number }), `SGD: lr ${finite}, got undefined`],
    ["a negative lr", () => new SGD([leaf(1)], { lr: -1 }), `SGD: lr ${finite}, got -1`],
    ["a NaN lr", () => new Adam([leaf(1)], { lr: Number.NaN }), `Adam: lr ${finite}, got NaN`],
    ["an lr as text", () => new Adam([leaf(1)], { lr: "1" as never }), 'Adam: lr must be a number, got "1", a string'],
    ["an lr of a group", () => new SGD([{ params: [leaf(1)], lr: -2 }], { lr: 1 }), `SGD: lr ${finite}, got -2`],
    ["negative momentum", () => new SGD([leaf(1)], { lr: 1, momentum: -0.1 }), `SGD: momentum ${finite}, got -0.1`],
    ["NaN dampening", () => new SGD([leaf(1)], { lr: 1, dampening: Number.NaN }), `SGD: dampening ${finite}, got NaN`],
    ["negative decay", () => new SGD([leaf(1)], { lr: 1, weightDecay: -1 }), `SGD: weightDecay ${finite}, got -1`],
    [
      "Nesterov without momentum",
      () => new SGD([leaf(1)], { lr: 1, nesterov: true }),
      "SGD: nesterov needs momentum and no dampening, got 0 and 0",
    ],
    [
      "Nesterov with dampening",
      () => new SGD([leaf(1)], { lr: 1, nesterov: true, momentum: 0.9, dampening: 0.1 }),
      "SGD: nesterov needs momentum and no dampening, got 0.9 and 0.1",
    ],
    [
      "beta 1",
      () => new Adam([leaf(1)], { betas: [0.9, 1] }),
      "Adam: betas must be two numbers from 0 to below 1, got [0.9, 1]",
    ],
    ["negative beta", () => new AdamW([leaf(1)], { betas: [-0.1, 0.9] }), `AdamW: betas ${finite}, got -0.1`],
    ["one beta", () => new Adam([leaf(1)], { betas: [0.9] as never }), "Adam: betas must be two numbers"],
    ["NaN beta", () => new Adam([leaf(1)], { betas: [Number.NaN, 0.9] }), `Adam: betas ${finite}, got NaN`],
    ["negative eps", () => new Adam([leaf(1)], { eps: -1 }), `Adam: eps ${finite}, got -1`],
    [
      "negative decay in AdamW",
      () => new AdamW([leaf(1)], { weightDecay: -1 }),
      `AdamW: weightDecay ${finite}, got -1`,
    ],
    [
      "options that there are not",
      () => new SGD([leaf(1)], { lr: 1, weight_decay: 1 } as { lr: number }),
      "SGD: there is no such option, got weight_decay",
    ],
    [
      "such in a group",
      () => new Adam([{ params: [leaf(1)], momentum: 1 } as never]),
      "Adam: there is no such option, got momentum",
    ],
  ])("refuse %s", (_, run, message) => {
    const error = caught(run);
    expect(error).toBeInstanceOf(ValueError);
    expect(error.message).toContain(message);
  });

  test("left undefined are the defaults", () => {
    const options = { lr: undefined, eps: undefined } as object;
    expect(new Adam([leaf(1)], options).lr).toBe(0.001);
  });

  test("lr can be read and set, for all groups and for one", () => {
    const optimizer = new SGD([{ params: [graded(1)] }, { params: [graded(1)], lr: 0.5 }], { lr: 0.1 });
    expect(optimizer.lr).toBe(0.1);
    const { lr } = optimizer.groups[0]!;
    expect([lr.dtype, lr.shape, lr.item()]).toEqual(["float64", [], 0.1]);
    optimizer.groups[1]!.lr.assign(0.25);
    expect(optimizer.groups.map((group) => group.lr.item())).toEqual([0.1, 0.25]);
    optimizer.lr = 1;
    expect(optimizer.groups.map((group) => group.lr.item())).toEqual([1, 1]);
    expect(optimizer.groups[0]!.lr).toBe(lr);
    optimizer.step();
    expect(optimizer.groups.map(({ params }) => params[0]!.item())).toEqual([0, 0]);
    for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => {
        optimizer.lr = bad;
      }).toThrow(`SGD: lr must be a finite number, 0 or more, got ${bad}`);
    }
    expect(optimizer.lr).toBe(1);
  });
});

describe("step", () => {
  test("skips parameters without a gradient, and does not count the step for them", () => {
    const [a, b] = [graded(1), leaf(1)];
    const optimizer = new Adam([a, b], { lr: 0.5 });
    optimizer.step();
    expect([a.item() < 1, b.item()]).toEqual([true, 1]);
    expect([a, b].map((p) => optimizer.state.get(p)!.step.item())).toEqual([1, 0]);
    b.grad = ones([1]);
    a.grad = null;
    optimizer.step();
    // b's first step is corrected as a first step.
    expect(b.item()).toBeCloseTo(0.5, 6);
    expect([a, b].map((p) => optimizer.state.get(p)!.step.item())).toEqual([1, 1]);
  });

  test("records nothing, also with gradients that can be differentiated", () => {
    const p = leaf(2);
    p.mul(p).mul(p).sum().backward(undefined, { createGraph: true });
    expect(p.grad!.requiresGrad).toBe(true);
    const optimizer = new SGD([p], { lr: 0.1, momentum: 0.9 });
    optimizer.step();
    const { velocity } = optimizer.state.get(p)!;
    expect([p.op, p.requiresGrad, velocity!.requiresGrad, velocity!.op]).toEqual([null, true, false, null]);
    expect(velocity!.item()).toBe(12);
  });

  test("changes nothing if a rule throws for one of the parameters", () => {
    class Failing extends SGD {
      protected override rule(...args: Parameters<SGD["rule"]>): ReturnType<SGD["rule"]> {
        if (args[0].size === 2) throw new RangeError("no");
        return super.rule(...args);
      }
    }
    const params = [graded(1), graded(1, 2)];
    const optimizer = new Failing(params, { lr: 0.1, momentum: 0.9 });
    const before = optimizer.stateDict();
    expect(() => optimizer.step()).toThrow("no");
    expect(params.map((p) => p.toArray())).toEqual([[1], [1, 2]]);
    expect(valuesOf(optimizer.stateDict())).toEqual(valuesOf(before));
    expect(leaf(1).mul(2).requiresGrad).toBe(true);
  });

  test("refuses a rule that returns other shapes, dtypes or names, and changes nothing then", () => {
    class Wrong extends Optimizer {
      next: Update<OptimizerState> = { p: zeros([2]), state: {} };
      protected override start(): OptimizerState {
        return { seen: zeros([]) };
      }
      protected rule(): Update<OptimizerState> {
        return this.next;
      }
    }
    const p = graded(1);
    const optimizer = new Wrong("Wrong", [p], { lr: 1 });
    const rule = "Wrong: must keep shape and dtype, got";
    const refused: [Update<OptimizerState>, string][] = [
      [{ p: zeros([2]), state: { seen: ones([]) } }, `${rule} float32[2] for float32[1]`],
      [{ p: zeros([1], { dtype: "float64" }), state: { seen: ones([]) } }, `${rule} float64[1] for float32[1]`],
      [{ p: zeros([1]), state: { seen: ones([1]) } }, `${rule} float32[1] for float32[]`],
    ];
    for (const [next, message] of refused) {
      optimizer.next = next;
      expect(() => optimizer.step()).toThrow(GradError);
      expect(() => optimizer.step()).toThrow(message);
    }
    optimizer.next = { p: zeros([1]), state: { other: ones([]) } };
    expect(() => optimizer.step()).toThrow();
    expect([p.item(), optimizer.state.get(p)!["seen"]!.item()]).toEqual([1, 0]);
  });

  test("keeps the dtype of parameters and state, scalars included", () => {
    for (const dtype of ["float32", "float64"] as const) {
      for (const shape of [[], [3]]) {
        const p = ones(shape, { dtype, requiresGrad: true });
        const optimizers = [
          new Adam([p], { weightDecay: 0.1 }),
          new AdamW([p]),
          new SGD([p], { lr: 1 }),
          new SGD([p], { lr: 1, weightDecay: 0.1 }),
          new SGD([p], { lr: 1, momentum: 0.9, nesterov: true }),
          new SGD([p], { lr: 1, momentum: 0.9, dampening: 0.1 }),
        ];
        for (const optimizer of optimizers) {
          p.grad = ones(shape, { dtype });
          optimizer.step();
          expect([p.dtype, p.shape]).toEqual([dtype, shape]);
          for (const [name, x] of Object.entries(optimizer.state.get(p)!)) {
            expect([name, x.dtype]).toEqual([name, name === "step" ? "float64" : dtype]);
          }
        }
      }
    }
  });

  test.each<[string, (p: Tensor) => SGD | Adam]>([
    ["SGD", (p) => new SGD([p], { lr: 0.1 })],
    ["SGD with momentum", (p) => new SGD([p], { lr: 0.02, momentum: 0.8, dampening: 0.1, weightDecay: 1e-6 })],
    ["Adam", (p) => new Adam([p], { lr: 0.1 })],
  ])("%s trains a scalar float32 parameter, which stays one", (_, make) => {
    const p = tensor(0, { requiresGrad: true });
    const optimizer = make(p);
    for (let i = 0; i < 300; i++) {
      optimizer.zeroGrad();
      mse(p.mul(2), tensor(6)).backward();
      optimizer.step();
    }
    expect([p.dtype, p.shape, p.op, p.requiresGrad]).toEqual(["float32", [], null, true]);
    expect(p.item()).toBeCloseTo(3, 3);
  });

  test("before backward makes that an error, not a wrong gradient", () => {
    const p = graded(2);
    const y = p.mul(p).sum();
    new SGD([p], { lr: 0.1 }).step();
    expect(() => y.backward()).toThrow("overwritten");
  });

  test("zeroGrad drops gradients", () => {
    const params = [graded(1), graded(2)];
    new SGD(params, { lr: 1 }).zeroGrad();
    expect(params.map((p) => p.grad)).toEqual([null, null]);
  });

  test("an optimizer of one's own needs a rule", () => {
    class Descent extends Optimizer {
      protected rule(p: Tensor, g: Tensor, state: OptimizerState, { lr }: RuleSettings): Update<OptimizerState> {
        return { p: sub(p, g.mul(lr.to(p.dtype))), state };
      }
    }
    const p = graded(1);
    const optimizer = new Descent("Descent", [p], { lr: 0.1 }, { lr: 0.5 });
    optimizer.step();
    expect(p.item()).toBe(0.5);
    expect([...optimizer.stateDict().keys()]).toEqual([
      "groups.0.lr",
      "groups.0.baseLr",
      "groups.0.scheduledLr",
      "groups.0.params",
    ]);
    expect(new Descent("Descent", [p], { lr: 0.1 }).lr).toBe(0.1);
    expect(() => new Descent("Descent", [p], {})).toThrow(
      "Descent: lr must be a finite number, 0 or more, got undefined",
    );
    expect(() => new Descent("Descent", [p], { lr: 0.1 }, { momentum: 1 })).toThrow("Descent: there is no such option");
  });
});

/** An optimizer, whatever its settings are called. */
type Saved = Pick<Optimizer, "lr" | "step" | "zeroGrad" | "stateDict" | "loadStateDict">;

/** A small training, that can be stopped and gone on with. */
function training(make: (params: Tensor[]) => Saved) {
  manualSeed(3);
  const model = new Sequential(new Linear(2, 4), tanh, new Linear(4, 1));
  const [x, y] = [randn([8, 2]), randn([8, 1])];
  const optimizer = make(model.parameters());
  const run = (steps: number): void => {
    for (let i = 0; i < steps; i++) {
      optimizer.zeroGrad();
      mse(model.forward(x), y).backward();
      optimizer.step();
    }
  };
  return { model, optimizer, run, bits: () => JSON.stringify([...model.stateDict()].map(([, v]) => [...v.data])) };
}

describe("settings that are lists", () => {
  test("are the optimizer's own: neither the caller nor who reads them can change what it computes", () => {
    const [betas, p] = [[0.9, 0.99] as [number, number], leaf(1)];
    const optimizer = new Adam([p], { lr: 0.1, betas });
    betas[0] = 0.1;
    const [group] = optimizer.groups;
    expect(group!.betas).toEqual([0.9, 0.99]);
    expect(() => {
      (group!.betas as [number, number])[0] = 0.1;
    }).toThrow(TypeError);
    expect(() => (group!.betas as unknown as number[]).push(1)).toThrow("betas: cannot be set");
    expect(group!.betas).toEqual([0.9, 0.99]);
  });
});

describe("stateDict and loadStateDict", () => {
  const kinds: [string, (params: Tensor[]) => Saved][] = [
    ["SGD", (params) => new SGD(params, { lr: 0.1 })],
    ["SGD with momentum", (params) => new SGD(params, { lr: 0.1, momentum: 0.9, nesterov: true })],
    ["SGD with dampening", (params) => new SGD(params, { lr: 0.1, momentum: 0.9, dampening: 0.2 })],
    ["Adam", (params) => new Adam(params, { lr: 0.01 })],
    ["AdamW", (params) => new AdamW(params, { lr: 0.01 })],
    ["AMSGrad", (params) => new Adam(params, { lr: 0.01, amsgrad: true })],
    ["Adamax", (params) => new Adamax(params)],
    ["NAdam", (params) => new NAdam(params)],
    ["RAdam", (params) => new RAdam(params)],
    ["RMSprop", (params) => new RMSprop(params, { centered: true, momentum: 0.5 })],
    ["Adagrad", (params) => new Adagrad(params, { lrDecay: 0.1, initialAccumulator: 0.1 })],
    ["Adadelta", (params) => new Adadelta(params)],
    ["Lion", (params) => new Lion(params)],
  ];

  test.each(kinds)("%s goes on bit by bit as if never saved", (_, make) => {
    const whole = training(make);
    whole.run(20);
    const first = training(make);
    first.run(8);
    const saved = [first.model.stateDict(), first.optimizer.stateDict()] as const;
    first.run(3);
    const second = training((params) => {
      const optimizer = make(params);
      optimizer.lr = 5;
      return optimizer;
    });
    second.run(2);
    second.model.loadStateDict(saved[0]);
    second.optimizer.loadStateDict(saved[1]);
    second.run(12);
    expect(second.bits()).toBe(whole.bits());
  });

  test.each(kinds)("%s trains the same twice", (_, make) => {
    const [a, b] = [training(make), training(make)];
    a.run(10);
    b.run(10);
    expect(a.bits()).toBe(b.bits());
    expect(valuesOf(a.optimizer.stateDict())).toEqual(valuesOf(b.optimizer.stateDict()));
  });

  test("are flat, in tensors, numbers in float64", () => {
    const optimizer = new SGD(
      [
        { params: [leaf(1)], momentum: 0.5, nesterov: true },
        { params: [leaf(1, 2), leaf(3)], lr: 0.2 },
      ],
      {
        lr: 0.1,
      },
    );
    const state = optimizer.stateDict();
    expect([...state.keys()]).toEqual([
      "groups.0.lr",
      "groups.0.baseLr",
      "groups.0.scheduledLr",
      "groups.0.params",
      "groups.1.lr",
      "groups.1.baseLr",
      "groups.1.scheduledLr",
      "groups.1.params",
      "state.0.velocity",
    ]);
    const places = ["groups.0.params", "groups.1.params"].map((name) => state.get(name)!);
    expect(places.map((x) => [x.dtype, x.toArray()])).toEqual([
      ["int32", [0]],
      ["int32", [1, 2]],
    ]);
    expect(["groups.0.lr", "groups.1.lr"].map((name) => state.get(name)!.item())).toEqual([0.1, 0.2]);
    expect(state.get("groups.0.lr")!.dtype).toBe("float64");
    const dampened = new SGD([leaf(1)], { lr: 1, momentum: 0.9, dampening: 0.1 }).stateDict();
    expect([...dampened.keys()].slice(4)).toEqual(["state.0.velocity", "state.0.step"]);
    const names = [...new Adam([leaf(1)]).stateDict().keys()];
    expect(names.filter((name) => name.startsWith("state"))).toEqual([
      "state.0.mean",
      "state.0.square",
      "state.0.step",
    ]);
  });

  test("are snapshots", () => {
    const p = graded(1);
    const optimizer = new Adam([p], { lr: 0.5 });
    const saved = optimizer.stateDict();
    optimizer.step();
    optimizer.lr = 2;
    expect(["groups.0.lr", "state.0.step", "state.0.mean"].map((name) => saved.get(name)!.values[0])).toEqual([
      0.5, 0, 0,
    ]);
    optimizer.loadStateDict(saved);
    expect([optimizer.lr, optimizer.state.get(p)!.step.item()]).toEqual([0.5, 0]);
    expect(optimizer.state.get(p)!.mean.toArray()).toEqual([0]);
  });

  test("take plain objects, and keep the tensors' identity and the constructor's settings", () => {
    const saved = new SGD([leaf(1)], { lr: 1, momentum: 0.9, weightDecay: 0.25, nesterov: true }).stateDict();
    const p = graded(1);
    const optimizer = new SGD([p], { lr: 0.1, momentum: 0.1 });
    const { lr } = optimizer.groups[0]!;
    const { velocity } = optimizer.state.get(p)!;
    noGrad(() => optimizer.loadStateDict(Object.fromEntries(saved)));
    expect(optimizer.groups[0]).toMatchObject({ momentum: 0.1, dampening: 0, weightDecay: 0, nesterov: false });
    expect(optimizer.groups[0]!.lr).toBe(lr);
    expect(optimizer.state.get(p)!.velocity).toBe(velocity);
    expect(optimizer.lr).toBe(1);
  });

  test("of an optimizer whose state has a rate of its own, of any shape and sign", () => {
    class Own extends Optimizer {
      constructor(params: Tensor[]) {
        super("Own", params, { lr: 1 });
      }
      protected override start(p: Tensor): OptimizerState {
        return { lr: zerosLike(p) };
      }
      protected rule(p: Tensor, g: Tensor, state: OptimizerState): Update<OptimizerState> {
        return { p, state: { lr: state["lr"]!.sub(g) } };
      }
    }
    const [p, q] = [graded(1, 2), graded(1, 2)];
    const [a, b] = [new Own([p]), new Own([q])];
    a.step();
    b.loadStateDict(a.stateDict());
    expect(b.state.get(q)!["lr"]!.toArray()).toEqual([-1, -1]);
  });

  test.each<[string, SGD | Adam, ReadonlyMap<string, Tensor>, string]>([
    [
      "groups of another size",
      new SGD([leaf(1), leaf(2)], { lr: 0.1 }),
      new SGD([leaf(1)], { lr: 0.1 }).stateDict(),
      "SGD.loadStateDict: the state must fit, got groups.0.params is int32[1] instead of int32[2]; nothing was loaded",
    ],
    [
      "the same parameters in groups of other sizes",
      new SGD([{ params: [leaf(1), leaf(2)] }, { params: [leaf(3)] }], { lr: 0.1, momentum: 0.9 }),
      new SGD([{ params: [leaf(1)] }, { params: [leaf(2), leaf(3)] }], { lr: 0.2, momentum: 0.9 }).stateDict(),
      "got groups.0.params is int32[1] instead of int32[2], groups.1.params is int32[2] instead of int32[1]; nothing",
    ],
    [
      "such without momentum",
      new SGD([{ params: [leaf(1), leaf(2)] }, { params: [leaf(3)] }], { lr: 0.1 }),
      new SGD([{ params: [leaf(1)] }, { params: [leaf(2), leaf(3)] }], { lr: 0.2 }).stateDict(),
      "got groups.0.params is int32[1] instead of int32[2], groups.1.params is int32[2] instead of int32[1]; nothing",
    ],
    [
      "missing state and groups",
      new SGD([{ params: [leaf(1)] }, { params: [leaf(1)] }], { lr: 0.1, momentum: 0.9 }),
      new SGD([leaf(1)], { lr: 0.1 }).stateDict(),
      "got groups.1.lr is missing, groups.1.baseLr is missing, groups.1.scheduledLr is missing, groups.1.params is missing, state.0.velocity is missing, and 1 more; " +
        "nothing was loaded",
    ],
    [
      "state that there is no place for",
      new SGD([leaf(1)], { lr: 0.1 }),
      new SGD([leaf(1)], { lr: 0.2, momentum: 0.9 }).stateDict(),
      "got state.0.velocity is unexpected; nothing was loaded",
    ],
    [
      "state of another shape",
      new Adam([leaf(1), leaf(1)]),
      new Adam([leaf(1), leaf(1, 2)]).stateDict(),
      "got state.1.mean is float32[2] instead of float32[1], state.1.square is float32[2] instead of float32[1]; nothing was loaded",
    ],
    [
      "state of another dtype",
      new SGD([leaf(1)], { lr: 0.1, momentum: 0.9 }),
      new SGD([tensor([1], { dtype: "float64", requiresGrad: true })], { lr: 0.2, momentum: 0.9 }).stateDict(),
      "got state.0.velocity is float64[1] instead of float32[1]; nothing was loaded",
    ],
    [
      "other settings, which are not saved",
      new SGD([leaf(1)], { lr: 0.1 }),
      new SGD([leaf(1)], { lr: 0.2 }).stateDict().set("groups.0.weightDecay", tensor(1, { dtype: "float64" })),
      "got groups.0.weightDecay is unexpected; nothing was loaded",
    ],
    [
      "a negative learning rate in the last group",
      new SGD([{ params: [leaf(1)] }, { params: [leaf(2)] }], { lr: 0.1 }),
      new SGD([{ params: [leaf(1)] }, { params: [leaf(2)] }], { lr: 0.2 })
        .stateDict()
        .set("groups.1.lr", tensor(-1, { dtype: "float64" })),
      "SGD: groups.1.lr must be a finite number, 0 or more, got -1",
    ],
    [
      "a NaN learning rate",
      new Adam([leaf(1)], { lr: 0.1 }),
      new Adam([leaf(1)]).stateDict().set("groups.0.lr", tensor(Number.NaN, { dtype: "float64" })),
      "Adam: groups.0.lr must be a finite number, 0 or more, got NaN",
    ],
  ])("refuse %s, and load nothing", (_, optimizer, state, message) => {
    const before = optimizer.stateDict();
    const error = caught(() => optimizer.loadStateDict(state));
    expect(error).toBeInstanceOf(message.includes("must be a finite number") ? ValueError : StateError);
    expect(error.message).toContain(message);
    expect(valuesOf(optimizer.stateDict())).toEqual(valuesOf(before));
  });
});

test("a variable of type Optimizer takes any of them", () => {
  const w = tensor([1, 2], { requiresGrad: true });
  const optimizers: Optimizer[] = [new SGD([w], { lr: 0.1 }), new Adam([w]), new Lion([w]), new Adagrad([w])];
  for (const optimizer of optimizers) {
    const before = w.toArray();
    optimizer.zeroGrad();
    w.mul(w).sum().backward();
    optimizer.step();
    expect(w.toArray()).not.toEqual(before);
  }
});

test.each([false, true])(
  "centered RMSprop of gradients that are all alike has no variance below 0; compiled %s",
  (isCompiled) => {
    for (const g of [0.1, 0.3, 1, 7e5]) {
      const w = tensor([0], { requiresGrad: true });
      const optimizer = new RMSprop([w], { lr: 1e-3, centered: true });
      const step = (): void => {
        optimizer.zeroGrad();
        w.sum().mul(g).backward();
        optimizer.step();
      };
      const run = isCompiled ? compile(step) : step;
      for (let i = 0; i < 1300; i++) run();
      // v − m² = αᵗ (1 − αᵗ) g², at each step t
      const moved = Array.from({ length: 1300 }, (_, t) => 1e-3 / Math.sqrt(0.99 ** (t + 1) * (1 - 0.99 ** (t + 1))));
      expect(w.item() / -moved.reduce((sum, v) => sum + v)).toBeCloseTo(1, 2);
    }
  },
);

test.each([false, true])("a step without any gradient is told of, once; compiled %s", (isCompiled) => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  try {
    for (const mistake of ["no backward", "zeroGrad after backward", "none"]) {
      const [w, unused] = [tensor([1, 2], { requiresGrad: true }), tensor([1], { requiresGrad: true })];
      const optimizer = new SGD([w, unused], { lr: 0.1 });
      const step = (): void => {
        optimizer.zeroGrad();
        const loss = w.mul(w).sum();
        if (mistake !== "no backward") loss.backward();
        if (mistake === "zeroGrad after backward") optimizer.zeroGrad();
        optimizer.step();
      };
      const run = isCompiled ? compile(step) : step;
      for (let i = 0; i < 3; i++) run();
      const text =
        "SGD: step changes nothing, since no parameter has a gradient; call zeroGrad(), then backward(), then step()";
      expect(warn.mock.calls).toEqual(mistake === "none" ? [] : [[text]]);
      warn.mockClear();
    }
  } finally {
    warn.mockRestore();
  }
});
