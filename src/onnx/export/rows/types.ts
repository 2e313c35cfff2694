import type { Op } from "../../../core/op.ts";
import type { Row } from "../emission.ts";
import type { records } from "../records.ts";

type Records = typeof records;

/** A row for each op of the library, by the name of its record, with the attributes that the record has. */
export type Rows = { readonly [K in keyof Records]: Records[K] extends Op<infer A> ? Row<A> : never };

/** Some of them. */
export type SomeRows = Partial<Rows>;
