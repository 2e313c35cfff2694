import { relative } from "node:path";
import {
  type Application,
  CommentTag,
  type Context,
  Converter,
  type DeclarationReflection,
  ReflectionKind,
  type SignatureReflection,
} from "typedoc";
import { derivatives } from "../../../src/debug/derivatives.ts";
import { formulas, formulaText } from "../formulas.ts";
import { compiles, dtypesOf, recordsOf, tableOf } from "./facts.ts";
import { type Rule, readRules } from "./rules.ts";
import { type Sample, samples } from "./samples.ts";

type Rules = Awaited<ReturnType<typeof readRules>>;

/**
 * Adds to each op's page what its record says and what calling it shows: the gradient rule, values and derivatives at
 * special points, dtypes, and whether it compiles. An op without a sample is a warning, which fails the build.
 */
export async function opSections(app: Application, root: string): Promise<void> {
  const rules = await readRules(root);
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: Context) => {
    for (const op of project.getReflectionsByKind(ReflectionKind.Function) as DeclarationReflection[]) {
      if (!relative(root, op.sources?.[0]?.fullFileName ?? "").startsWith("src/ops/")) continue;
      const sample = samples[op.name];
      if (sample === undefined) app.logger.warn(`${op.name}: add a sample to docs/typedoc/ops/samples.ts` as never);
      else for (const signature of op.signatures ?? []) addSections(signature, op.name, sample, rules);
    }
    addFormulas(
      project.getReflectionsByKind(ReflectionKind.FunctionOrMethod | ReflectionKind.Class) as DeclarationReflection[],
      root,
    );
  });
}

/** Ops, losses, layers and optimizers say first what they compute, and its derivative. */
function addFormulas(reflections: readonly DeclarationReflection[], root: string): void {
  for (const reflection of reflections) {
    const formula = formulas[reflection.name];
    const file = relative(root, reflection.sources?.[0]?.fullFileName ?? "");
    if (
      formula === undefined ||
      !/^src\/(ops|loss|nn|optim)\//.test(file) ||
      (!reflection.parent?.isProject() && reflection.parent?.kind !== ReflectionKind.Module)
    )
      continue;
    const tag = new CommentTag("@formula", [{ kind: "text", text: formulaText(formula) }]);
    const owners = reflection.signatures ?? [reflection];
    for (const owner of owners) owner.comment?.blockTags.unshift(tag.clone());
  }
}

function addSections(signature: SignatureReflection, name: string, sample: Sample, rules: Rules): void {
  const add = (tag: `@${string}`, text: string): void => {
    if (text !== "") signature.comment?.blockTags.push(new CommentTag(tag, [{ kind: "text", text }]));
  };
  add("@derivativeRule", derivativeRule(name, sample, rules));
  add("@specialPoints", tableOf(sample));
  add("@dtypes", dtypesOf(sample));
  add("@compiles", compiles(sample));
}

/** The rule of the op's record; or, of a function without one, the records that it is made of. */
function derivativeRule(name: string, sample: Sample, rules: Rules): string {
  const records = recordsOf(sample);
  const [own] = records;
  if (own === undefined) return "None: the result does not depend on the input's values.";
  if (records.length > 1) {
    const names = records.map((op) => `\`${op.name}\``).join(", ");
    return `Made of ${names}: its derivative follows from theirs.`;
  }
  const rule = rules.get(own);
  if (rule === undefined) throw new Error(`${name}: no rule of ${own.name} under src/ops`);
  const other = own.name === name ? "" : `Recorded as \`${own.name}\`.`;
  if (own.vjp === "nondifferentiable") return [other, "None: the op is not differentiable."].join(" ").trim();
  const text =
    derivatives[own.name]
      ?.filter((line) => line !== "")
      .map((line) => `\`${line}\``)
      .join(", ") ?? "";
  return [[other, text].join(" ").trim(), codeOf(rule)].filter((part) => part !== "").join("\n\n");
}

function codeOf({ file, line, code }: Rule): string {
  return `\`\`\`ts\n${code}\n\`\`\`\n\nFrom <a href="../source/${file}.html#L${line}"><code>${file}</code></a>.`;
}
