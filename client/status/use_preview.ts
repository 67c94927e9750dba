import { useEffect, useMemo } from "preact/hooks";
import { PreviewModel } from "./preview_model.ts";
import type { PublicWords } from "./preview_model.ts";

/** Previews the words of a form while they are typed. */
export function usePreview(
  api: ConstructorParameters<typeof PreviewModel>[0],
  { text, title }: PublicWords,
): PreviewModel {
  const preview = useMemo(() => new PreviewModel(api), [api]);
  useEffect(() => {
    preview.show({ text, ...title === undefined ? {} : { title } });
    return () => preview[Symbol.dispose]();
  }, [preview, text, title]);
  return preview;
}
