export * from "./core/dtype.ts";
export * from "./core/errors.ts";
export * from "./create.ts";
export * from "./tensor.ts";
