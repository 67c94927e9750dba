import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { IconButton } from "./IconButton.tsx";
import { TextField } from "./TextField.tsx";
import type { TextFieldProps } from "./TextField.tsx";

/** A password field with a button to show it; password managers can fill and paste. */
export function PasswordField(
  props: Omit<TextFieldProps, "type" | "tail" | "dir"> & {
    autocomplete: "current-password" | "new-password";
  },
): JSX.Element {
  const [isShown, setIsShown] = useState(false);
  return (
    <TextField
      {...props}
      dir="ltr"
      type={isShown ? "text" : "password"}
      autocapitalize="off"
      spellcheck={false}
      maxLength={256}
      tail={
        <IconButton
          class="input-tail"
          icon={isShown ? "eyeOff" : "eye"}
          label={isShown ? "Hide password" : "Show password"}
          onClick={() => setIsShown(!isShown)}
        />
      }
    />
  );
}
