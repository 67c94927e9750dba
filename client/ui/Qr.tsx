import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { QrPath } from "./qr_path.ts";

/** A link as a QR code; the encoder is fetched when the first one is shown. */
export function Qr({ text, label }: { text: string; label: string }): JSX.Element {
  const [code, setCode] = useState<QrPath | null>(null);
  useEffect(() => {
    let isCurrent = true;
    void import("./qr_path.ts").then(({ encodeQr }) => {
      if (isCurrent) setCode(encodeQr(text));
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
