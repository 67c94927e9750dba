import fc from "fast-check";

/** The parts of a valibot schema that are read; a pipe looks like the schema it begins with. */
export interface ReadSchema {
  readonly type: string;
  readonly entries?: Readonly<Record<string, ReadSchema>>;
  readonly wrapped?: ReadSchema;
  readonly item?: ReadSchema;
  readonly options?: readonly (string | number)[];
  readonly literal?: unknown;
}

/** Valid values by field name, so that inputs pass the schema. */
export type GoodValues = Readonly<Record<string, readonly unknown[]>>;

/** Keys that careless code does not treat as data. */
export const UNKNOWN_KEYS = ["__proto__", "constructor", "prototype", "toString", "length", "", "ghost"];

const NASTY_NUMBERS = [0, -0, -1, 0.5, 1, 2, 99, 1e21, 1e308, -1e308, 2 ** 31, 2 ** 53 - 1, 2 ** 53, 25_000];

const NASTY_STRINGS = [
  "",
  " ",
  "\ud800",
  "\udc00 half",
  "\0",
  "\n",
  "a\u0000b",
  "\u202ereversed",
  "__proto__",
  "constructor",
  "../../etc/passwd",
  "' OR 1=1 --",
  "{{7*7}}",
  "x".repeat(1_001),
  "あ".repeat(1_999),
  "👩‍👩‍👧‍👦".repeat(150),
  "e" + "\u0301".repeat(900),
  "@".repeat(4_000),
  "\ufdfa".repeat(1_999),
  "2030-01-31T12:00:00Z",
  "-271821-04-20T00:00:00.000Z",
  "9999-12-31T23:59:60Z",
  "epoch.0",
  "epoch.99999999999999999999",
  "QQ",
  "_____w",
];

const strings = fc.oneof(
  fc.constantFrom(...NASTY_STRINGS),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ unit: "grapheme", maxLength: 60 }),
);
const numbers = fc.oneof(fc.constantFrom(...NASTY_NUMBERS), fc.double({ noNaN: true }), fc.integer());
const nested = fc.integer({ min: 1, max: 2_000 }).map((depth) =>
  JSON.parse("[".repeat(depth) + "]".repeat(depth))
);
/** Any value that JSON can represent. */
export const anyJson: fc.Arbitrary<unknown> = fc.oneof(strings, numbers, fc.jsonValue(), nested);

/** Generates inputs that match a schema, or nearly. A field with known valid values mostly gets one of them. */
export function inputsOf(schema: ReadSchema, good: GoodValues): fc.Arbitrary<unknown> {
  const fitting = valuesOf(schema, "", good);
  const field = fc.constantFrom("field", ...Object.keys(objectOf(schema)?.entries ?? {}));
  return fc.oneof(
    { arbitrary: fitting, weight: 5 },
    {
      arbitrary: fc.tuple(fitting, field, anyJson).map(([input, key, value]) => plus(input, key, value)),
      weight: 3,
    },
    {
      arbitrary: fc.tuple(fitting, fc.constantFrom(...UNKNOWN_KEYS), anyJson)
        .map(([input, key, value]) => plus(input, key, value)),
      weight: 1,
    },
    { arbitrary: anyJson, weight: 1 },
  );
}

/** Generates values that match a schema, as far as it can be read. */
export function valuesOf(schema: ReadSchema, name: string, good: GoodValues): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case "strict_object":
      return recordOf(schema.entries ?? {}, good);
    case "optional":
    case "nullish":
      return schema.wrapped === undefined ? anyJson : valuesOf(schema.wrapped, name, good);
    case "nullable":
      return schema.wrapped === undefined
        ? anyJson
        : fc.oneof(fc.constant(null), valuesOf(schema.wrapped, name, good));
    case "array":
      return schema.item === undefined
        ? anyJson
        : fc.array(valuesOf(schema.item, name, good), { maxLength: 4 });
    case "picklist":
      return fc.constantFrom(...(schema.options ?? []));
    case "literal":
      return fc.constant(schema.literal);
    case "boolean":
      return fc.boolean();
    default: {
      const values = schema.type === "number" ? numbers : strings;
      const known = good[name];
      if (known === undefined) return values;
      return fc.oneof({ arbitrary: fc.constantFrom(...known), weight: 4 }, { arbitrary: values, weight: 1 });
    }
  }
}

/** Returns an object with one more key; other values unchanged. `__proto__` becomes a real key, as in parsed JSON. */
export function plus(input: unknown, key: string, value: unknown): unknown {
  if (typeof input !== "object" || input === null) return value;
  return Object.defineProperty({ ...input }, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

/** Returns the schema of an object input; null for other inputs. */
export function objectOf(schema: ReadSchema): ReadSchema | null {
  if (schema.type === "strict_object") return schema;
  return schema.wrapped === undefined ? null : objectOf(schema.wrapped);
}

function recordOf(entries: Readonly<Record<string, ReadSchema>>, good: GoodValues): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(
    Object.entries(entries).map(([name, entry]) => [name, valuesOf(entry, name, good)]),
  );
  const requiredKeys = Object.keys(entries).filter((name) => entries[name]?.type !== "optional");
  return fc.record(fields, { requiredKeys });
}
