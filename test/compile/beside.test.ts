import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import type { Tensor } from "../../src/index.ts";
import * as T from "../../src/index.ts";

class Gate extends T.Layer {
  enabled = false;
  scale = 1;
  high = 4;
  count = 0;
  notes: object[] = [];
  w: Tensor | null = T.tensor([5], { requiresGrad: true });
  override forward(x: Tensor): Tensor {
    return this.enabled ? T.mul(x, this.w!) : T.mul(x, this.scale);
  }
}

const one = T.tensor([1]);

describe("a layer is looked at whose tensors were not read", () => {
  const changes: Record<string, (gate: Gate) => void> = {
    "a switch": (gate) => {
      gate.enabled = true;
    },
    "a number": (gate) => {
      gate.scale = 3;
    },
    "a method of its own": (gate) => {
      gate.forward = (x) => T.mul(x, 7);
    },
    "a tensor that was there": (gate) => {
      gate.w = null;
    },
  };
  const uses: Record<string, (gate: Gate, x: Tensor) => Tensor> = {
    alone: (gate, x) => (gate.w === null ? T.add(x, 9) : gate.forward(x)),
  };
  const other = new T.Linear(1, 1);
  uses["beside another"] = (gate, x) => T.add(uses["alone"]!(gate, x), other.weight);
  uses["below a model that holds it"] = (gate, x) => uses["alone"]!(new T.Sequential(gate).layers[0] as Gate, x);
  for (const [what, change] of Object.entries(changes)) {
    for (const [how, use] of Object.entries(uses)) {
      test(`${what}, ${how}`, () => {
        const gate = new Gate();
        const f = compile((x: Tensor) => use(gate, x));
        f(one);
        change(gate);
        expect(f(one).toArray()).toEqual(use(gate, one).toArray());
        expect(f.programs.length).toBe(2);
      });
    }
  }

  test("a method that was deleted, and what is returned under other names", () => {
    const gate = new Gate();
    gate.forward = (x) => T.mul(x, 7);
    const f = compile((x: Tensor) => gate.forward(x));
    expect(f(one).toArray()).toEqual([7]);
    Reflect.deleteProperty(gate, "forward");
    expect(f(one).toArray()).toEqual([1]);
    const g = compile((x: Tensor): { readonly [name: string]: Tensor } => ({
      [gate.enabled ? "b" : "a"]: T.mul(x, 2),
    }));
    expect(Object.keys(g(one))).toEqual(["a"]);
    gate.enabled = true;
    expect(Object.keys(g(one))).toEqual(["b"]);
  });

  test("what is drawn, and from which generator", () => {
    const gate = new Gate();
    const generators = [new T.Generator(1), new T.Generator(2)] as const;
    const draw = () => T.randint(0, gate.high, [50], { generator: generators[gate.enabled ? 1 : 0] });
    const f = compile(draw);
    f();
    gate.high = 1000;
    expect(T.max(f()).item()).toBeGreaterThan(500);
    gate.enabled = true;
    f();
    expect(generators[1].state).not.toEqual(new T.Generator(2).state);
  });
});

test("functions that were recorded at other times have each seen what was there then", () => {
  const gate = new Gate();
  const run = () => compile((x: Tensor) => T.mul(x, gate.enabled ? 2 : gate.notes.length + gate.scale));
  const fs: ((x: Tensor) => Tensor)[] = [];
  const expectAll = (wanted: number): void => {
    fs.push(run());
    for (const f of [...fs, ...fs]) expect(f(one).item()).toBe(wanted);
  };
  expectAll(1);
  gate.scale = 3;
  expectAll(3);
  gate.notes = [{}, {}]; // another list
  expectAll(5);
  gate.notes.push({}); // the same, which was not empty
  expectAll(6);
  gate.enabled = true;
  expectAll(2);
  gate.enabled = false;
  gate.notes.length = 0;
  expectAll(3);
  gate.notes.push({}); // the same, which was
  expectAll(4);
});

describe("layers of another model", () => {
  test("may count: that leads to no program, and, in the end, to no recording", () => {
    const gate = new Gate();
    const other = new T.Linear(1, 1);
    let runs = 0;
    const f = compile((x: Tensor) => {
      runs++;
      return T.mul(x, other.weight);
    });
    const x = T.tensor([[3]]);
    for (let i = 0; i < 30; i++) {
      gate.count++;
      gate.notes.push({});
      expect(f(x).toArray()).toEqual(T.mul(x, other.weight).toArray());
    }
    expect(f.programs.length).toBe(1);
    expect(runs).toBe(2 + 2 * 8);
    f(x);
    expect(runs).toBe(18);
    gate.enabled = true; // another field is still looked at
    f(x);
    expect(runs).toBe(20);
  });

  test("may count beside a function that seeds: what differs in the seed is another program", () => {
    const gate = new Gate();
    const generator = new T.Generator(1);
    const f = compile(() => {
      T.manualSeed(gate.enabled ? 2 : 1);
      return T.add(T.rand([2]), T.rand([2], { generator }));
    });
    for (let i = 0; i < 4; i++) {
      gate.count++;
      f();
    }
    expect(f.programs.length).toBe(1);
    gate.enabled = true;
    const other = new T.Generator(1);
    other.state = generator.state;
    T.manualSeed(2);
    const wanted = T.add(T.rand([2]), T.rand([2], { generator: other })).toArray();
    expect(f().toArray()).toEqual(wanted);
    expect(f.programs.length).toBe(2);
  });

  test("a step of training that draws, beside one that counts", () => {
    const gate = new Gate();
    const model = new T.Sequential(new T.Linear(2, 2), new T.Dropout(0.5));
    const optimizer = new T.Adam(model.parameters(), { lr: 0.1 });
    let runs = 0;
    const f = compile((x: Tensor) => {
      runs++;
      optimizer.zeroGrad();
      const loss = T.sum(T.pow(model.forward(x), 2));
      loss.backward();
      optimizer.step();
      return loss;
    });
    for (let i = 0; i < 20; i++) {
      gate.count++;
      f(T.ones([2, 2]));
    }
    expect(f.programs.length).toBe(1);
    expect(runs).toBeLessThan(30);
  });
});
