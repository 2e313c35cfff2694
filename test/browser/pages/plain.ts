import { show } from "./show.ts";
import { learnSineTwice } from "./sine.ts";

void show(() => ({ float32: learnSineTwice({ dtype: "float32" }), float64: learnSineTwice({ dtype: "float64" }) }));
