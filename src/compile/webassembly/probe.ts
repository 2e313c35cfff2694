import { Assembler, type Local } from "./binary/assembler.ts";
import { ModuleBuilder } from "./binary/module.ts";
import { engine } from "./engine.ts";

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
