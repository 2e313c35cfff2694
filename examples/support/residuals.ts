import { Linear, norm, type Sequential, type Tensor } from "tinygrad-ts";

/**
 * Measures the residuals of a model's linear layers: a layer's residual is ∂loss/∂(its output), the error that backpropagation carries
 * back to it, and its weights move by that times its input. A norm that shrinks from layer to layer means that the early ones hardly
 * learn; one that explodes, that steps are too large.
 */
export class ResidualRecorder {
  /** For each linear layer, the L2 norm of its residual at each step so far. */
  readonly norms = new Map<string, number[]>();

  /** What `model.forward(x)` computes, listening to the linear layers on the way. */
  forward(model: Sequential, x: Tensor): Tensor {
    let y = x;
    let depth = 0;
    for (const layer of model.layers) {
      y = layer.forward(y);
      if (layer instanceof Linear) this.listen(`layer ${++depth}: ${layer.describe()}`, y);
    }
    return y;
  }

  /** Backward shows each tensor's complete cotangent to the tensor's hooks as it comes through. */
  private listen(name: string, output: Tensor): void {
    const norms = this.norms.get(name) ?? [];
    this.norms.set(name, norms);
    output.registerHook((residual) => {
      norms.push(norm(residual).item());
    });
  }
}
