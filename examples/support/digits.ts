import { Linear, relu, Sequential, type Tensor } from "tinygrad-ts";
import { Noise, standardizer } from "./inputs.ts";

/** The perceptron of the example: 64 pixels to the scores of ten digits. */
export function digitsNetwork(pixels: Tensor): Sequential {
  return new Sequential(
    standardizer(pixels),
    new Noise(0.6),
    new Linear(64, 64),
    relu,
    new Linear(64, 32),
    relu,
    new Linear(32, 10),
  );
}
