import * as tg from "../../src/index.ts";
import { adapterOf } from "./adapters.ts";
import { invoke, OutOfScope, Slice, type Value } from "./binding.ts";
import type { Pending } from "./patterns.ts";
import { subscript } from "./torchIndex.ts";

/** What an expression is made of: values, the results of functions with several, and the modules that names are looked up in. */
type Item = Value | Results | Module;
class Results {
  readonly tensors: readonly tg.Tensor[];
  constructor(tensors: readonly tg.Tensor[]) {
    this.tensors = tensors;
  }
}
class Module {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }
}

/** Where torch's order of arguments is not the one that the op database uses: the adapter's order, as places in torch's. */
const orders: Readonly<Record<string, readonly number[]>> = {
  "torch.where": [1, 0, 2],
  "nn.functional.embedding": [1, 0],
  "torch.einsum": [1, 0],
};

/**
 * Evaluates the PyTorch expression of an edge case, each operator, function and method through the table of adapters. So a case needs
 * no entry of its own: the rule for the op is what is tested.
 *
 * @throws {@link OutOfScope} if an op in it is pending.
 */
export function evaluate(source: string, variables: Readonly<Record<string, tg.Tensor>>): tg.Tensor {
  const parser = new Parser(source, variables);
  const result = parser.whole();
  if (!(result instanceof tg.Tensor)) throw new Error(`${source} is not a tensor`);
  return result;
}

const binaryLevels: readonly Readonly<Record<string, string>>[] = [
  { "<": "lt", ">": "gt", "<=": "le", ">=": "ge", "==": "eq", "!=": "ne" },
  { "+": "add", "-": "sub" },
  { "*": "mul", "/": "div", "@": "matmul" },
];

const onNumbers: Readonly<Record<string, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: (a, b) => a ** b,
};

class Parser {
  private readonly tokens: readonly string[];
  private readonly variables: Readonly<Record<string, tg.Tensor>>;
  private at = 0;

  constructor(source: string, variables: Readonly<Record<string, tg.Tensor>>) {
    this.tokens =
      source.match(/\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+|\w+|'[^']*'|"[^"]*"|\*\*|[<>=!]=|\.\.\.|[^\s\w]/g) ?? [];
    this.variables = variables;
  }

  whole(): Item {
    const result = this.binary(0);
    if (this.at < this.tokens.length) throw new Error(`unexpected ${this.tokens[this.at]}`);
    return result;
  }

  private take(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at++;
    return true;
  }

  private need(token: string): void {
    if (!this.take(token)) throw new Error(`expected ${token} before ${this.tokens[this.at]}`);
  }

  private binary(level: number): Item {
    if (level === binaryLevels.length) return this.unary();
    let left = this.binary(level + 1);
    for (;;) {
      const name = binaryLevels[level]![this.tokens[this.at] ?? ""];
      if (name === undefined) return left;
      this.at++;
      left = this.operator(name, left, this.binary(level + 1));
    }
  }

  private unary(): Item {
    if (this.take("-")) {
      const x = this.unary();
      return typeof x === "number" ? -x : call("neg", [x as Value], {});
    }
    const base = this.postfix();
    return this.take("**") ? this.operator("pow", base, this.unary()) : base;
  }

  private operator(name: string, a: Item, b: Item): Item {
    if (typeof a === "number" && typeof b === "number") return onNumbers[name]!(a, b);
    return call(name, [a as Value, b as Value], {});
  }

  private postfix(): Item {
    let x = this.atom();
    for (;;) {
      if (this.take(".")) x = this.member(x, this.tokens[this.at++]!);
      else if (x instanceof Module && this.take("(")) x = call(x.path, ...this.arguments());
      else if (this.take("[")) x = index(x, this.list("]"));
      else return x;
    }
  }

  private member(x: Item, name: string): Item {
    if (x instanceof Module) return new Module(`${x.path}.${name}`);
    if (x instanceof Results) return x.tensors[name === "values" ? 0 : 1]!;
    this.need("(");
    const [args, kwargs] = this.arguments();
    return call(name, [x, ...args], kwargs);
  }

  private arguments(): [Value[], Record<string, Value>] {
    const kwargs: Record<string, Value> = {};
    const args: Value[] = [];
    while (!this.take(")")) {
      const named = this.tokens[this.at + 1] === "=";
      const name = this.tokens[this.at]!;
      if (named) this.at += 2;
      const value = this.binary(0) as Value;
      if (named) kwargs[name] = value;
      else args.push(value);
      this.take(",");
    }
    return [args, kwargs];
  }

  /** Items up to a closing bracket; those of a subscript may be slices. */
  private list(close: string): Value[] {
    const items: Value[] = [];
    while (!this.take(close)) {
      const parts: (number | null)[] = [null];
      let single: Value = null;
      let colons = 0;
      while (![",", close].includes(this.tokens[this.at]!)) {
        if (this.take(":")) parts[++colons] = null;
        else {
          single = this.binary(0) as Value;
          parts[colons] = single as number;
        }
      }
      items.push(colons > 0 ? new Slice([parts[0]!, parts[1] ?? null, parts[2] ?? null]) : single);
      this.take(",");
    }
    return items;
  }

  private atom(): Item {
    const token = this.tokens[this.at++];
    if (token === undefined) throw new Error("the expression ends early");
    if (token === "(") {
      const x = this.binary(0);
      this.need(")");
      return x;
    }
    if (token === "[") return this.list("]");
    if (token === "...") return token;
    if (/^[\d.]/.test(token)) return Number(token);
    if (/^['"]/.test(token)) return token.slice(1, -1);
    const known = this.variables[token] ?? constants[token];
    if (known === undefined) throw new Error(`unknown name ${token}`);
    return known;
  }
}

const constants: Readonly<Record<string, Item>> = {
  torch: new Module("torch"),
  F: new Module("nn.functional"),
  None: null,
  True: true,
  False: false,
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
};

function index(x: Item, specs: Value[]): Item {
  if (x instanceof Results) return x.tensors[specs[0] as number]!;
  if (!(x instanceof tg.Tensor)) throw new Error("only tensors are indexed");
  return subscript(x, specs);
}

/** A function of torch or a method, by the adapter of its name. */
function call(path: string, given: readonly Value[], kwargs: Readonly<Record<string, Value>>): Item {
  const order = orders[path];
  const args = order === undefined ? given : order.map((i) => given[i]!);
  const adapter = adapterOf(path.replace("torch.", ""));
  if (isPending(adapter)) throw new OutOfScope(`${path}: ${adapter.pending}`);
  const results = invoke(adapter, args, kwargs);
  return results.length === 1 ? results[0]! : new Results(results);
}

/** Whether there is no adapter. */
export function isPending(entry: object): entry is Pending {
  return "pending" in entry;
}
