import {
  AttentionGate,
  Conv2d,
  cat,
  GroupNorm,
  interpolate,
  Layer,
  MaxPool2d,
  Residual,
  relu,
  Sequential,
  type Tensor,
} from "tinygrad-ts";

/** Two convolutions with a way around them; a convolution of 1 × 1 stands there where the channels change. */
export function residualBlock(from: number, to: number): Sequential {
  const convolution = (channels: number): Conv2d => new Conv2d(channels, to, 3, { padding: "same", bias: false });
  const inner = new Sequential(convolution(from), new GroupNorm(4, to), relu, convolution(to), new GroupNorm(4, to));
  const options = from === to ? {} : { projection: new Conv2d(from, to, 1) };
  return new Sequential(new Residual(inner, options), relu);
}

/**
 * A U-shaped network: an encoder of residual blocks, each level at half the size of the one before, and a decoder that joins what comes from below with what the encoder saw at the same size,
 * after an attention gate has weighted that. Images `[batch, 1, height, width]` become logits of the same shape.
 */
export class CellNetwork extends Layer {
  readonly encoder: Sequential[];
  readonly gates: AttentionGate[];
  readonly decoder: Sequential[];
  readonly head: Conv2d;
  private readonly pool = new MaxPool2d(2);

  /** @param channels - of each level, from the finest. Multiples of 4. */
  constructor(channels: readonly number[]) {
    super();
    const pairs = channels.slice(1).map((below, i) => [channels[i]!, below] as const);
    this.encoder = channels.map((own, i) => residualBlock(channels[i - 1] ?? 1, own));
    this.gates = pairs.map(([own, below]) => new AttentionGate(own, below, own));
    this.decoder = pairs.map(([own, below]) => residualBlock(own + below, own));
    this.head = new Conv2d(channels[0]!, 1, 1);
  }

  /** By how much sizes of images must be divisible. */
  get factor(): number {
    return 2 ** this.gates.length;
  }

  override forward(x: Tensor): Tensor {
    const skips: Tensor[] = [];
    for (const [i, block] of this.encoder.entries()) {
      const above = skips.at(-1);
      skips.push(block.forward(i === 0 ? x : this.pool.forward(above!)));
    }
    let y = skips.at(-1)!;
    for (let i = this.gates.length - 1; i >= 0; i--) {
      const seen = this.gates[i]!.forward(skips[i]!, y);
      y = this.decoder[i]!.forward(cat([seen, interpolate(y, { scaleFactor: 2 })], 1));
    }
    return this.head.forward(y);
  }
}
