/** One block of settings: what it is for, where it goes, the text, and a button that copies it. */

import { Button } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import type { Setting } from "../../api/types";
import classes from "./SettingBlock.module.css";

const COPIED_MS = 2_000;

export function SettingBlock({ setting }: { readonly setting: Setting }) {
  const clipboard = useClipboard({ timeout: COPIED_MS });
  return (
    <li>
      <div className={classes.head}>
        <div className={classes.words}>
          <h3>{setting.title}</h3>
          <p className={classes.where}>{setting.where}</p>
        </div>
        <Button
          variant="default"
          size="compact-sm"
          onClick={() => clipboard.copy(setting.text)}
          aria-label={`Copy: ${setting.title}`}
        >
          {clipboard.copied ? "Copied" : "Copy"}
        </Button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, and scrolling must work by keyboard. */}
      <section className={classes.text} tabIndex={0} aria-label={setting.title}>
        <pre>{setting.text}</pre>
      </section>
      <p className="visually-hidden" role="status">
        {clipboard.copied ? `${setting.title} copied` : ""}
        {clipboard.error ? "Copying is not allowed here. Select the text and copy it." : ""}
      </p>
      {clipboard.error && (
        <p className={classes.where}>Copying is not allowed here. Select the text and copy it.</p>
      )}
    </li>
  );
}
