/** A dialog over the page. It is shown for as long as it is rendered, and gives the focus back when it goes. */

import { Modal, type ModalProps } from "@mantine/core";
import { useEffect, useState } from "react";

export type DialogProps = Omit<ModalProps, "opened" | "transitionProps" | "closeButtonProps">;

/** Dialogs lie over the page, so they have the ground of panels. */
export const ON_PANEL = {
  content: { background: "var(--panel)" },
  header: { background: "var(--panel)" },
} as const;

export function Dialog(props: DialogProps) {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () =>
      queueMicrotask(() => {
        // Another dialog in its place has the focus already.
        if (before instanceof HTMLElement && document.querySelector("[role=dialog]") === null) {
          before.focus();
        }
      }),
    [before],
  );
  return (
    <Modal
      opened
      returnFocus={false}
      transitionProps={{ duration: 0 }}
      closeButtonProps={{ "aria-label": "Close" }}
      styles={ON_PANEL}
      {...props}
    />
  );
}
