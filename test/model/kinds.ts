import * as T from "../../src/index.ts";
import { type Layer, Linear, relu, Sequential, type Tensor } from "../../src/index.ts";

export const dtype = "float64";
const sequences = T.randn([2, 3, 4], { dtype, generator: new T.Generator(4) });
const images = T.randn([2, 2, 3, 4], { dtype, generator: new T.Generator(5) });
const batch = T.randn([4, 6], { dtype, generator: new T.Generator(3) });

/** Every kind of layer of the library, with settings that are not the defaults, and an input. */
export const kinds: Record<string, [layer: Layer, x: Tensor]> = {
  AlphaDropout: [new T.AlphaDropout(0.3), batch],
  BatchNorm1d: [new T.BatchNorm1d(6, { eps: 0.1, momentum: null, affine: false, dtype }), batch],
  BatchNorm2d: [new T.BatchNorm2d(2, { tracksStatistics: false, dtype }), images],
  BatchNorm3d: [new T.BatchNorm3d(2, { eps: 0.1, momentum: 0.5, dtype }), T.reshape(images, [2, 2, 1, 3, 4])],
  Bilinear: [new T.Parallel([new T.Identity()]), batch],
  CELU: [new T.CELU(2), batch],
  Conv1d: [new T.Conv1d(3, 4, 2, { padding: "same", bias: false, dtype }), sequences],
  Conv2d: [
    new T.Conv2d(2, 4, [1, 2], { stride: [1, 2], padding: [[0, 1], 1], paddingMode: "circular", groups: 2, dtype }),
    images,
  ],
  Conv3d: [new T.Conv3d(2, 2, 2, { dilation: [1, 2, 1], dtype }), images],
  ConvTranspose1d: [new T.ConvTranspose1d(3, 4, 2, { stride: 3, outputPadding: 1, dtype }), sequences],
  ConvTranspose2d: [new T.ConvTranspose2d(2, 3, [2, 3], { padding: [1, [0, 1]], bias: false, dtype }), images],
  ConvTranspose3d: [new T.ConvTranspose3d(2, 2, 2, { groups: 2, dtype }), images],
  Dropout: [new T.Dropout(0.3), batch],
  ELU: [new T.ELU(2), batch],
  Embedding: [new T.Embedding(5, 3, { paddingIndex: 1, dtype }), T.tensor([0, 1, 4], { dtype: "int32" })],
  Flatten: [new T.Flatten(0, 1), batch],
  GELU: [new T.GELU({ approximate: "tanh" }), batch],
  GLU: [new T.GLU(0), batch],
  GroupNorm: [new T.GroupNorm(2, 6, { eps: 0.1, dtype }), batch],
  GRU: [new T.GRU(4, 3, { layers: 2, dropout: 0.5, bias: false, dtype }), sequences],
  GRUCell: [new T.GRUCell(6, 3, { dtype }), batch],
  Hardswish: [new T.Hardswish(), batch],
  Hardtanh: [new T.Hardtanh(-0.5, 0.25), batch],
  Identity: [new T.Identity(), batch],
  Lambda: [new T.Lambda(relu), batch],
  LayerNorm: [new T.LayerNorm([4, 6], { eps: 0.1, affine: false }), batch],
  LSTM: [new T.LSTM(4, 3, { bidirectional: true, dtype }), sequences],
  LSTMCell: [new T.LSTMCell(6, 3, { bias: false, dtype }), batch],
  LeakyReLU: [new T.LeakyReLU(0.3), batch],
  LearnedPositions: [new T.LearnedPositions(5, 4, { std: 1, dtype }), sequences],
  Linear: [new Linear(6, 3, { bias: false, dtype }), batch],
  LogSoftmax: [new T.LogSoftmax(0), batch],
  MinMaxScaler: [new T.MinMaxScaler(6, { low: -1, high: 2, dtype }).fit(batch), batch],
  Mish: [new T.Mish(), batch],
  MultiheadAttention: [new T.MultiheadAttention(4, 2, { bias: false, dropout: 0.5, dtype }), sequences],
  PReLU: [new T.PReLU(6, { slope: 0.5, dtype }), batch],
  Parallel: [new T.Parallel([new Linear(6, 2, { dtype }), relu], { axis: 1 }), batch],
  RMSNorm: [new T.RMSNorm(6, { dtype }), batch],
  RNN: [new T.RNN(4, 3, { activation: "relu", dtype }), sequences],
  RNNCell: [new T.RNNCell(6, 3, { activation: "relu", dtype }), batch],
  ReLU: [new T.ReLU(), batch],
  Residual: [new T.Residual(T.tanh, { projection: new Linear(6, 6, { dtype }) }), batch],
  SELU: [new T.SELU(), batch],
  Sequential: [new Sequential(new Sequential(T.softplus), new Linear(6, 2, { dtype })), batch],
  SiLU: [new T.SiLU(), batch],
  Sigmoid: [new T.Sigmoid(), batch],
  SinusoidalPositions: [new T.SinusoidalPositions(4, { base: 100 }), sequences],
  Softmax: [new T.Softmax(0), batch],
  Softplus: [new T.Softplus(), batch],
  Softsign: [new T.Softsign(), batch],
  StandardScaler: [new T.StandardScaler(6, { dtype }).fit(batch), batch],
  Tanh: [new T.Tanh(), batch],
  TransformerDecoderLayer: [new T.Parallel([new T.Identity()]), sequences], // of two inputs: see roundTrip.test.ts
  TransformerEncoderLayer: [
    new T.TransformerEncoderLayer(4, 2, {
      hidden: 5,
      dropout: 0.5,
      activation: "gelu",
      normFirst: true,
      eps: 0.1,
      dtype,
    }),
    sequences,
  ],
};
