// Right programs with classes: TypeScript must let each of them through, and each runs.
import {
  Adam,
  add,
  Conv2d,
  Dropout,
  Embedding,
  Flatten,
  Identity,
  Lambda,
  Layer,
  LayerNorm,
  Linear,
  MaxPool2d,
  matmul,
  mlp,
  mse,
  ones,
  Residual,
  randn,
  relu,
  Sequential,
  softmax,
  Tanh,
  type Tensor,
  tensor,
  zeros,
} from "tinygrad-ts";

export const classes: Record<string, () => unknown> = {
  "super.forward of a known shape": () => {
    class Twice extends Linear {
      override forward(x: Tensor): Tensor {
        return super.forward(x).mul(2);
      }
      run(): Tensor {
        return super.forward(zeros([5, 3]));
      }
    }
    return [new Twice(3, 2).run(), new Twice(3, 2).forward(zeros([4, 3]))];
  },
  "super.forward where the sizes are those of the class": () => {
    class Fixed extends Linear<3, 2> {
      constructor() {
        super(3, 2);
      }
      run(): Tensor<[5, 2]> {
        return super.forward(zeros([5, 3]));
      }
    }
    return new Fixed().run();
  },
  "super.forward where the sizes are parameters of the class": () => {
    class Wide<I extends number, O extends number> extends Linear<I, O> {
      override forward(x: Tensor): Tensor {
        return super.forward(x).add(1);
      }
      run<B extends number>(x: Tensor<[B, I]>): Tensor {
        return super.forward(x);
      }
    }
    return new Wide(3, 2).run(zeros([4, 3]));
  },
  "this.forward in a class that extends Linear": () => {
    class Mine extends Linear {
      score(x: Tensor): Tensor {
        return softmax(this.forward(x));
      }
      start(): Tensor {
        return this.forward(zeros([1, 3]));
      }
    }
    return [new Mine(3, 2).score(zeros([1, 3])), new Mine(3, 2).start()];
  },
  "this.forward of literal sizes": () => {
    class Mine extends Linear<3, 2> {
      start(): Tensor {
        return this.forward(zeros([1, 3])).sum(0);
      }
    }
    return new Mine(3, 2).start();
  },
  "a Sequential as a base, with super.forward and this.forward": () => {
    class Net extends Sequential {
      constructor() {
        super(new Linear(2, 3), relu, new Linear(3, 1));
      }
      override forward(x: Tensor): Tensor {
        return super.forward(x).relu();
      }
      loss(): Tensor {
        return mse(this.forward(zeros([4, 2])), zeros([4, 1]));
      }
    }
    return [new Net().forward(zeros([4, 2])), new Net().loss()];
  },
  "super.forward of a literal in a class over Sequential": () => {
    class Net extends Sequential {
      constructor() {
        super(new Linear(2, 3), relu);
      }
      first(): Tensor {
        return super.forward(zeros([4, 2]));
      }
    }
    return new Net().first();
  },
  "other layers as bases": () => {
    class Mine extends LayerNorm {
      override forward(x: Tensor): Tensor {
        return super.forward(x).mul(2);
      }
      run(): Tensor {
        return super.forward(ones([2, 3]));
      }
    }
    class Words extends Embedding {
      run(): Tensor {
        return super.forward(tensor([1, 0], { dtype: "int32" })).sum(0);
      }
    }
    class Same extends Identity {
      run(): Tensor {
        return this.forward(ones([2]));
      }
    }
    class Squash extends Tanh {
      override forward(x: Tensor): Tensor {
        return super.forward(x.mul(2));
      }
    }
    return [new Mine(3).run(), new Words(4, 2).run(), new Same().run(), new Squash().forward(ones([2]))];
  },
  "a forward of one's own that knows shapes": () => {
    class Head extends Layer {
      readonly map = new Linear(8, 3);
      forward<B extends number>(x: Tensor<[B, 8]>): Tensor<[B, 3]> {
        return this.map.forward(x);
      }
    }
    const head = new Head();
    const y: Tensor<[5, 3]> = head.forward(zeros([5, 8]));
    return [y, new Sequential(new Linear(4, 8), head).forward(zeros([2, 4]))];
  },
  "fields with layers of several kinds": () => {
    class Net extends Layer {
      readonly first: Linear;
      readonly second: Linear<8, 2>;
      readonly drop = new Dropout(0.5);
      readonly body: Layer;
      constructor(size: number) {
        super();
        this.first = new Linear(size, 8);
        this.second = new Linear(8, 2);
        this.body = new Sequential(new Linear(8, 8), relu);
      }
      forward(x: Tensor): Tensor {
        const h = this.drop.forward(this.first.forward(x).relu());
        return this.second.forward(this.body.forward(h));
      }
    }
    return new Net(4).forward(zeros([3, 4]));
  },
  "fields that a constructor fills from a list": () => {
    class Net extends Layer {
      readonly layers: Layer[];
      constructor(sizes: readonly number[]) {
        super();
        this.layers = sizes.slice(1).map((size, i) => new Linear(sizes[i] ?? 0, size));
      }
      forward(x: Tensor): Tensor {
        return this.layers.reduce((h, layer) => layer.forward(h).tanh(), x);
      }
    }
    return new Net([3, 5, 2]).forward(zeros([1, 3]));
  },
  "a field that takes layers of its own kind": () => {
    class Net extends Layer {
      readonly layers: Linear[] = [];
      constructor() {
        super();
        this.layers.push(new Linear(2, 3));
        this.layers.push(new Linear(3, 4));
      }
      forward(x: Tensor): Tensor {
        let y = x;
        for (const layer of this.layers) y = layer.forward(y).relu();
        return y;
      }
    }
    return new Net().forward(zeros([1, 2]));
  },
  "a field that may be missing": () => {
    class Net extends Layer {
      readonly main = new Linear(3, 3);
      readonly norm?: LayerNorm;
      readonly head: Linear | null;
      constructor(options: { norm?: boolean; head?: boolean } = {}) {
        super();
        if (options.norm) this.norm = new LayerNorm(3);
        this.head = options.head ? new Linear(3, 1) : null;
      }
      forward(x: Tensor): Tensor {
        const y = this.main.forward(x);
        const z = this.norm?.forward(y) ?? y;
        return this.head === null ? z : this.head.forward(z);
      }
    }
    return [new Net().forward(zeros([1, 3])), new Net({ norm: true, head: true }).forward(zeros([1, 3]))];
  },
  "parameters as fields": () => {
    class Scale extends Layer {
      readonly factor = ones([3], { requiresGrad: true });
      readonly shift: Tensor = zeros([3], { requiresGrad: true });
      weight: Tensor<[3, 2]> = randn([3, 2], { requiresGrad: true });
      forward(x: Tensor): Tensor {
        return matmul(x.mul(this.factor).add(this.shift), this.weight);
      }
    }
    return new Sequential(new Linear(2, 3), new Scale()).forward(zeros([4, 2]));
  },
  "a block with a skip": () => {
    class Block extends Layer {
      readonly body: Sequential;
      constructor(size: number) {
        super();
        this.body = new Sequential(new LayerNorm(size), new Linear(size, 4 * size), relu, new Linear(4 * size, size));
      }
      forward(x: Tensor): Tensor {
        return x.add(this.body.forward(x));
      }
    }
    return new Sequential(new Block(4), new Block(4), new Linear(4, 2)).forward(zeros([2, 4]));
  },
  "a block that is generic over its size": () => {
    class Block<N extends number> extends Layer {
      readonly inner: Linear<N, N>;
      constructor(size: N) {
        super();
        this.inner = new Linear(size, size);
      }
      forward<B extends number>(x: Tensor<[B, N]>): Tensor<[B, N]> {
        return add(x, this.inner.forward(x));
      }
    }
    return new Block(4).forward(zeros([2, 4]));
  },
  "an abstract class of models": () => {
    abstract class Model extends Layer {
      abstract readonly body: Layer;
      forward(x: Tensor): Tensor {
        return this.body.forward(x);
      }
    }
    class Small extends Model {
      readonly body = new Sequential(new Linear(2, 2), relu);
    }
    const models: Model[] = [new Small(), new Small()];
    return models.map((model) => model.forward(zeros([1, 2])));
  },
  "an interface for models": () => {
    interface Model {
      forward(x: Tensor): Tensor;
      parameters(): Tensor[];
    }
    const models: Model[] = [new Linear(2, 2), new Sequential(new Linear(2, 2), relu), mlp([2, 3, 2])];
    return models.map((model) => model.forward(zeros([1, 2])).shape);
  },
  "a function type for layers": () => {
    const linear = new Linear(2, 2);
    const run: (x: Tensor) => Tensor = (x) => linear.forward(x);
    const bound: (x: Tensor) => Tensor = linear.forward.bind(linear);
    return [run(zeros([1, 2])), bound(zeros([1, 2]))];
  },
  "a convolution behind layers, and before them": () => {
    class Net extends Layer {
      readonly body = new Sequential(
        new Conv2d(1, 4, 3),
        relu,
        new MaxPool2d(2),
        new Flatten(),
        new Linear(4 * 3 * 3, 10),
      );
      forward(x: Tensor): Tensor {
        return this.body.forward(x);
      }
    }
    return new Net().forward(zeros([2, 1, 8, 8]));
  },
  "an autoencoder of two models": () => {
    class Auto extends Layer {
      readonly encoder = mlp([8, 4, 2]);
      readonly decoder = mlp([2, 4, 8]);
      forward(x: Tensor): Tensor {
        return this.decoder.forward(this.encoder.forward(x));
      }
    }
    const x = zeros([3, 8]);
    return mse(new Auto().forward(x), x);
  },
  "layers in a Map, and in a record": () => {
    const heads = new Map<string, Linear>([
      ["a", new Linear(2, 3)],
      ["b", new Linear(2, 4)],
    ]);
    const others: Record<string, Layer> = { first: new Linear(2, 2), second: new Dropout() };
    const out: Tensor[] = [];
    for (const [, head] of heads) out.push(head.forward(zeros([1, 2])));
    for (const layer of Object.values(others)) out.push(layer.forward(zeros([1, 2])));
    return out;
  },
  "a class that takes any layer": () => {
    class Wrapped<L extends Layer> extends Layer {
      readonly inner: L;
      constructor(inner: L) {
        super();
        this.inner = inner;
      }
      forward(x: Tensor): Tensor {
        return this.inner.forward(x);
      }
    }
    return new Wrapped(new Linear(2, 3)).forward(zeros([1, 2]));
  },
  "a mixin": () => {
    const counted = (base: typeof Linear) =>
      class extends base {
        count = 0;
        override forward(x: Tensor): Tensor {
          this.count++;
          return super.forward(x);
        }
      };
    const Counted = counted(Linear);
    const layer = new Counted(2, 3);
    layer.forward(zeros([1, 2]));
    return layer.count;
  },
  "a residual of a Sequential": () => {
    const block = new Residual(new Sequential(new Linear(3, 3), relu));
    class Net extends Residual {
      constructor() {
        super(new Linear(3, 3));
      }
    }
    return [block.forward(zeros([2, 3])), new Sequential(new Net(), block).forward(zeros([2, 3]))];
  },
  "a Lambda as a field": () => {
    class Net extends Layer {
      readonly fold = new Lambda((x) => x.reshape([-1, 2]));
      readonly end = new Linear(2, 1);
      forward(x: Tensor): Tensor {
        return this.end.forward(this.fold.forward(x));
      }
    }
    return new Net().forward(zeros([3, 4]));
  },
  "an optimizer over a class of one's own": () => {
    class Fit {
      readonly model = new Sequential(new Linear(3, 4), relu, new Linear(4, 1));
      readonly optimizer = new Adam(this.model.parameters(), { lr: 0.01 });
      private last: Tensor | undefined;
      step(x: Tensor, y: Tensor): number {
        this.optimizer.zeroGrad();
        const loss = mse(this.model.forward(x), y);
        loss.backward();
        this.optimizer.step();
        this.last = loss;
        return this.last.item();
      }
    }
    return new Fit().step(zeros([2, 3]), zeros([2, 1]));
  },
  "static fields and private ones": () => {
    class Net extends Layer {
      static readonly start = zeros([1, 2]);
      readonly #cache = new Map<number, Tensor>();
      readonly map = new Linear(2, 2);
      forward(x: Tensor): Tensor {
        const y = this.#cache.get(0) ?? this.map.forward(x);
        this.#cache.set(0, y);
        return y;
      }
    }
    return new Net().forward(Net.start);
  },
};
