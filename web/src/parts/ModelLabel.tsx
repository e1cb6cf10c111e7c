/** A model's name with its colour; the exact id on hover. */

import { useComputedColorScheme } from "@mantine/core";
import { modelColor } from "../charts/palette";
import { modelName } from "../format/models";
import classes from "./ModelLabel.module.css";

export function ModelLabel({ id }: { readonly id: string }) {
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  return (
    <span className={classes.label} title={id}>
      <span className={classes.swatch} style={{ background: modelColor(id, scheme) }} />
      <span className={classes.name}>{modelName(id).label}</span>
    </span>
  );
}
