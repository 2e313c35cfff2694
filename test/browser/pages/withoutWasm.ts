import { add, mul, tensor } from "tinygrad-ts";
import { CompileError, compile } from "tinygrad-ts/compile";
import { show } from "./show.ts";
import { learnSine } from "./sine.ts";

/** What the compiler throws. */
function refusal(): { readonly isCompileError: boolean; readonly message: string } | null {
  try {
    compile(() => add(mul(tensor([1]), 2), 1))();
    return null;
  } catch (error) {
    return { isCompileError: error instanceof CompileError, message: String(error) };
  }
}

void show(() => ({ refusal: refusal(), eager: learnSine({ dtype: "float32" }) }));
