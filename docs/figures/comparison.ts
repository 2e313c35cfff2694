// What there is for perceptrons here and elsewhere: the rows of docs/guide/what-there-is.md. Run by `npm run figure`.

import * as library from "tinygrad-ts";
import * as blas from "tinygrad-ts/blas";
import * as compile from "tinygrad-ts/compile";
import * as debug from "tinygrad-ts/debug";
import * as gradcheck from "tinygrad-ts/gradcheck";
import * as model from "tinygrad-ts/model";
import * as mpi from "tinygrad-ts/mpi";
import * as node from "tinygrad-ts/node";
import * as onnx from "tinygrad-ts/onnx";
import * as reporters from "tinygrad-ts/reporters";
import * as safetensors from "tinygrad-ts/safetensors";
import * as train from "tinygrad-ts/train";

/** What there is of a kind: our exports, and the others' names for it; "–" for nothing of the kind. */
interface Row {
  readonly kind: string;
  readonly ours: readonly string[];
  readonly pytorch: string;
  readonly tfjs: string;
  readonly jaxjs: string;
  readonly brainjs: string;
}

const row = (kind: string, ours: string, pytorch: string, tfjs: string, jaxjs: string, brainjs: string): Row => ({
  kind,
  ours: ours.split(" "),
  pytorch,
  tfjs,
  jaxjs,
  brainjs,
});

const sections: readonly (readonly [title: string, rows: readonly Row[]])[] = [
  [
    "Layers",
    [
      row("fully connected", "Linear Bilinear mlp", "Linear, Bilinear", "dense", "–", "NeuralNetwork"),
      row(
        "convolution",
        "Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d",
        "Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d",
        "conv1d, conv2d, conv3d, conv2dTranspose, conv3dTranspose, depthwiseConv2d",
        "lax.conv, lax.convGeneralDilated, lax.convTranspose",
        "–",
      ),
      row(
        "pooling",
        "MaxPool1d MaxPool2d MaxPool3d AvgPool1d AvgPool2d AvgPool3d AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d",
        "all of them",
        "maxPooling, averagePooling, globalMaxPooling, globalAveragePooling",
        "lax.reduceWindow",
        "–",
      ),
      row(
        "sizes of images",
        "Upsample PixelShuffle PixelUnshuffle ZeroPad2d ConstantPad2d ReflectionPad2d ReplicationPad2d CircularPad2d",
        "all of them",
        "upSampling2d, zeroPadding2d",
        "–",
        "–",
      ),
      row(
        "containers",
        "Sequential Parallel Residual Identity Lambda Flatten Unflatten",
        "Sequential, ModuleList, Identity, Flatten, Unflatten",
        "sequential, concatenate, add",
        "–",
        "–",
      ),
      row(
        "normalization",
        "BatchNorm1d BatchNorm2d BatchNorm3d InstanceNorm1d InstanceNorm2d InstanceNorm3d LayerNorm RMSNorm GroupNorm",
        "BatchNorm1d, BatchNorm2d, BatchNorm3d, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d, LayerNorm, RMSNorm, GroupNorm",
        "batchNormalization, layerNormalization",
        "nn.standardize",
        "–",
      ),
      row(
        "attention",
        "scaledDotProductAttention MultiheadAttention TransformerEncoderLayer TransformerDecoderLayer SinusoidalPositions LearnedPositions AttentionGate",
        "all but the positions and gates",
        "–",
        "nn.dotProductAttention",
        "–",
      ),
      row(
        "recurrence",
        "RNN LSTM GRU RNNCell LSTMCell GRUCell",
        "all of them",
        "simpleRNN, lstm, gru and their cells",
        "–",
        "RNN, LSTM, GRU",
      ),
      row("residual networks", "identityBlock projectionBlock SqueezeExcite", "in torchvision", "–", "–", "–"),
      row(
        "dropout",
        "Dropout Dropout1d Dropout2d Dropout3d AlphaDropout",
        "all of them",
        "dropout, spatialDropout1d, alphaDropout",
        "–",
        "–",
      ),
      row("tables", "Embedding", "Embedding", "embedding", "–", "–"),
      row(
        "rectifiers",
        "ReLU LeakyReLU PReLU ELU SELU CELU GELU SiLU Mish Hardswish",
        "all of them",
        "reLU, leakyReLU, prelu, elu; selu as a function",
        "as functions, but PReLU",
        "relu, leaky-relu",
      ),
      row(
        "squashing",
        "Tanh Sigmoid Softplus Softsign Hardtanh Softmax LogSoftmax GLU",
        "all of them",
        "softmax; others as functions, no softsign, GLU",
        "as functions",
        "sigmoid, tanh",
      ),
      row("scaling of inputs", "StandardScaler MinMaxScaler", "–", "rescaling", "–", "–"),
      row(
        "initialisers",
        "xavierUniform xavierNormal kaimingUniform kaimingNormal orthogonal uniform normal",
        "all of them",
        "glorot, he, leCun, orthogonal and others",
        "–",
        "–",
      ),
      row("frozen layers", "freeze unfreeze", "requires_grad_", "layer.trainable", "–", "–"),
    ],
  ],
  [
    "Losses",
    [
      row(
        "regression",
        "mse l1 smoothL1 huber poissonNll gaussianNll",
        "all of them",
        "meanSquaredError, absoluteDifference, huberLoss",
        "–",
        "its own",
      ),
      row(
        "classes",
        "crossEntropy nll bce bceWithLogits klDiv",
        "all of them",
        "softmaxCrossEntropy, sigmoidCrossEntropy, logLoss",
        "–",
        "–",
      ),
      row("segmentation", "dice iou focal", "–", "–", "–", "–"),
      row(
        "margins",
        "hinge hingeEmbedding cosineEmbedding tripletMargin",
        "all but hinge",
        "hingeLoss, cosineDistance",
        "–",
        "–",
      ),
    ],
  ],
  [
    "Optimizers",
    [
      row("gradient descent", "SGD", "SGD", "sgd, momentum", "–", "its own, with momentum"),
      row(
        "scaled by moments",
        "Adam AdamW Adamax NAdam RAdam RMSprop Adagrad Adadelta",
        "all of them",
        "adam, adamax, rmsprop, adagrad, adadelta",
        "–",
        "–",
      ),
      row("others", "Lion LBFGS", "LBFGS", "–", "–", "–"),
      row("parameter groups", "Optimizer", "all of them", "–", "–", "–"),
      row(
        "clipping and guards",
        "clipGradNorm clipGradValue checkFiniteGrads",
        "clip_grad_norm_, clip_grad_value_",
        "–",
        "–",
        "–",
      ),
      row("averaged weights", "EMA", "swa_utils.AveragedModel", "–", "–", "–"),
      row(
        "schedules",
        "Schedule stepDecay multiStep exponential cosine cosineWarmRestarts oneCycle linearWarmup polynomial chained sequential ReduceOnPlateau",
        "all of them",
        "–",
        "–",
        "–",
      ),
    ],
  ],
  [
    "Training",
    [
      row("the loop", "train.fit", "–", "model.fit", "–", "train, trainAsync"),
      row(
        "data",
        "train.TensorDataset train.batches train.trainTestSplit",
        "TensorDataset, DataLoader, random_split",
        "tf.data",
        "–",
        "–",
      ),
      row(
        "callbacks",
        "train.earlyStopping train.bestWeights train.checkpoint train.Progress",
        "–",
        "callbacks.earlyStopping",
        "–",
        "callback, errorThresh",
      ),
      row("reporters", "reporters.lines reporters.progressBar", "–", "a progress bar in Node", "–", "log"),
      row(
        "metrics",
        "train.accuracy train.topKAccuracy train.precision train.recall train.f1 train.binaryAccuracy train.binaryPrecision train.binaryRecall train.binaryF1 train.confusionMatrix train.iou train.diceScore train.pixelAccuracy train.auc train.mae train.rmse train.r2",
        "–",
        "accuracies, precision, recall, MAE, MSE, R², confusionMatrix",
        "–",
        "–",
      ),
      row("outputs for new inputs", "train.predict train.classes", "–", "model.predict", "–", "run"),
      row("images", "fromPixels toPixels", "in torchvision", "browser.fromPixels, browser.toPixels", "–", "–"),
      row("report on the loss curve", "train.convergence", "–", "–", "–", "–"),
    ],
  ],
  [
    "Saving",
    [
      row(
        "weights",
        "safetensors.encode safetensors.decode",
        "torch.save; safetensors as a package",
        "its own format",
        "–",
        "JSON",
      ),
      row(
        "models in one file, without their code",
        "model.encodeModel model.decodeModel node.saveModel node.loadModel",
        "torch.export",
        "model.save, tf.loadLayersModel",
        "–",
        "toJSON, fromJSON",
      ),
      row(
        "whole training runs, bit for bit",
        "safetensors.encodeCheckpoint safetensors.loadCheckpoint",
        "state_dict of each part",
        "–",
        "–",
        "–",
      ),
      row("ONNX: models out and in", "onnx.toOnnx onnx.fromOnnx", "onnx.export (out)", "–", "in, a part", "–"),
      row("files that cannot be torn", "node.writeFileAtomic", "–", "–", "–", "–"),
    ],
  ],
  [
    "Gradients",
    [
      row(
        "automatic differentiation",
        "gradients grad vjp jvp jacobian hessian hvp valueAndGrad",
        "autograd, torch.func",
        "grad, grads, variableGrads",
        "grad, vjp, jvp, jacobian, hessian",
        "–",
      ),
      row(
        "gradient checking",
        "gradcheck.checkGradient gradcheck.assertGradient gradcheck.numericalGradient",
        "autograd.gradcheck",
        "–",
        "–",
        "–",
      ),
      row(
        "debugging",
        "debug.detectAnomaly debug.explain debug.why debug.residuals debug.toDot debug.toMermaid",
        "detect_anomaly",
        "–",
        "–",
        "–",
      ),
      row("products by BLAS", "blas.blas blas.useBlas", "always", "tfjs-node", "–", "–"),
      row(
        "many processes and machines",
        "mpi.mpi mpi.groupOf mpi.threadSeats mpi.threadGroup",
        "DistributedDataParallel",
        "–",
        "–",
        "–",
      ),
      row("compiled steps", "compile.compile compile.accelerate compile.setThreads", "torch.compile", "–", "jit", "–"),
    ],
  ],
];

const modules: Readonly<Record<string, object>> = {
  blas,
  compile,
  debug,
  gradcheck,
  model,
  mpi,
  node,
  onnx,
  reporters,
  safetensors,
  train,
};

/** The page, with our names taken from what is really exported. */
export function comparisonPage(): string {
  const cell = (name: string): string => {
    const [module, own] = name.includes(".") ? name.split(".") : ["", name];
    const exported = module === "" ? library : modules[module!];
    if (exported === undefined || !(own! in exported)) throw new Error(`the library exports no ${name}`);
    return `\`${own}\``;
  };
  const tables = sections.map(([title, rows]) => {
    const lines = rows.map(({ kind, ours, pytorch, tfjs, jaxjs, brainjs }) => {
      return `| ${kind} | ${ours.map(cell).join(", ")} | ${pytorch} | ${tfjs} | ${jaxjs} | ${brainjs} |`;
    });
    return `## ${title}\n\n| | tinygrad-ts | PyTorch 2 | TensorFlow.js 4.22 | jax-js 0.1.25 | brain.js 1.6 |\n|---|---|---|---|---|---|\n${lines.join("\n")}\n`;
  });
  return `# What there is

This page lists what the library contains, next to the names in other libraries. \`npm run figure\` writes it, and checks that the package exports each name in our column. The other
libraries also have much that is not listed here, GPU support above all. For jax-js, the page shows the package itself, without what others have built on it.

${tables.join("\n")}`;
}
