import {
  type Application,
  ArrayType,
  type Context,
  Converter,
  type DeclarationReflection,
  IntrinsicType,
  ReferenceType,
  ReflectionFlag,
  ReflectionKind,
  type SignatureReflection,
  type SomeType,
  TypeOperatorType,
  type TypeParameterReflection,
} from "typedoc";

// The reference shows `Tensor`, and not what the type checker works out of its shape (src/core/shapeTypes.ts): a signature is to be read at a glance.

/** Classes whose type parameters are about shapes. */
const shaped = new Set([
  ...["Tensor", "Layer", "Linear", "Sequential", "Embedding", "Flatten"],
  ...["ConvBase", "ConvLayer", "Conv1d", "Conv2d", "Conv3d"],
  ...["ConvTransposeLayer", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"],
  ...[
    "LayerNorm",
    "RMSNorm",
    "GroupNorm",
    "SqueezeExcite",
    "Residual",
    "ChannelNorm",
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
  ],
  ...["MaxPool", "AvgPool", "AdaptivePool", "TransformerLayer", "TransformerEncoderLayer"],
]);
/** What surrounds a type so that more is inferred or taken. */
const wrappers = new Set(["Asked", "Optional", "Spread"]);
/** `readonly number[]`. */
const sizes = new TypeOperatorType(new ArrayType(new IntrinsicType("number")), "readonly");
/** What type parameters of a signature stand for. */
type Meaning = ReadonlyMap<string, SomeType | undefined>;

/** A type without what it says of shapes. */
function plain(type: SomeType, meaning: Meaning): SomeType {
  switch (type.type) {
    case "reference": {
      const [inner] = type.typeArguments ?? [];
      if (wrappers.has(type.name) && inner !== undefined) return plain(inner, meaning);
      if (type.name === "LastOf") return sizes;
      const known = meaning.get(type.name);
      if (known !== undefined) return plain(known, meaning);
      if (shaped.has(type.name)) delete type.typeArguments;
      else if (type.typeArguments !== undefined) type.typeArguments = type.typeArguments.map((a) => plain(a, meaning));
      return type;
    }
    case "intersection": {
      // A type and what it must be: the first says what a reader wants to know.
      const [first] = type.types;
      return first instanceof ReferenceType && meaning.has(first.name) ? plain(first, meaning) : type;
    }
    case "union": {
      type.types = type.types
        .map((one) => plain(one, meaning))
        .filter((one) => !(one instanceof IntrinsicType && one.name === "undefined"));
      return type.types.length === 1 ? type.types[0]! : type;
    }
    case "array":
      type.elementType = plain(type.elementType, meaning);
      return type;
    case "typeOperator":
      type.target = plain(type.target, meaning);
      return type;
    case "optional":
    case "rest":
      type.elementType = plain(type.elementType, meaning);
      return type;
    case "tuple":
      type.elements = type.elements.map((one) => plain(one, meaning));
      return type;
    case "reflection":
      for (const signature of type.declaration.signatures ?? []) simplify(signature);
      return type;
    default:
      return type;
  }
}

function isShaped(type: SomeType | undefined): boolean {
  return type instanceof ReferenceType && shaped.has(type.name) && type.typeArguments !== undefined;
}

function simplify(signature: SignatureReflection): void {
  const parameters = signature.typeParameters ?? [];
  const hides = isShaped(signature.type) && parameters.length > 0;
  const meaning = new Map(
    hides ? parameters.map(({ name, type }: TypeParameterReflection) => [name, type] as const) : [],
  );
  if (hides) delete signature.typeParameters;
  if (signature.type !== undefined) signature.type = plain(signature.type, meaning);
  if (signature.parameters === undefined) return;
  signature.parameters = signature.parameters.filter(({ name }) => name !== "this");
  for (const parameter of signature.parameters) {
    const { type } = parameter;
    if (type instanceof ReferenceType && type.name === "Optional") parameter.setFlag(ReflectionFlag.Optional);
    if (parameter.type !== undefined) parameter.type = plain(parameter.type, meaning);
  }
}

/** Takes the arithmetic of shapes out of all signatures. */
export function shapes(app: Application): void {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: Context) => {
    for (const reflection of project.getReflectionsByKind(ReflectionKind.SomeSignature) as SignatureReflection[]) {
      simplify(reflection);
    }
    for (const reflection of project.getReflectionsByKind(ReflectionKind.All) as DeclarationReflection[]) {
      if (reflection.kindOf(ReflectionKind.Class) && shaped.has(reflection.name)) delete reflection.typeParameters;
      if (reflection.kindOf(ReflectionKind.SomeSignature)) continue;
      if (reflection.type !== undefined) reflection.type = plain(reflection.type, new Map());
      for (const list of ["extendedTypes", "extendedBy"] as const) {
        const types = reflection[list];
        if (types !== undefined) for (const type of types) plain(type as SomeType, new Map());
      }
    }
  });
}
