import {
  BatchNorm2d,
  Conv2d,
  identityBlock,
  type Layer,
  Linear,
  mean,
  projectionBlock,
  Residual,
  relu,
  Sequential,
  type Tensor,
} from "tinygrad-ts";

/** How large a residual network is, and what it does without. */
export interface ResnetOptions {
  /** Height of the pictures. */
  readonly height: number;
  /** Width of the pictures. */
  readonly width: number;
  /** Channels of the first convolution; each stage has twice as many as the one before. */
  readonly channels: number;
  /** Blocks in each stage: a projection block, then identity blocks. */
  readonly blocks: readonly number[];
  /** Whether there are ways around the blocks' convolutions; true by default. */
  readonly hasSkips?: boolean;
  /** Whether convolutions are followed by batch normalization; true by default. */
  readonly hasNorms?: boolean;
}

/**
 * A residual network for pictures in rows of pixels: a 3 × 3 convolution, stages of blocks of three convolutions, the mean over all places, and a linear layer. Each stage halves height and width, but for the first one of small
 * pictures.
 *
 * @param prepare - what is done to the pixels first.
 */
export function resnet(options: ResnetOptions, prepare: (x: Tensor) => Tensor): Sequential {
  const { height, width, channels, blocks } = options;
  const all = blocks.flatMap((count, stage) => {
    const to = channels * 2 ** (stage + 1);
    const stride = stage === 0 && height < 16 ? 1 : 2;
    const first = projectionBlock(to / 2, to, { stride, width: to / 2 });
    return [first, ...Array.from({ length: count - 1 }, () => identityBlock(to, { width: to / 2 }))];
  });
  return new Sequential(
    prepare,
    function images(x) {
      return x.reshape([-1, 1, height, width]);
    },
    chain([new Conv2d(1, channels, 3, { padding: 1, bias: false }), new BatchNorm2d(channels), relu], options),
    ...all.map((block) => reduced(block, options)),
    function meanOverPlaces(x) {
      return mean(x, [2, 3]);
    },
    new Linear(channels * 2 ** blocks.length, 10),
  );
}

/** A block without what it is to do without. */
export function reduced(block: Sequential, options: Pick<ResnetOptions, "hasSkips" | "hasNorms">): Sequential {
  const { inner, projection } = block.layers[0] as Residual;
  const own = chain((inner as Sequential).layers, options);
  if (options.hasSkips === false) return new Sequential(own, relu);
  const around = projection === null ? {} : { projection: chain((projection as Sequential).layers, options) };
  return new Sequential(new Residual(own, around), relu);
}

function chain(
  layers: readonly (Layer | typeof relu)[],
  { hasNorms = true }: Pick<ResnetOptions, "hasNorms">,
): Sequential {
  return new Sequential(...layers.filter((layer) => hasNorms || !(layer instanceof BatchNorm2d)));
}
