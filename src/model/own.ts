import {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveAvgPool3d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AdaptiveMaxPool3d,
} from "../nn/adaptivePooling.ts";
import { AlphaDropout } from "../nn/alphaDropout.ts";
import { AttentionGate } from "../nn/attentionGate.ts";
import { BatchNorm1d, BatchNorm2d, BatchNorm3d } from "../nn/batchNorm.ts";
import { Bilinear } from "../nn/bilinear.ts";
import { Dropout1d, Dropout2d, Dropout3d } from "../nn/channelDropout.ts";
import { Conv1d, Conv2d, Conv3d } from "../nn/conv.ts";
import { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from "../nn/convTranspose.ts";
import { Dropout } from "../nn/dropout.ts";
import { Embedding } from "../nn/embedding.ts";
import { Flatten, Unflatten } from "../nn/flatten.ts";
import { GroupNorm } from "../nn/groupNorm.ts";
import { InstanceNorm1d, InstanceNorm2d, InstanceNorm3d } from "../nn/instanceNorm.ts";
import { LayerNorm } from "../nn/layerNorm.ts";
import { Linear } from "../nn/linear.ts";
import { MultiheadAttention } from "../nn/multiheadAttention.ts";
import { CircularPad2d, ConstantPad2d, ReflectionPad2d, ReplicationPad2d, ZeroPad2d } from "../nn/padding.ts";
import { AvgPool1d, AvgPool2d, AvgPool3d, MaxPool1d, MaxPool2d, MaxPool3d } from "../nn/pooling.ts";
import { LearnedPositions, SinusoidalPositions } from "../nn/positions.ts";
import { PReLU } from "../nn/prelu.ts";
import { CELU, ELU, GELU, Hardswish, LeakyReLU, Mish, ReLU, SELU, SiLU } from "../nn/rectifiers.ts";
import { GRU, LSTM, RNN } from "../nn/recurrent.ts";
import { GRUCell, LSTMCell, RNNCell } from "../nn/recurrentCells.ts";
import { Identity, Parallel, Residual } from "../nn/residual.ts";
import { PixelShuffle, PixelUnshuffle, Upsample } from "../nn/resizing.ts";
import { RMSNorm } from "../nn/rmsNorm.ts";
import { MinMaxScaler, StandardScaler } from "../nn/scalers.ts";
import { Lambda, type LayerFunction, Sequential } from "../nn/sequential.ts";
import { GLU, Hardtanh, LogSoftmax, Sigmoid, Softmax, Softplus, Softsign, Tanh } from "../nn/squashing.ts";
import { SqueezeExcite } from "../nn/squeezeExcite.ts";
import { TransformerDecoderLayer, TransformerEncoderLayer } from "../nn/transformer.ts";
import { elu, gelu, leakyRelu, silu } from "../ops/activations.ts";
import { glu } from "../ops/glu.ts";
import { hardswish } from "../ops/hardswish.ts";
import { hardtanh } from "../ops/hardtanh.ts";
import { mish } from "../ops/mish.ts";
import { relu } from "../ops/relu.ts";
import { flatten } from "../ops/reshape.ts";
import { celu, selu } from "../ops/selu.ts";
import { sigmoid } from "../ops/sigmoid.ts";
import { logSoftmax, softmax } from "../ops/softmax.ts";
import { softplus } from "../ops/softplus.ts";
import { softsign } from "../ops/softsign.ts";
import { tanh } from "../ops/tanh.ts";
import type { LayerClass } from "./names.ts";

/** The library's classes of layers, by the names that they are exported under, which no minifier changes here. */
export function ownLayers(): Map<string, LayerClass> {
  return new Map<string, LayerClass>(
    Object.entries({
      ...{
        AlphaDropout,
        BatchNorm1d,
        BatchNorm2d,
        BatchNorm3d,
        Bilinear,
        CELU,
        Dropout,
        ELU,
        Embedding,
        Flatten,
        GELU,
        GLU,
        GroupNorm,
      },
      ...{
        Hardswish,
        Hardtanh,
        Identity,
        Lambda,
        LayerNorm,
        LeakyReLU,
        LearnedPositions,
        Linear,
        LogSoftmax,
        MinMaxScaler,
        Mish,
      },
      ...{ Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d },
      ...{ Dropout1d, Dropout2d, Dropout3d, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d, SqueezeExcite },
      ...{ GRU, GRUCell, LSTM, LSTMCell, RNN, RNNCell },
      ...{ AttentionGate, MultiheadAttention, SinusoidalPositions, TransformerDecoderLayer, TransformerEncoderLayer },
      ...{ PReLU, Parallel, RMSNorm, ReLU, Residual, SELU, Sequential, SiLU, Sigmoid, Softmax, Softplus, Softsign },
      ...{ AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d },
      ...{ AdaptiveMaxPool1d, AdaptiveMaxPool2d, AdaptiveMaxPool3d },
      ...{ AvgPool1d, AvgPool2d, AvgPool3d, MaxPool1d, MaxPool2d, MaxPool3d },
      ...{ CircularPad2d, ConstantPad2d, ReflectionPad2d, ReplicationPad2d, ZeroPad2d },
      ...{ PixelShuffle, PixelUnshuffle, Unflatten, Upsample },
      ...{ StandardScaler, Tanh },
    }),
  );
}

/** The library's functions that stand in a Sequential, by name. */
export function ownFunctions(): Map<string, LayerFunction> {
  return new Map<string, LayerFunction>(
    Object.entries({
      ...{ celu, elu, flatten, gelu, glu, hardswish, hardtanh, leakyRelu, logSoftmax, mish, relu, selu, sigmoid },
      ...{ silu, softmax, softplus, softsign, tanh },
    }),
  );
}

/**
 * How many elements the tensors of a layer's weights have at least, by its arguments; 0 for a layer without, and for arguments that are none.
 * So a file can be refused that names larger layers than it has weights for, before memory is taken for them.
 */
export function leastElements(name: string, args: readonly unknown[]): number {
  const options = args.find((arg) => typeof arg === "object" && arg !== null && !Array.isArray(arg)) ?? {};
  const { affine, tracksStatistics, groups, hidden, layers, reduction } = options as {
    readonly [name: string]: unknown;
  };
  const product = (sizes: unknown): number =>
    [sizes].flat().reduce<number>((n, size) => (typeof size === "number" ? n * size : n), 1);
  switch (name) {
    case "Linear":
    case "Embedding":
      return product(args.slice(0, 2));
    case "Conv1d":
    case "Conv2d":
    case "Conv3d":
    case "ConvTranspose1d":
    case "ConvTranspose2d":
    case "ConvTranspose3d": {
      const kernel = typeof args[2] === "number" ? args[2] ** Number(name.at(-2)) : product(args[2]);
      return (product(args.slice(0, 2)) * kernel) / (typeof groups === "number" ? groups : 1);
    }
    case "Bilinear":
      return product(args.slice(0, 3));
    case "BatchNorm1d":
    case "BatchNorm2d":
    case "BatchNorm3d":
      return affine === false && tracksStatistics === false ? 0 : product(args[0]);
    case "InstanceNorm1d":
    case "InstanceNorm2d":
    case "InstanceNorm3d":
      return affine === true || tracksStatistics === true ? product(args[0]) : 0;
    case "SqueezeExcite":
      return product(args[0]) * Math.max(product(args[0]) / product(reduction ?? 16), 1);
    case "LayerNorm":
    case "RMSNorm":
      return affine === false ? 0 : product(args[0]);
    case "LearnedPositions":
      return product(args.slice(0, 2));
    case "RNN":
    case "RNNCell":
    case "LSTM":
    case "LSTMCell":
    case "GRU":
    case "GRUCell":
      return product(args[1]) * (product(args[0]) + product(args[1]) * product(layers ?? 1));
    case "AttentionGate":
      return product(args[2]) * (product(args[0]) + product(args[1]));
    case "MultiheadAttention":
      return 2 * product(args[0]) ** 2;
    case "TransformerEncoderLayer":
    case "TransformerDecoderLayer":
      return 2 * product(args[0]) * (product(args[0]) + product(hidden ?? 2048));
    case "GroupNorm":
      return affine === false ? 0 : product(args[1]);
    case "PReLU":
    case "MinMaxScaler":
    case "StandardScaler":
      return product(args[0] ?? 1);
    default:
      return 0;
  }
}
