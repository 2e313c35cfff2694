import { manualSeed, matmul, rand } from "tinygrad-ts";
import { blas, useBlas } from "tinygrad-ts/blas";
import { compile, setThreads } from "tinygrad-ts/compile";

// Products of matrices here, and by a BLAS library: in eager and in compiled code, also when memory has grown, and when it is shared.

function near(y, wanted) {
  const [values, right] = [y.data, wanted.data];
  return values.every((value, i) => Math.abs(value - right[i]) < 1e-5 * (1 + Math.abs(right[i])));
}

export async function blasProducts() {
  manualSeed(4);
  const x = rand([60, 60]);
  const large = rand([700, 700]);
  const [square, largeSquare] = [matmul(x, x), matmul(large, large)];
  const product = compile((a) => matmul(a, a));
  product(x);

  const library = await blas();
  // biome-ignore lint/correctness/useHookAtTopLevel: it is no hook of React
  const stop = useBlas(library);
  const isOut = () => String(product.programs.at(-1)).includes("outside");
  const eager = near(matmul(x, x), square);
  const compiled = near(product(x), square) && isOut();
  const grown = near(product(large), largeSquare) && near(product(x), square);
  await setThreads(2);
  const shared = near(product(x), square) && isOut();
  await setThreads(1);
  stop();
  const stopped = near(product(x), square) && !isOut();
  return { library: /BLAS|BLIS|Accelerate/.test(library.version), eager, compiled, grown, shared, stopped };
}
