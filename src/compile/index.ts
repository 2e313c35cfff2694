/**
 * Functions of tensors as WebAssembly programs: a whole training step becomes one call.
 *
 * @module tinygrad-ts/compile
 */
export type { AveragingGroup } from "../core/group.ts";
export { accelerate } from "./accelerate.ts";
export type { Value } from "./builder.ts";
export { type Compiled, type CompileOptions, compile, type Returned } from "./compile.ts";
export { setThreads, type ThreadOptions, type WebWorker } from "./defaultBackend.ts";
export { CompileError } from "./errors.ts";
export type { BinaryFn, MapFn, ReduceFn, UnaryFn, View } from "./ir.ts";
export { lowering } from "./lower.ts";
export type { Lowering, LoweringBuilder, LoweringCall } from "./lowering.ts";
export type { Program } from "./program.ts";
export type { ProgramStats } from "./stats.ts";
