import { describe } from "vitest";
import * as api from "../../src/index.ts";
import * as safetensors from "../../src/safetensors/index.ts";
import { loose, proxied, testRefusals } from "../support/refusals.ts";

// Files: what encoding refuses, and what it says to write instead.

const T = loose(api);
const S = loose(safetensors);
const x22 = api.ones([2, 2]);
const m = () => new T.Linear(2, 3);
const w = () => api.tensor([1, 2], { requiresGrad: true });

describe("encode and checkpoints", () => {
  testRefusals([
    [
      () => S.encode(m()),
      "ValueError",
      "encode: tensors must be in a Map or an object, got a Linear; write encode(model.stateDict())",
    ],
    [
      () => S.encode([x22]),
      "ValueError",
      "encode: tensors must be in a Map or an object, got an array; name them: encode({ weight: x })",
    ],
    [
      () => S.encode(x22),
      "ValueError",
      "encode: tensors must be in a Map or an object, got a tensor float32[2, 2]; name them: encode({ weight: x })",
    ],
    [
      () => S.encode(),
      "ValueError",
      "encode: tensors must be in a Map or an object, got undefined; name them: encode({ weight: x })",
    ],
    [() => S.encode({ a: [1] }), "ValueError", 'encode: needs tensors, got an array for "a"; wrap values in tensor(…)'],
    [
      () => S.encode({ a: proxied(x22) }),
      "ValueError",
      'encode: needs tensors, got a Proxy or copy of a tensor, or a tensor of another version of the package for "a"; wrap values in tensor(…)',
    ],
    [
      () => S.encode({}, "note"),
      "ValueError",
      'encode: metadata must be in a Map or an object, got "note", a string; write { note: text }',
    ],
    [
      () => S.encode({}, { epoch: 3 }),
      "ValueError",
      'encode: metadata must be texts, got 3 for "epoch"; write String(value), or JSON.stringify(value)',
    ],
    [
      () => S.encode({}, ["a"]),
      "ValueError",
      "encode: metadata must be in a Map or an object, got an array; write { note: text }",
    ],
    [
      () => S.encode(new T.Adam([w()])),
      "ValueError",
      "encode: tensors must be in a Map or an object, got an Adam; write encode(model.stateDict())",
    ],
    [
      () => S.encodeCheckpoint(m()),
      "ValueError",
      "encodeCheckpoint: needs parts by name, got a Linear; write encodeCheckpoint({ model, optimizer })",
    ],
    [
      () => S.encodeCheckpoint([m()]),
      "ValueError",
      "encodeCheckpoint: needs parts by name, got an array; write encodeCheckpoint({ model, optimizer })",
    ],
    [
      () => S.encodeCheckpoint({ model: m().stateDict() }),
      "ValueError",
      "encodeCheckpoint: model must have a stateDict(), or be a generator, got a Map; pass the model or the optimizer itself",
    ],
    [
      () => S.encodeCheckpoint({ model: 5 }),
      "ValueError",
      "encodeCheckpoint: model must have a stateDict(), or be a generator, got 5",
    ],
    [
      () => S.encodeCheckpoint(),
      "ValueError",
      "encodeCheckpoint: needs parts by name, got undefined; write encodeCheckpoint({ model, optimizer })",
    ],
    [
      () => S.loadCheckpoint(S.encode({}), m()),
      "ValueError",
      "loadCheckpoint: needs parts by name, got a Linear; write loadCheckpoint(bytes, { model, optimizer })",
    ],
    [
      () => S.loadCheckpoint(),
      "ValueError",
      "loadCheckpoint: needs parts by name, got undefined; write loadCheckpoint(bytes, { model, optimizer })",
    ],
    [
      () => S.encodeCheckpoint({ "a.b": m() }),
      "ValueError",
      'encodeCheckpoint: names of parts must have no dot, got "a.b"',
    ],
    [
      () => S.encodeCheckpoint({ model: T.Linear }),
      "ValueError",
      "encodeCheckpoint: model must have a stateDict(), or be a generator, got the class Linear",
    ],
    [
      () => S.encodeCheckpoint({ generator: proxied(new T.Generator(1)) }),
      "ValueError",
      "encodeCheckpoint: generator must have a stateDict(), or be a generator, got a Generator; pass the model or the optimizer itself",
    ],
    [
      () => S.encodeCheckpoint({ model: m() }, 5),
      "ValueError",
      "encodeCheckpoint: metadata must be in a Map or an object, got 5; write { note: text }",
    ],
  ]);
});
