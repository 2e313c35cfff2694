// Right programs that build and use networks.
import {
  Adam,
  AvgPool2d,
  add,
  BatchNorm1d,
  BatchNorm2d,
  bce,
  bceWithLogits,
  Conv1d,
  Conv2d,
  crossEntropy,
  Dropout,
  dice,
  Embedding,
  exp,
  Flatten,
  focal,
  freeze,
  GELU,
  GRU,
  GroupNorm,
  gaussianNll,
  hinge,
  hingeEmbedding,
  huber,
  Identity,
  InstanceNorm2d,
  iou,
  klDiv,
  Lambda,
  type Layer,
  type LayerFunction,
  LayerNorm,
  Linear,
  LSTM,
  l1,
  leakyRelu,
  MaxPool1d,
  MaxPool2d,
  MultiheadAttention,
  mlp,
  mse,
  nll,
  noGrad,
  oneHot,
  ones,
  Parallel,
  PReLU,
  poissonNll,
  ReLU,
  Residual,
  RMSNorm,
  randn,
  relu,
  Sequential,
  SGD,
  Softmax,
  scaledDotProductAttention,
  sigmoid,
  softmax,
  summary,
  Tanh,
  type Tensor,
  TransformerEncoderLayer,
  tanh,
  tensor,
  zeros,
} from "tinygrad-ts";
import { batches, predict, TensorDataset, fit as train } from "tinygrad-ts/train";

const yes: boolean = new Date(0).getTime() === 0;
const size: number = zeros([3]).size;

export const layers: Record<string, () => unknown> = {
  "normalisation that is chosen, and shapes from elsewhere": () => {
    const Norm = yes ? LayerNorm : RMSNorm;
    const kinds = { batch: BatchNorm1d, layer: LayerNorm, rms: RMSNorm };
    const kind: keyof typeof kinds = yes ? "layer" : "batch";
    const makers: Record<string, (size: number) => Layer> = {
      group: (size) => new GroupNorm(2, size),
      layer: (size) => new LayerNorm(size),
    };
    const x = zeros([3, 8]);
    const list = [3, 8];
    return [
      new Norm(8).forward(x).matmul(zeros([8, 1])),
      new kinds[kind](8).forward(x).matmul(zeros([8, 1])),
      makers["group"]?.(8).forward(x),
      new LayerNorm(x.shape).forward(x).add(x),
      new LayerNorm(list).forward(x).add(x),
      new LayerNorm([...list.slice(1)]).forward(x).add(x),
      new Sequential(new LayerNorm([3, ...[8]]), new Linear(8, 2)).forward(x),
      new Sequential(new BatchNorm1d(5), new Linear(8, 16), new BatchNorm1d(5), new Linear(16, 2)).forward(
        zeros([2, 5, 8]),
      ),
      new Sequential(new Linear(8, 16), new BatchNorm1d(16), relu, new Linear(16, 4), new GroupNorm(2, 4)).forward(x),
    ];
  },
  "residual blocks of all kinds": () => {
    const x = zeros([3, 8]);
    const inner: Layer = yes ? new Linear(8, 8) : new Identity();
    class Block extends Residual {
      constructor(size: number) {
        super(new Sequential(new LayerNorm(size), new Linear(size, size), relu));
      }
    }
    const blocks: Residual[] = [new Residual(new Linear(8, 8)), new Residual(relu), new Block(8)];
    return [
      new Residual(inner).forward(x).matmul(zeros([8, 1])),
      new Residual((h) => h.mul(2)).forward(x).matmul(zeros([8, 1])),
      new Residual(new Linear(8, 4), { projection: new Linear(8, 4) }).forward(x).matmul(zeros([4, 1])),
      new Sequential(...blocks, new Linear(8, 2)).forward(x),
      new Sequential(new Linear(8, 4), new Block(4), new Linear(4, 2)).forward(x),
      new Residual(new Residual(new Linear(8, 8))).forward(x).add(x),
    ];
  },
  "a layer or a function by a condition": () => {
    const model = new Sequential(new Linear(2, 3), yes ? relu : new Linear(3, 3), new Linear(3, 1));
    const act = yes ? relu : tanh;
    const other = new Sequential(new Linear(2, 3), yes ? new ReLU() : new Tanh(), act, new Linear(3, 1));
    const end = yes ? new Linear(3, 1) : new Linear(3, 2);
    return [model, other, new Sequential(new Linear(2, 3), end)].map((m) => m.forward(zeros([4, 2])));
  },
  "a layer that may be there": () => {
    const norm = yes ? [new LayerNorm(3)] : [];
    const model = new Sequential(new Linear(2, 3), ...norm, relu, ...(yes ? [new Dropout(0.1)] : []), new Linear(3, 1));
    return model.forward(zeros([4, 2]));
  },
  "layers that are spread": () => {
    const body = [new Linear(2, 3), relu, new Linear(3, 4)];
    const fixed = [new Linear(2, 3), new Tanh(), new Linear(3, 4)] as const;
    const typed: (Layer | LayerFunction)[] = [new Linear(2, 3), tanh];
    return [
      new Sequential(...body).forward(zeros([1, 2])),
      new Sequential(...body, new Linear(4, 1)).forward(zeros([1, 2])),
      new Sequential(...fixed).forward(zeros([1, 2])).add(zeros([4])),
      new Sequential(...fixed, new Linear(4, 1)).forward(zeros([1, 2])),
      new Sequential(...typed, new Linear(3, 1)).forward(zeros([1, 2])),
      new Sequential(new Linear(5, 2), ...typed).forward(zeros([1, 5])),
    ];
  },
  "layers by map and flatMap": () => {
    const sizes = [2, 8, 8, 1];
    const linears = sizes.slice(1).map((n, i) => new Linear(sizes[i] ?? 0, n));
    const all = linears.flatMap((layer) => [layer, new Tanh()]);
    const mixed = linears.flatMap((layer) => [layer, tanh]);
    const fixed = [1, 2, 3].map(() => new Linear(4, 4));
    const blocks = Array.from({ length: 2 }, () => new Residual(new Sequential(new Linear(4, 4), relu)));
    return [
      new Sequential(...linears).forward(zeros([1, 2])),
      new Sequential(...all).forward(zeros([1, 2])),
      new Sequential(...mixed).forward(zeros([1, 2])),
      new Sequential(...fixed).forward(zeros([1, 4])),
      new Sequential(...blocks, new Linear(4, 2)).forward(zeros([1, 4])),
    ];
  },
  "layers in a loop": () => {
    const list: Layer[] = [];
    let width = 2;
    for (const next of [4, 8, 1]) {
      list.push(new Linear(width, next));
      list.push(new ReLU());
      width = next;
    }
    // biome-ignore lint/suspicious/noEvolvingTypes: people write it
    const untyped = [];
    for (let i = 0; i < 2; i++) {
      untyped.push(new Linear(2, 2));
      untyped.push(new Tanh());
    }
    return [new Sequential(...list).forward(zeros([1, 2])), new Sequential(...untyped).forward(zeros([1, 2]))];
  },
  "lambdas of all sorts": () => {
    const model = new Sequential(
      new Linear(4, 6),
      (x) => x.reshape([-1, 3]),
      new Linear(3, 2),
      (x: Tensor) => leakyRelu(x, 0.1),
      (x) => softmax(x, -1),
      new Lambda((x) => x.mul(2)),
      function named(x: Tensor) {
        return x.add(1);
      },
    );
    const generic = <T extends Tensor>(x: T) => x.mul(2);
    return [model.forward(zeros([2, 4])), new Sequential(new Linear(4, 2), generic, sigmoid).forward(zeros([2, 4]))];
  },
  "functions with more parameters": () => {
    return new Sequential(new Linear(4, 6), leakyRelu, softmax, relu, exp, new Linear(6, 1)).forward(zeros([2, 4]));
  },
  "nested models": () => {
    const encoder = new Sequential(new Linear(8, 4), relu);
    const decoder = new Sequential(new Linear(4, 8), sigmoid);
    const both = new Sequential(encoder, decoder);
    const deep = new Sequential(new Sequential(new Sequential(both)), new Sequential());
    return [both.forward(zeros([1, 8])).sub(zeros([1, 8])), deep.forward(zeros([1, 8]))];
  },
  "sizes that are not known": () => {
    const [batch = 0, width = 0] = zeros([4, 3]).shape;
    const model = new Sequential(new Linear(width, 2 * size), relu, new Linear(6, 1));
    return [model.forward(zeros([batch, width])), new Linear(size, size).forward(zeros([1, 3]))];
  },
  "sizes from a configuration": () => {
    const config = { inputs: 4, hidden: [8, 8], outputs: 2 };
    const fixed = { inputs: 4, hidden: 8 } as const;
    return [
      mlp([config.inputs, ...config.hidden, config.outputs]).forward(zeros([1, 4])),
      mlp([4, 8, 2])
        .forward(zeros([1, 4]))
        .sub(zeros([1, 2])),
      new Sequential(new Linear(fixed.inputs, fixed.hidden), new Linear(fixed.hidden, 1)).forward(zeros([1, 4])),
    ];
  },
  "a model as Layer": () => {
    const model: Layer = new Sequential(new Linear(2, 3), relu);
    const again: Sequential = new Sequential(new Linear(2, 3), relu);
    const linear: Linear = new Linear(2, 3);
    let best: Sequential = again;
    best = new Sequential(new Linear(2, 5));
    const many: Sequential[] = [again, best, new Sequential(tanh)];
    return [model, again, linear, best, ...many].map((m) => m.forward(zeros([1, 2])));
  },
  "layers to look at": () => {
    const model = new Sequential(new Linear(2, 3), relu, new Linear(3, 1));
    const [first] = model.layers;
    const last = model.layers.at(-1);
    const weights = model.layers.flatMap((layer) => (layer instanceof Linear ? [layer.weight] : []));
    const h = first?.forward(zeros([1, 2]));
    let y: Tensor = zeros([1, 2]);
    for (const layer of model.layers) y = layer.forward(y);
    return [h, last?.describe(), weights.map((w) => w.mul(2).sum()), y, summary(model)];
  },
  "weights that are read and set": () => {
    const layer = new Linear(3, 2);
    layer.weight.assign(zeros([2, 3]));
    layer.bias?.assign([0, 1]);
    layer.weight = randn([2, 3], { requiresGrad: true });
    const y = zeros([1, 3])
      .matmul(layer.weight.T)
      .add(layer.bias ?? 0);
    const tied = new Linear(2, 3);
    tied.weight = randn([3, 2], { requiresGrad: true });
    return [y, tied.forward(y)];
  },
  images: () => {
    const model = new Sequential(
      new Conv2d(1, 8, 3, { padding: 1 }),
      new BatchNorm2d(8),
      relu,
      new MaxPool2d(2),
      new Conv2d(8, 4, 3),
      new GroupNorm(2, 4),
      new AvgPool2d(2),
      new Flatten(),
      new Linear(4, 10),
    );
    const x = zeros([2, 1, 8, 8]);
    const map = new Conv2d(1, 3, [3, 3], { stride: 2 }).forward(x);
    const pooled = new MaxPool2d(2, { stride: 1 }).forward(map);
    return [model.forward(x).add(zeros([10])), map.sum([2, 3]).add(zeros([2, 3])), pooled.reshape([2, -1])];
  },
  "convolutions of one kind or another": () => {
    const isLong = yes;
    const Conv = isLong ? Conv1d : Conv2d;
    const Pool = isLong ? MaxPool1d : MaxPool2d;
    const Norm = isLong ? BatchNorm1d : BatchNorm2d;
    const layer = new Conv(3, 8, 3);
    const y: Tensor = layer.forward(isLong ? zeros([1, 3, 8]) : zeros([1, 3, 8, 8]));
    return new Norm(8).forward(new Pool(2).forward(y));
  },
  "convolutions in lists, and of sizes that are variables": () => {
    const convs: Conv2d[] = [new Conv2d(1, 8, 3), new Conv2d(8, 16, 3)];
    let h: Tensor = zeros([1, 1, 28, 28]);
    for (const conv of convs) h = conv.forward(h);
    const block = (from: number, to: number) => new Sequential(new Conv2d(from, to, 3), new BatchNorm2d(to), relu);
    const net = new Sequential(block(1, 8), block(8, 16), new Flatten(), new Linear(16 * 24 * 24, 10));
    const widths = [1, 8, 16] as const;
    const column = widths.slice(1).map((width, i) => new Conv2d(widths[i]!, width, 3));
    const wide = yes;
    const chosen = new Sequential(new Conv2d(1, wide ? 8 : 16, 3), new Conv2d(wide ? 8 : 16, 4, 3));
    let one = new Conv2d(1, 8, 3);
    one = new Conv2d(1, 8, 5);
    const x = zeros([2, 1, 28, 28]);
    return [h, net.forward(x), new Sequential(...column).forward(x), chosen.forward(x), one.forward(x)];
  },
  "classes and functions around convolutions": () => {
    class Block {
      conv: Conv2d;
      norm: BatchNorm2d | InstanceNorm2d;
      constructor(width: number) {
        this.conv = new Conv2d(1, width, 3);
        this.norm = width > 4 ? new BatchNorm2d(width) : new InstanceNorm2d(width);
      }
      run(x: Tensor): Tensor {
        return this.norm.forward(this.conv.forward(x));
      }
    }
    class Rectified extends Conv2d {
      override forward(x: Tensor): Tensor {
        return super.forward(x).relu();
      }
    }
    const kept = <L extends Layer>(layer: L): L => layer;
    const typed = <B extends number>(x: Tensor<[B, 1, 8, 8]>): Tensor<[B, 8, number, number]> =>
      new Conv2d(1, 8, 3).forward(x);
    const x = zeros([2, 1, 8, 8]);
    const slopes: PReLU[] = [new PReLU(), new PReLU(3), new PReLU<number>(x.size)];
    slopes.push(new PReLU(1));
    for (const slope of slopes) new Sequential(new Linear(4, 3), slope, new Linear(3, 1));
    new Sequential(new Conv2d(1, 8, 3), new PReLU(8), new PReLU(), new PReLU(1), new Conv2d(8, 1, 1));
    const mixed = new Sequential(kept(new Conv2d(1, 8, 3)), new GroupNorm(2, 8), new Conv2d(8, 8, 1), new Linear(6, 3));
    return [
      new Block(8).run(x),
      new Sequential(new Rectified(1, 4, 3), new Conv2d(4, 4, 3)).forward(x),
      mixed.forward(x),
      typed(x),
    ];
  },
  "encoders in a list, and with masks": () => {
    const encoders: TransformerEncoderLayer[] = Array.from({ length: 2 }, () => new TransformerEncoderLayer(8, 2));
    const model = new Sequential(...encoders, (x: Tensor) => x.mean(1), new Linear(8, 4));
    const x = zeros([2, 5, 8]);
    return [model.forward(x), new TransformerEncoderLayer(8, 2).forward(x, { causal: true })];
  },
  signals: () => {
    const model = new Sequential(new Conv1d(2, 4, 3), relu, new BatchNorm1d(4), new Flatten(), new Linear(24, 1));
    return model.forward(zeros([3, 2, 8])).sub(zeros([3, 1]));
  },
  attention: () => {
    const x = zeros([2, 5, 8]);
    const attention = new MultiheadAttention(8, 2);
    const block = new TransformerEncoderLayer(8, 2);
    const y = scaledDotProductAttention(x, x, x);
    return [attention.forward(x).add(x), block.forward(x).add(x), y.add(x)];
  },
  recurrence: () => {
    const x = zeros([2, 5, 3]);
    return [
      new LSTM(3, 4).forward(x),
      new GRU(3, 4)
        .forward(x)
        .slice(null, -1)
        .matmul(zeros([4, 1])),
    ];
  },
  text: () => {
    const tokens = tensor([[1, 2, 0]], { dtype: "int32" });
    const model = new Sequential(new Embedding(4, 8), new LayerNorm(8), (x) => x.mean(1), new Linear(8, 4));
    const scores = new Linear(8, 4).forward(new Embedding(4, 8).forward(tokens));
    return [model.forward(tokens), scores.reshape([-1, 4]), crossEntropy(scores.reshape([3, 4]), tokens.flatten())];
  },
  "norms and activations": () => {
    const x = ones([2, 4]);
    return [
      new Sequential(new Linear(4, 4), new RMSNorm(4), new GELU(), new PReLU(), new Softmax(-1)).forward(x).add(x),
      new Sequential(new Identity(), new Dropout(0.5), new BatchNorm1d(4)).forward(x).add(x),
      new Sequential(new Linear(4, 4), new LayerNorm([4]), new Parallel([new Identity(), new Linear(4, 4)])).forward(x),
    ];
  },
  "a residual and what follows": () => {
    const model = new Sequential(
      new Residual(new Sequential(new Linear(4, 8), relu, new Linear(8, 4))),
      new Linear(4, 2),
    );
    return model.forward(zeros([1, 4])).add(zeros([2]));
  },
  losses: () => {
    const y = zeros([4, 1]);
    const open: Tensor = zeros([4, 1]);
    const labels = tensor([0, 1, 1, 0], { dtype: "int32" });
    const p = sigmoid(new Linear(2, 1).forward(zeros([4, 2])));
    const z = new Linear(2, 1).forward(zeros([4, 2]));
    return [
      mse(p, y).add(l1(p, open)).add(huber(open, p)),
      bce(p, y),
      bceWithLogits(z, y),
      bceWithLogits(z.squeeze(1), tensor([0, 1, 1, 0])),
      crossEntropy(zeros([4, 3]), labels),
      crossEntropy(zeros([4, 3]), [0, 1, 2, 0]),
      crossEntropy(zeros([4, 3]), oneHot(labels, 3)),
      crossEntropy(zeros([3]), tensor(1, { dtype: "int32" })).add(crossEntropy(zeros([3]), zeros([3]))),
      crossEntropy(zeros([2, 3, 4, 5]), zeros([2, 4, 5], { dtype: "int32" })),
      crossEntropy(zeros([2, 3, 4, 5]), zeros([2, size, 4, 5])),
      crossEntropy(yes ? zeros([4, 3]) : zeros([3]), yes ? labels : zeros([4, 3])),
      crossEntropy(yes ? zeros([3]) : zeros([4, 3]), yes ? zeros([3]) : labels),
      crossEntropy(zeros([4, 1]), open).add(crossEntropy(open, zeros([4, 1]))),
      nll(zeros([4, 3]), labels)
        .add(nll(zeros([size, 3]), [0, 1, 2]))
        .add(nll(zeros([4, 3]), labels.reshape([-1]))),
      nll(zeros([3]), tensor(2, { dtype: "int32" })),
      ...[dice, iou, focal].flatMap((loss) => [loss(zeros([4, 3]), labels), loss(zeros([4, 3, 2]), zeros([4, 3, 2]))]),
      klDiv(z, open)
        .add(hinge(z, ones([4, 1])))
        .add(hingeEmbedding(open, ones([4, 1]))),
      poissonNll(z, y)
        .add(gaussianNll(z, y, ones([4])))
        .add(hinge(z.squeeze(1), [1, 1, -1, -1])),
      mse(p.reshape([-1]), y.reshape([-1])),
      mse(p.squeeze(-1), zeros([size + 1])),
    ];
  },
  "losses of a model as a class and as a function": () => {
    const model = mlp([2, 3, 1]);
    const loss = (x: Tensor, y: Tensor): Tensor => mse(model.forward(x), y);
    const step = (x: Tensor, y: Tensor) => {
      const prediction = model.forward(x);
      const error = prediction.sub(y).pow(2).mean();
      return error.add(model.parameters().reduce((sum, w) => add(sum, w.pow(2).sum()), tensor(0)));
    };
    return [loss(zeros([4, 2]), zeros([4, 1])), step(zeros([4, 2]), zeros([4, 1]))];
  },
  "a training loop by hand": () => {
    const w = randn([3, 1], { requiresGrad: true });
    const b = zeros([1], { requiresGrad: true });
    const x = randn([8, 3]);
    const y = x.matmul(tensor([[1], [2], [3]])).add(0.5);
    const optimizer = new SGD([w, b], { lr: 0.1 });
    let last = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 3; i++) {
      optimizer.zeroGrad();
      const loss = mse(x.matmul(w).add(b), y);
      loss.backward();
      optimizer.step();
      last = loss.item();
    }
    return [last, noGrad(() => x.matmul(w).add(b)).toArray()];
  },
  "updates by hand": () => {
    const w = randn([3, 1], { requiresGrad: true });
    mse(zeros([2, 3]).matmul(w), zeros([2, 1])).backward();
    noGrad(() => {
      if (w.grad !== null) w.assign(w.sub(w.grad.mul(0.1)));
      w.grad = null;
    });
    return w;
  },
  "a hand-written network": () => {
    const sizes = [4, 8, 8, 2];
    const weights = sizes.slice(1).map((n, i) => randn([sizes[i] ?? 0, n], { requiresGrad: true }));
    const w1 = randn([4, 8], { requiresGrad: true });
    const w2 = randn([8, 2], { requiresGrad: true });
    const forward = (x: Tensor): Tensor => weights.reduce((h, w) => h.matmul(w).relu(), x);
    const two = (x: Tensor): Tensor => relu(x.matmul(w1)).matmul(w2);
    return [forward(zeros([1, 4])), two(zeros([1, 4])), new Adam([w1, w2], { lr: 0.1 })];
  },
  "freezing and copying": () => {
    const model = new Sequential(new Linear(2, 3), relu);
    const copy = new Sequential(new Linear(2, 3), relu);
    copy.loadStateDict(model.stateDict());
    freeze(model);
    return model
      .eval()
      .forward(zeros([1, 2]))
      .sub(copy.train(false).forward(zeros([1, 2])));
  },
  "a factory": () => {
    const block = (inputs: number, outputs: number) => new Sequential(new Linear(inputs, outputs), relu);
    const sized = <I extends number, O extends number>(i: I, o: O) => new Sequential(new Linear(i, o), tanh);
    const byKind = { relu, tanh, sigmoid };
    const build = (kind: keyof typeof byKind) => new Sequential(new Linear(2, 2), byKind[kind], new Linear(2, 1));
    return [
      new Sequential(block(2, 3), block(3, 4)).forward(zeros([1, 2])),
      new Sequential(sized(2, 3), sized(3, 4)).forward(zeros([1, 2])).add(zeros([4])),
      build("tanh").forward(zeros([1, 2])),
    ];
  },
  "a class instead of an instance by a name": () => {
    const kinds = { linear: Linear, other: Linear } as const;
    const make: new (a: number, b: number) => Layer = kinds.linear;
    const create = (Kind: typeof Linear) => new Kind(2, 3);
    return [new make(2, 3).forward(zeros([1, 2])), create(Linear).forward(zeros([1, 2]))];
  },
  "batches of a data set": () => {
    const data = new TensorDataset(zeros([8, 2]), zeros([8], { dtype: "int32" }));
    const model = mlp([2, 4, 3]);
    const losses: number[] = [];
    for (const [x, y] of batches(data, { batchSize: 4 })) losses.push(crossEntropy(model.forward(x), y).item());
    return losses;
  },
};

export const later: Record<string, () => Promise<unknown>> = {
  "a forward that is awaited": async () => {
    const load = () => Promise.resolve(zeros([4, 2]));
    const make = () => Promise.resolve(new Sequential(new Linear(2, 3), relu));
    const [x, model] = await Promise.all([load(), make()]);
    const y = await Promise.resolve(model.forward(x));
    const all = await Promise.all([1, 2, 3].map((k) => Promise.resolve(x.mul(k))));
    const settled = await Promise.allSettled([load()]);
    return [y.add(zeros([3])), all.reduce((a, b) => a.add(b)), settled.length];
  },
  "tensors that come one by one": async () => {
    async function* stream(): AsyncGenerator<Tensor> {
      yield await Promise.resolve(zeros([2]));
      yield zeros([3]);
    }
    function* rows(x: Tensor): Generator<Tensor, void> {
      for (const row of x) yield row.mul(2);
    }
    const out: Tensor[] = [];
    for await (const x of stream()) out.push(x.sum());
    return [out, [...rows(zeros([2, 3]))].map((row) => row.add(zeros([3])))];
  },
  "fit and predict": async () => {
    const model = new Sequential(new Linear(2, 3), relu, new Linear(3, 1));
    const x = randn([8, 2]);
    const y = x.sum(1, { keepDims: true });
    const data = new TensorDataset(x, y);
    await train(model, data, {
      loss: mse,
      optimizer: new Adam(model.parameters(), { lr: 0.01 }),
      epochs: 1,
      batchSize: 4,
    });
    const out = predict(model, x);
    return out.sub(y).pow(2).mean();
  },
};
