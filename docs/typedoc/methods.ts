import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Application,
  Comment,
  CommentTag,
  type Context,
  Converter,
  type DeclarationReflection,
  ReflectionKind,
} from "typedoc";
import ts from "typescript";

// The everyday ops are methods by a base class of Tensor, which is in a file of its own so that the list is in one place. Readers need not know of it.

/** A method, as src/methods.ts has it. */
export interface Method {
  readonly name: string;
  /** The comment that heads its section: "Arithmetic, elementwise". */
  readonly section: string;
  /** Its parameters as they are written; null for a getter. */
  readonly parameters: readonly string[] | null;
  /** What it says, up to the first empty line. */
  readonly summary: string;
  /** The functions that it links to; the first is the one that it is. */
  readonly functions: readonly string[];
}

/** The methods of src/methods.ts, in its order. */
export function readMethods(root: string): readonly Method[] {
  const path = join(root, "src/methods.ts");
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ES2022, true);
  const [list] = source.statements.filter(ts.isClassDeclaration);
  let section = "";
  return list!.members.flatMap((member): Method[] => {
    const [, heading] = /\/\/ ([^\n]*)\.\n/.exec(member.getFullText()) ?? [];
    if (heading !== undefined) section = heading;
    if (!ts.isMethodDeclaration(member) && !ts.isGetAccessor(member)) return [];
    if (ts.getJSDocTags(member).some(({ tagName }) => tagName.text === "internal")) return [];
    const at = list!.members.indexOf(member);
    if (list!.members.slice(0, at).some(({ name }) => name?.getText() === member.name.getText())) return []; // further overloads
    const comment = ts.getTextOfJSDocComment(ts.getJSDocCommentsAndTags(member).filter(ts.isJSDoc)[0]?.comment) ?? "";
    return [
      {
        name: member.name.getText(),
        section,
        parameters: ts.isGetAccessor(member)
          ? null
          : member.parameters.map((parameter) => parameter.getText()).filter((text) => !text.startsWith("this:")),
        summary: comment.split("\n\n")[0]!,
        functions: [...comment.matchAll(/\{@link (\w+)\}/g)].map(([, name]) => name!),
      },
    ];
  });
}

/** Shows the methods as Tensor's own, in the sections of their file. */
export function methods(app: Application, root: string): void {
  const sections = new Map(readMethods(root).map(({ name, section }) => [name, section]));
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: Context) => {
    const classes = project.getReflectionsByKind(ReflectionKind.Class) as DeclarationReflection[];
    // A layer of another entry point shows its own members: those of all layers are on Layer's page, and their links lead to that entry point.
    for (const layer of classes.filter(({ parent }) => parent?.name !== "tinygrad-ts")) {
      const isOfLayer = ({ inheritedFrom }: DeclarationReflection) => inheritedFrom?.name.startsWith("Layer.");
      for (const child of (layer.children ?? []).filter(isOfLayer)) project.removeReflection(child);
    }
    for (const tensor of classes.filter(({ name }) => name === "Tensor")) {
      delete tensor.extendedTypes;
      for (const child of tensor.children ?? []) {
        const own = [child, child.getSignature, ...(child.signatures ?? [])].filter((one) => one !== undefined);
        for (const reflection of own) delete reflection.inheritedFrom;
        const section = sections.get(child.name === "[iterator]" ? "[Symbol.iterator]" : child.name);
        if (section === undefined) continue;
        child.comment ??= new Comment();
        child.comment.blockTags.push(new CommentTag("@group", [{ kind: "text", text: section }]));
      }
    }
  });
}
