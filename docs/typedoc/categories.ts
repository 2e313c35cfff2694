import { relative } from "node:path";
import {
  type Application,
  Comment,
  CommentTag,
  type Context,
  Converter,
  type DeclarationReflection,
  ReflectionKind,
} from "typedoc";

/** Where a file's exports stand in the reference: the first folder or file that fits. */
const ofFiles: readonly (readonly [path: string, category: string])[] = [
  ["src/tensor.ts", "Tensor"],
  ["src/methods.ts", "Tensor"],
  ["src/create.ts", "Tensor"],
  ["src/pixels.ts", "Tensor"],
  ["src/core/dtype.ts", "Tensor"],
  ["src/core/nested.ts", "Tensor"],
  ["src/core/shape.ts", "Tensor"],
  ["src/random", "Random numbers"],
  ["src/autograd", "Automatic differentiation"],
  ["src/core/apply.ts", "Automatic differentiation"],
  ["src/core/op.ts", "Automatic differentiation"],
  ["src/ops", "Ops"],
  ["src/nn", "Layers"],
  ["src/loss", "Losses"],
  ["src/optim", "Optimizers"],
  ["src/schedule", "Schedules"],
  ["src/state.ts", "Saving"],
  ["src/core/errors.ts", "Errors"],
];

/** Where the entry points stand. */
const ofModules: Readonly<Record<string, string>> = {
  "tinygrad-ts": "Reference",
  "tinygrad-ts/train": "Reference: training",
  "tinygrad-ts/reporters": "Reference: training",
  "tinygrad-ts/safetensors": "Reference: saving",
  "tinygrad-ts/model": "Reference: saving",
  "tinygrad-ts/onnx": "Reference: saving",
  "tinygrad-ts/node": "Reference: saving",
  "tinygrad-ts/gradcheck": "Reference: gradient checking",
  "tinygrad-ts/fast-check": "Reference: gradient checking",
  "tinygrad-ts/vitest": "Reference: gradient checking",
  "tinygrad-ts/jest": "Reference: gradient checking",
  "tinygrad-ts/compile": "Reference: compiler",
  "tinygrad-ts/blas": "Reference: compiler",
  "tinygrad-ts/mpi": "Reference: training",
  "tinygrad-ts/debug": "Reference: debugging",
};

/** The guides, in the order of the navigation. */
export const guides: Readonly<Record<string, readonly string[]>> = {
  Learn: [
    "docs/guide/getting-started.md",
    "docs/guide/forward-pass-and-residuals.md",
    "docs/guide/training-well.md",
    "docs/guide/images.md",
    "docs/guide/attention-from-scratch.md",
    "docs/guide/identity-paths.md",
    "docs/guide/bug-museum.md",
  ],
  Use: [
    "README.md",
    "docs/guide/ops-and-methods.md",
    "docs/guide/saving-and-loading.md",
    "docs/guide/onnx.md",
    "docs/guide/debugging-nan-and-dead-units.md",
    "docs/guide/writing-your-own-op-and-layer.md",
    "docs/guide/compiling-a-step.md",
    "docs/guide/on-a-server.md",
    "docs/guide/shapes-in-types.md",
    "docs/guide/many-machines.md",
    "docs/guide/environments.md",
    "docs/guide/numerics-and-edge-cases.md",
    "docs/guide/performance.md",
  ],
  "Check gradients": [
    "docs/guide/check-a-gradient.md",
    "docs/guide/reading-a-report.md",
    "docs/guide/how-gradient-checking-works.md",
    "docs/guide/found-in-the-wild.md",
  ],
  "Coming from elsewhere": [
    "docs/guide/coming-from-pytorch.md",
    "docs/guide/coming-from-tensorflowjs.md",
    "docs/guide/what-there-is.md",
  ],
  中文: [
    "README.zh-CN.md",
    "docs/guide/zh-CN/getting-started.md",
    "docs/guide/zh-CN/forward-pass-and-residuals.md",
    "docs/guide/zh-CN/training-well.md",
    "docs/guide/zh-CN/images.md",
    "docs/guide/zh-CN/attention-from-scratch.md",
    "docs/guide/zh-CN/identity-paths.md",
    "docs/guide/zh-CN/bug-museum.md",
    "docs/guide/zh-CN/debugging-nan-and-dead-units.md",
    "docs/guide/zh-CN/saving-and-loading.md",
    "docs/guide/zh-CN/check-a-gradient.md",
    "docs/guide/zh-CN/reading-a-report.md",
  ],
  "For contributors": ["CONTRIBUTING.md", "docs/architecture.md"],
};

/** All categories, in the order of the navigation. */
export const categoryOrder: readonly string[] = [
  ...Object.keys(guides),
  ...new Set(Object.values(ofModules)),
  ...new Set(ofFiles.map(([, category]) => category)),
];

/**
 * Gives each guide, each entry point and each export of the main one its category. An entry point or export that has
 * none is a warning, which fails the build.
 */
export function categories(app: Application, root: string): void {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: Context) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.Module) as DeclarationReflection[]) {
      categorize(module, ofModules[module.name]);
      if (module.name !== "tinygrad-ts") continue;
      for (const child of module.children ?? []) {
        const file = relative(root, child.sources?.[0]?.fullFileName ?? "");
        categorize(child, ofFiles.find(([path]) => file.startsWith(path))?.[1]);
      }
    }
    for (const document of project.documents ?? []) {
      const isHere = (name: string) => guides[name]!.some((path) => path.endsWith(`${document.name}.md`));
      document.frontmatter["category"] = Object.keys(guides).find(isHere);
    }
  });

  function categorize(reflection: DeclarationReflection, category: string | undefined): void {
    if (category === undefined) {
      app.logger.warn(`${reflection.name}: name its category in docs/typedoc/categories.ts` as never);
      return;
    }
    const [signature] = reflection.signatures ?? [];
    const owner = signature?.comment !== undefined ? signature : reflection;
    owner.comment ??= new Comment();
    owner.comment.blockTags.push(new CommentTag("@category", [{ kind: "text", text: category }]));
  }
}
