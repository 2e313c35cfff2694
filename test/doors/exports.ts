import { join } from "node:path";
import ts from "typescript";
import { root } from "../docs/extract.ts";
import type { Junk } from "./junk.ts";

/** What a parameter refuses, by its types. */
export interface Parameter {
  readonly name: string;
  /** Junk that its type does not take. */
  readonly refuses: readonly Junk[];
  /** Whether it takes tensors: then a copy by `structuredClone` and a Proxy must be refused. */
  readonly takesTensors: boolean;
  /** Its options, if it is a bag of them. */
  readonly options: readonly Parameter[] | null;
}

/** What can be called: a function, a class, or a method. */
export interface Subject {
  /** `sum`, `Linear`, `Tensor.sum`. */
  readonly name: string;
  readonly kind: "function" | "class" | "method";
  readonly parameters: readonly Parameter[];
  /** Whether it takes any number of arguments. */
  readonly hasRest: boolean;
}

const options: ts.CompilerOptions = {
  allowImportingTsExtensions: true,
  exactOptionalPropertyTypes: false,
  lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  noEmit: true,
  skipLibCheck: true,
  strict: true,
  target: ts.ScriptTarget.ES2022,
  types: ["node"],
};

/** Everything that each entry point exports and that takes arguments, with what its types refuse. */
export function subjectsOf(files: readonly string[]): Subject[][] {
  const junkFile = join(root, "test/doors/junk.ts");
  const program = ts.createProgram([...files, junkFile], options);
  const checker = program.getTypeChecker();
  const exportsOf = (file: string): ts.Symbol[] =>
    checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)!)!);

  const junkSymbol = exportsOf(junkFile).find(({ name }) => name === "junk")!;
  const junkTypes = checker
    .getPropertiesOfType(checker.getTypeOfSymbol(junkSymbol))
    .map((property) => [property.name as Junk, checker.getTypeOfSymbol(property)] as const);

  const isInternal = (symbol: { getJsDocTags: ts.Symbol["getJsDocTags"] }): boolean =>
    symbol.getJsDocTags(checker).some(({ name }) => name === "internal");
  const members = (type: ts.Type): readonly ts.Type[] => (type.isUnion() ? type.types : [type]);
  /** What a type parameter may be at most: anything, if nothing is said. */
  const constrained = (type: ts.Type): ts.Type => {
    // A parameter and what its shape must be: the first is what it may be at most.
    const bare = type.isIntersection() ? (type.types.find((part) => part.isTypeParameter()) ?? type) : type;
    if (!bare.isTypeParameter()) return bare;
    return bare.getConstraint() === undefined ? checker.getAnyType() : checker.getBaseConstraintOfType(bare)!;
  };
  const isTensor = (type: ts.Type): boolean => type.getSymbol()?.name === "Tensor";

  /** The options that a type has, if it is a bag of options: all of them may be left out, or its name says so. */
  function bagOf(type: ts.Type): readonly ts.Symbol[] | null {
    const properties = checker.getPropertiesOfType(type);
    const isPlain =
      (type.flags & ts.TypeFlags.Object) !== 0 &&
      !checker.isArrayLikeType(type) &&
      !isTensor(type) &&
      type.getCallSignatures().length === 0 &&
      !type.isClass() &&
      checker.getIndexInfosOfType(type).length === 0;
    if (!isPlain || properties.length === 0) return null;
    const name = type.aliasSymbol?.name ?? type.getSymbol()?.name ?? "";
    const isOptional = properties.every((property) => (property.flags & ts.SymbolFlags.Optional) !== 0);
    return isOptional || name.endsWith("Options") ? properties : null;
  }

  function parameter(name: string, types: readonly ts.Type[], depth = 0): Parameter {
    const taken = types.flatMap((type) => [type, ...members(type)]).map(constrained); // `T | undefined` has a parameter in it
    const parts = taken.flatMap(members);
    const callable = parts.some((type) => type.getCallSignatures().length > 0);
    const bag = depth > 0 ? undefined : parts.map(bagOf).find((found) => found !== null);
    return {
      name,
      refuses: junkTypes
        .filter(
          ([kind, type]) =>
            !(kind === "function" && callable) && !taken.some((to) => checker.isTypeAssignableTo(type, to)),
        )
        .map(([kind]) => kind),
      takesTensors: parts.some(isTensor),
      options: bag?.map((property) => parameter(property.name, [typeOf(property)], depth + 1)) ?? null,
    };
  }

  /** A property's type, with undefined if it may be left out. */
  function typeOf(symbol: ts.Symbol): ts.Type {
    return checker.getTypeOfSymbol(symbol);
  }

  function parametersOf(signatures: readonly ts.Signature[]): Parameter[] {
    const most = Math.max(0, ...signatures.map(({ parameters }) => parameters.length));
    return Array.from({ length: most }, (_, i) => {
      const types = signatures.flatMap(({ parameters }) => {
        const symbol = parameters[i];
        if (symbol === undefined) return [checker.getUndefinedType()];
        const declaration = symbol.valueDeclaration as ts.ParameterDeclaration | undefined;
        const type = typeOf(symbol);
        if (declaration?.dotDotDotToken !== undefined) {
          return members(constrained(type)).map(
            (list) => checker.getIndexTypeOfType(list, ts.IndexKind.Number) ?? list,
          );
        }
        const mayBeMissing = declaration?.questionToken !== undefined || declaration?.initializer !== undefined;
        return mayBeMissing ? [type, checker.getUndefinedType()] : [type];
      });
      return parameter(signatures.find(({ parameters }) => parameters[i] !== undefined)!.parameters[i]!.name, types);
    });
  }

  function partsOf(signatures: readonly ts.Signature[]): Pick<Subject, "parameters" | "hasRest"> {
    const declarations = signatures.flatMap(({ parameters }) =>
      parameters.map(({ valueDeclaration }) => valueDeclaration),
    );
    const hasRest = declarations.some(
      (node) => (node as ts.ParameterDeclaration | undefined)?.dotDotDotToken !== undefined,
    );
    return { parameters: parametersOf(signatures), hasRest };
  }

  /** The methods of a class that are its own, and all of a tensor. */
  function methodsOf(symbol: ts.Symbol): Subject[] {
    const instance = checker.getDeclaredTypeOfSymbol(symbol);
    return checker
      .getPropertiesOfType(instance)
      .filter(
        (method) => (method.flags & ts.SymbolFlags.Method) !== 0 && !isInternal(method) && !method.name.startsWith("#"),
      )
      .filter((method) => isTensor(instance) || method.declarations?.[0]?.parent === symbol.declarations?.[0])
      .filter(
        (method) =>
          !method.declarations?.some(
            (node) =>
              ts.getCombinedModifierFlags(node as ts.Declaration) &
              (ts.ModifierFlags.Private | ts.ModifierFlags.Protected),
          ),
      )
      .map((method): Subject => {
        const signatures = checker.getSignaturesOfType(checker.getTypeOfSymbol(method), ts.SignatureKind.Call);
        return { name: `${symbol.name}.${method.name}`, kind: "method", ...partsOf(signatures) };
      });
  }

  const subjectsIn = (file: string): Subject[] =>
    exportsOf(file)
      .map(
        (symbol) =>
          [
            symbol.name,
            (symbol.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(symbol) : symbol,
          ] as const,
      )
      .flatMap(([name, symbol]): Subject[] => {
        const type = checker.getTypeOfSymbol(symbol);
        const isCallable = (symbol.flags & ts.SymbolFlags.Variable) !== 0 && type.getCallSignatures().length > 0;
        if ((symbol.flags & ts.SymbolFlags.Function) !== 0 || isCallable) {
          return [{ name, kind: "function", ...partsOf(type.getCallSignatures()) }];
        }
        if ((symbol.flags & ts.SymbolFlags.Class) === 0) return [];
        if (checker.getPropertyOfType(checker.getDeclaredTypeOfSymbol(symbol), "stack") !== undefined) return []; // errors
        const isAbstract = symbol.declarations?.some(
          (node) => ts.getCombinedModifierFlags(node as ts.Declaration) & ts.ModifierFlags.Abstract,
        );
        const constructors = type.getConstructSignatures().filter((signature) => !isInternal(signature));
        const own: Subject[] = isAbstract ? [] : [{ name, kind: "class", ...partsOf(constructors) }];
        return [...own, ...methodsOf(symbol)];
      })
      .filter(({ parameters }) => parameters.length > 0);

  return files.map(subjectsIn);
}
