import { encodeF32, encodeF64, encodeI32, encodeI64, encodeU32 } from "./encoding.ts";
import {
  type LaneAccess,
  type LaneOp,
  laneAccessOpcodes,
  laneOpcodes,
  type MemoryAccess,
  memoryOpcodes,
  opcodes,
  type Plain,
} from "./opcodes.ts";

/** The types of WebAssembly's values that are used here. */
export const valueTypes = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;

export type ValueType = keyof typeof valueTypes;

/** A local variable of a function that is being assembled. */
export type Local = { readonly index: number; readonly type: ValueType };

/** Writes the body of one WebAssembly function, an instruction a call, in the order of the stack machine. */
export class Assembler {
  readonly params: readonly Local[];
  readonly #code: number[] = [];
  readonly #start: number[] = [];
  readonly #constants = new Map<string, Local>();
  readonly #locals: ValueType[] = [];
  readonly #free = new Map<ValueType, Local[]>();

  constructor(params: readonly ValueType[] = []) {
    this.params = params.map((type, index) => ({ type, index }));
  }

  /** A new local variable, or one that was given back by `release`. */
  local(type: ValueType): Local {
    const free = this.#free.get(type)?.pop();
    if (free !== undefined) return free;
    this.#locals.push(type);
    return { index: this.params.length + this.#locals.length - 1, type };
  }

  /** Gives a local variable back for others to use. */
  release(local: Local): void {
    const list = this.#free.get(local.type);
    if (list === undefined) this.#free.set(local.type, [local]);
    else list.push(local);
  }

  op(...names: Plain[]): this {
    for (const name of names) this.#opcode(opcodes[name]);
    return this;
  }

  get(local: Local): this {
    return this.#byte(0x20).#u32(local.index);
  }

  set(local: Local): this {
    return this.#byte(0x21).#u32(local.index);
  }

  tee(local: Local): this {
    return this.#byte(0x22).#u32(local.index);
  }

  i32(value: number): this {
    this.#byte(0x41);
    encodeI32(this.#code, value);
    return this;
  }

  i64(value: bigint): this {
    this.#byte(0x42);
    encodeI64(this.#code, value);
    return this;
  }

  f64(value: number): this {
    this.#byte(0x44);
    encodeF64(this.#code, value);
    return this;
  }

  f32(value: number): this {
    this.#byte(0x43);
    encodeF32(this.#code, value);
    return this;
  }

  /** A vector by its sixteen bytes. */
  v128(bytes: Uint8Array): this {
    this.#opcode([0xfd, 0x0c]);
    for (const byte of bytes) this.#code.push(byte);
    return this;
  }

  /**
   * A vector that is known beforehand, in a local variable that is set where the function starts: engines make constants again where they
   * stand, in several instructions, and not all engines take them out of loops.
   */
  constant(bytes: Uint8Array): Local {
    const key = `${bytes}`;
    let local = this.#constants.get(key);
    if (local === undefined) {
      this.#locals.push("v128");
      local = { index: this.params.length + this.#locals.length - 1, type: "v128" };
      this.#constants.set(key, local);
      this.#start.push(0xfd, 0x0c, ...bytes, 0x21);
      encodeU32(this.#start, local.index);
    }
    return local;
  }

  /** Reads or writes memory at an address on the stack plus `offset`. */
  memory(name: MemoryAccess, offset = 0): this {
    const { bytes, width } = memoryOpcodes[name];
    return this.#opcode(bytes).#access(width, offset);
  }

  /** Reads or writes one lane at an address on the stack plus `offset`. */
  laneMemory(name: LaneAccess, lane: number, offset = 0): this {
    const { bytes, width } = laneAccessOpcodes[name];
    return this.#opcode(bytes).#access(width, offset).#byte(lane);
  }

  lane(name: LaneOp, lane: number): this {
    return this.#opcode(laneOpcodes[name]).#byte(lane);
  }

  /** Picks sixteen bytes of two vectors. */
  shuffle(...lanes: number[]): this {
    this.#opcode([0xfd, 0x0d]);
    for (const lane of lanes) this.#code.push(lane);
    return this;
  }

  /** memory.fill: address, byte and size are on the stack. */
  fill(): this {
    return this.#opcode([0xfc, 11]).#byte(0);
  }

  /** memory.copy: target, source and size are on the stack. */
  copy(): this {
    return this.#opcode([0xfc, 10]).#byte(0).#byte(0);
  }

  call(func: number): this {
    return this.#byte(0x10).#u32(func);
  }

  /** Runs `body` if the i32 on the stack is not 0. */
  if(body: () => void): this {
    this.#byte(0x04).#byte(0x40);
    body();
    return this.#byte(0x0b);
  }

  /** Runs `body` for `counter` from where it stands to below `end` in steps; at least once, so the caller sees to it that there is work. */
  loop(counter: Local, end: number | Local, step: number, body: () => void): this {
    this.#byte(0x03).#byte(0x40);
    body();
    this.get(counter).i32(step).op("i32.add").tee(counter);
    if (typeof end === "number") this.i32(end);
    else this.get(end);
    this.op("i32.lt_s");
    return this.#byte(0x0d).#u32(0).#byte(0x0b);
  }

  /** The function's body as it stands in a module. */
  get body(): readonly number[] {
    const head: number[] = [];
    encodeU32(head, this.#locals.length);
    for (const type of this.#locals) head.push(1, valueTypes[type]);
    const body: number[] = [];
    encodeU32(body, head.length + this.#start.length + this.#code.length + 1);
    return body.concat(head, this.#start, this.#code, 0x0b);
  }

  #access(width: number, offset: number): this {
    this.#byte(Math.log2(width));
    return this.#u32(offset);
  }

  #opcode(bytes: readonly number[]): this {
    this.#byte(bytes[0]!);
    return bytes.length > 1 ? this.#u32(bytes[1]!) : this;
  }

  #byte(value: number): this {
    this.#code.push(value);
    return this;
  }

  #u32(value: number): this {
    encodeU32(this.#code, value);
    return this;
  }
}
