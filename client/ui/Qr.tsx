import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

/** A link as a picture for a phone's camera; the encoder is fetched when the first one is shown. */
export function Qr({ text, label }: { text: string; label: string }): JSX.Element {
  const [code, setCode] = useState<{ size: number; path: string } | null>(null);
  useEffect(() => {
    let isCurrent = true;
    void Promise.all([import("lean-qr"), import("lean-qr/extras/svg")]).then(([qr, svg]) => {
      const bitmap = qr.generate(text);
      if (isCurrent) setCode({ size: bitmap.size, path: svg.toSvgPath(bitmap) });
    });
    return () => {
      isCurrent = false;
    };
  }, [text]);
  return (
    <div class="qr">
      {code === null ? null : (
        <svg
          viewBox={`0 0 ${code.size} ${code.size}`}
          role="img"
          aria-label={label}
          shape-rendering="crispEdges"
        >
          <path d={code.path} fill="currentColor" />
        </svg>
      )}
    </div>
  );
}
