import { Heap, replaceHeap } from "../../src/compile/heap.ts";
import { compile } from "../../src/compile/index.ts";
import * as T from "../../src/index.ts";

/** Where tensors' values live between runs: they are not copied out while nobody looks, and not lost when another memory is used. */
export function checkHomes(): void {
  const p = T.tensor([1, 2], { requiresGrad: true });
  const step = (): void => {
    T.sum(T.mul(p, p)).backward();
    p.assign(T.add(p.detach(), 1));
  };
  const read = (): T.Tensor => T.mul(p.grad!, p.detach());
  const [stepped, looked] = [compile(step), compile(read)];
  p.grad = T.tensor([0, 0]);
  for (let i = 0; i < 3; i++) {
    stepped();
    looked();
  }
  const isLeft = typeof p.stored === "function" && typeof p.gradient === "function";
  if (!isLeft) throw new Error("values were copied out, and nobody looked");
  replaceHeap(new Heap());
  stepped(); // recorded again
  stepped();
  const said = `${p.data} ${p.grad!.data} ${looked().data}`;
  const wanted = "6,7 30,40 180,280";
  if (said !== wanted) throw new Error(`${said} instead of ${wanted}`);
}
