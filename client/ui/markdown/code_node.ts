/** Highlighted code: a text, or a scope such as `keyword` around more of them. */
export type CodeNode = string | { readonly scope: string; readonly children: readonly CodeNode[] };
