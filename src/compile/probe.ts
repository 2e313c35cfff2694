import { Assembler, type Local } from "./wasm/assembler.ts";
import { engine } from "./wasm/engine.ts";
import { ModuleBuilder } from "./wasm/module.ts";

let madd: boolean | undefined;

/** Whether the engine has relaxed vectors, whose multiply-add may be fused; tried once. */
export function supportsMadd(): boolean {
  if (madd === undefined) {
    const c = new Assembler(["v128"]);
    const [x] = c.params as [Local];
    c.get(x).get(x).get(x).op("f32x4.relaxed_madd", "drop");
    const module = new ModuleBuilder();
    module.define(c);
    madd = engine().validate(module.build());
  }
  return madd;
}
