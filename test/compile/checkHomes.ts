import { homeOf } from "../../src/compile/homes.ts";
import { compile } from "../../src/compile/index.ts";
import { Heap, HeapBlock, heap, replaceHeap } from "../../src/compile/webassembly/heap.ts";
import * as T from "../../src/index.ts";

/** How often values were copied out of programs' memory, and into it, while a function ran. */
function trafficOf(fn: () => void): string {
  const { copy } = HeapBlock.prototype;
  const elements = Object.getOwnPropertyDescriptor(HeapBlock.prototype, "elements")!;
  const seen = { out: 0, in: 0 };
  HeapBlock.prototype.copy = function () {
    seen.out++;
    seen.in--; // it looks at the elements, too
    return copy.call(this);
  };
  Object.defineProperty(HeapBlock.prototype, "elements", {
    ...elements,
    get(this: HeapBlock) {
      seen.in++;
      return elements.get!.call(this) as unknown;
    },
  });
  try {
    fn();
  } finally {
    HeapBlock.prototype.copy = copy;
    Object.defineProperty(HeapBlock.prototype, "elements", elements);
  }
  return `${seen.out} out, ${seen.in} in`;
}

function expectSame(what: string, got: string, wanted: string): void {
  if (got !== wanted) throw new Error(`${what}: ${got} instead of ${wanted}`);
}

/** Where tensors' values live between runs: they are not copied out while nobody looks, and not lost when another memory is used. */
export function checkHomes(): void {
  checkValues();
  checkGradients();
  checkAccumulated();
  checkOtherMemory();
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
  expectSame("another memory", `${p.data} ${p.grad!.data} ${looked().data}`, "6,7 30,40 180,280");
}

function checkValues(): void {
  const [p, q, r] = [T.tensor([1, 2]), T.zeros([2]), T.zeros([2])];
  const double = compile(() => void q.assign(T.mul(p, 2)));
  const follow = compile(() => void r.assign(T.add(q, 1)));
  double();
  follow();
  const expectTraffic = (what: string, fn: () => void, wanted: string): void => {
    expectSame(`values: ${what}`, trafficOf(fn), wanted);
  };
  const both = (): void => {
    double();
    follow();
  };
  expectTraffic("nobody looks", both, "0 out, 0 in");
  expectTraffic("assigned", () => double(), "0 out, 0 in");
  p.assign([3, 4]);
  expectTraffic("a new value", double, "0 out, 1 in");
  expectTraffic("the same value", double, "0 out, 0 in");
  expectTraffic("somebody looks", () => void [q.data, q.data, q.data], "1 out, 0 in");
  expectTraffic("after a look", follow, "0 out, 0 in");
  const kept = q.detach();
  p.assign([5, 6]);
  double();
  q.assign(kept); // the very array that it had
  follow();
  expectSame("values: an array that comes back", `${r.data}`, "7,9");
}

function checkGradients(): void {
  const [p, r] = [T.tensor([1, 2], { requiresGrad: true }), T.zeros([2])];
  const add = compile(() => T.sum(T.mul(p, p)).backward());
  const follow = compile(() => void r.assign(T.mul(p.grad!, 3)));
  const expectTraffic = (what: string, fn: () => void, wanted: string): void => {
    expectSame(`gradients: ${what}`, trafficOf(fn), wanted);
  };
  p.grad = T.tensor([0, 0]);
  add();
  follow();
  expectTraffic("nobody looks", () => [add(), follow(), follow()], "0 out, 0 in");
  expectTraffic("somebody looks", () => void [p.grad, p.grad], "1 out, 0 in");
  expectTraffic("after a look", follow, "0 out, 0 in");
  const kept = p.grad;
  p.grad = T.tensor([1, 1]);
  expectTraffic("a new value", follow, "0 out, 1 in");
  expectTraffic("the same value", follow, "0 out, 0 in");
  p.grad = kept;
  follow();
  add();
  p.grad = kept; // the very tensor that it had
  follow();
  expectSame("gradients: a tensor that comes back", `${r.data}`, "12,24");
}

/** A second gradient is computed where the first one stands that nobody has looked at, and added to it. */
function checkAccumulated(): void {
  const [p, x, r] = [T.tensor([1, 2], { requiresGrad: true }), T.tensor([1, 10]), T.zeros([2])];
  const f = compile(() => T.sum(T.mul(p, x)));
  const follow = compile(() => void r.assign(T.mul(p.grad!, 1)));
  for (let i = 0; i < 3; i++) {
    p.grad = null;
    x.assign([1, 10]);
    f().backward(); // stored
    follow();
    x.assign([5, 7]);
    f().backward(); // added
    follow();
    expectSame("gradients: added", `${r.data} ${p.grad!.data}`, "6,17 6,17");
    x.assign([8, 9]);
    T.gradients(f(), [p]); // computed where the gradient stands, and not kept
    follow();
    expectSame("gradients: beside others", `${r.data}`, "6,17");
  }
}

/** As where two copies of the package compile: a program finds what another memory keeps. */
function checkOtherMemory(): void {
  const [p, r] = [T.tensor([1, 2], { requiresGrad: true }), T.zeros([2])];
  const add = (): void => T.sum(T.mul(p, p)).backward();
  const grow = (): void => void p.assign(T.add(p.detach(), 1));
  const follow = (): void => void r.assign(T.add(T.mul(p.grad!, 100), p.detach()));
  p.grad = T.tensor([0, 0]);
  const first = heap();
  const [added, grown, followed] = [compile(add), compile(grow), compile(follow)];
  added();
  grown();
  followed();
  replaceHeap(new Heap());
  const there = [compile(add), compile(grow)];
  for (const f of [...there, ...there]) f();
  replaceHeap(first);
  expectSame("another memory: found", trafficOf(followed), "2 out, 2 in");
  expectSame("another memory: known", trafficOf(followed), "0 out, 0 in");
  expectSame("another memory", `${r.data}`, "1204,1805");
  grown();
  added();
  expectSame("another memory: gone on", `${p.data} ${p.grad!.data}`, "5,6 22,30");
}

/** Places of tensors that are collected are used again. */
export async function checkCollected(collect: () => void): Promise<void> {
  replaceHeap(new Heap());
  for (let i = 0; i < 20; i++) {
    homeOf(heap(), T.zeros([250_000]));
    collect();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const bytes = heap().memory.buffer.byteLength;
  if (bytes > 10_000_000) throw new Error(`${bytes} bytes for one tensor of 1,000,000 at a time`);
}
