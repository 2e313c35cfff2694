import { learnSineTwice } from "./sine.ts";

postMessage({ float32: learnSineTwice({ dtype: "float32" }), float64: learnSineTwice({ dtype: "float64" }) });
