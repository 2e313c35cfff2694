import { describe } from "vitest";
import * as compile from "../../src/compile/index.ts";
import * as api from "../../src/index.ts";
import { loose, proxied, testRefusals } from "../support/refusals.ts";

// The compiler: what it refuses, and what it says to write instead.

const T = loose(api);
const C = loose(compile);
const x22 = api.ones([2, 2]);
const m = () => new T.Linear(2, 3);

describe("compile and accelerate", () => {
  testRefusals([
    [
      () => C.compile(5),
      "ValueError",
      "compile: fn must be a function, got 5; write compile((x) => …): the function, and not what it returns",
    ],
    [
      () => C.compile(m()),
      "ValueError",
      "compile: fn must be a function, got a Linear; write compile((x) => model.forward(x))",
    ],
    [
      () => C.compile(x22),
      "ValueError",
      "compile: fn must be a function, got a tensor float32[2, 2]; write compile((x) => …): the function, and not what it returns",
    ],
    [
      () => C.compile(() => x22, true),
      "ValueError",
      "compile: options must be an object, got true; write { deterministic: true }",
    ],
    [
      () => C.compile(() => x22, { determinstic: true }),
      "ValueError",
      "compile: there is no such option, got determinstic; did you mean deterministic?",
    ],
    [
      () => C.compile(() => x22, { cacheSize: "3" }),
      "ValueError",
      'compile: cacheSize must be a number, got "3", a string',
    ],
    [
      () => C.compile(T.Linear),
      "ValueError",
      "compile: fn must be a function, got the class Linear; write compile((x) => …): the function, and not what it returns",
    ],
    [
      () => C.compile(),
      "ValueError",
      "compile: fn must be a function, got undefined; write compile((x) => …): the function, and not what it returns",
    ],
    [
      () => C.accelerate(true),
      "ValueError",
      "accelerate: options must be an object, got true; write { deterministic: true }",
    ],
    [
      () => C.accelerate({ deterministc: true }),
      "ValueError",
      "accelerate: there is no such option, got deterministc; did you mean deterministic?",
    ],
    [
      () => C.compile(() => 5)(),
      "CompileError",
      "compile: results must be tensors, in arrays or plain objects, got 5; return the tensor, and read it outside",
    ],
    [
      () => C.compile(() => proxied(x22))(),
      "CompileError",
      "compile: results must be tensors, in arrays or plain objects, got a Proxy or copy of a tensor, or a tensor of another version of the package; return the tensor, and read it outside",
    ],
  ]);
});
