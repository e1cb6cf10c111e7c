/** All keyboard shortcuts, as a list. */

import { Dialog } from "../parts/Dialog";
import classes from "./ShortcutHelp.module.css";
import { SHORTCUTS } from "./shortcuts";

export default function ShortcutHelp({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog onClose={onClose} title="Keyboard shortcuts">
      <dl className={classes.list}>
        {SHORTCUTS.map(({ keys, does }) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
