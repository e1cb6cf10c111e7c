/** Mantine's theme on our own few colours, sizes and weights. */

import {
  Button,
  type CSSVariablesResolver,
  createTheme,
  localStorageColorSchemeManager,
  type MantineColorsTuple,
} from "@mantine/core";
import { SURFACES, type Surface } from "../charts/palette";

const accent: MantineColorsTuple = [
  "#e6f6fb",
  "#cdeaf4",
  "#9fd7ea",
  "#58c4e6",
  "#35abd2",
  "#1692bb",
  "#0a7ba2",
  "#00678a",
  "#005473",
  "#00415a",
];

/** Mantine's neutrals, in the same cool grey as our surfaces. */
const gray: MantineColorsTuple = [
  "#f7f8fa",
  "#f4f5f7",
  "#eceff2",
  "#e2e5e9",
  "#ccd2d9",
  "#a9b2bc",
  "#808b97",
  "#57616d",
  "#39424c",
  "#161b21",
];
const dark: MantineColorsTuple = [
  "#e8ebef",
  "#c3cad3",
  "#9ba5b1",
  "#77818d",
  "#3a424c",
  "#2d343d",
  "#1e242c",
  "#181d24",
  "#101318",
  "#0d1014",
];

/** The system's own typeface: nothing is fetched, and figures line up in every one of them. */
const SANS =
  'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif';
const MONO = 'ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace';

export const theme = createTheme({
  colors: { accent, gray, dark },
  primaryColor: "accent",
  primaryShade: { light: 7, dark: 3 },
  fontFamily: SANS,
  fontFamilyMonospace: MONO,
  fontSizes: { xs: "12px", sm: "14px", md: "14px", lg: "20px", xl: "32px" },
  spacing: { xs: "8px", sm: "12px", md: "16px", lg: "24px", xl: "32px" },
  defaultRadius: 4,
  respectReducedMotion: true,
  cursorType: "pointer",
  components: {
    Button: Button.extend({
      styles: (_theme, { variant }) => ({
        // Mantine chooses the text on the accent for one scheme only; the panel's colour reads on it in both.
        root: {
          fontWeight: 400,
          ...(variant === undefined || variant === "filled" ? { color: "var(--panel)" } : {}),
        },
      }),
    }),
  },
});

/** Our surfaces as CSS variables, and Mantine's own drawn from them. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: variables(SURFACES.light),
  dark: variables(SURFACES.dark),
});

function variables(surface: Surface): Record<string, string> {
  return {
    "--page": surface.page,
    "--panel": surface.panel,
    "--rule": surface.rule,
    "--well": surface.well,
    "--text": surface.text,
    "--muted": surface.muted,
    "--accent": surface.accent,
    "--good": surface.good,
    "--bad": surface.bad,
    "--mantine-color-body": surface.page,
    "--mantine-color-text": surface.text,
    "--mantine-color-dimmed": surface.muted,
    "--mantine-color-placeholder": surface.muted,
    "--mantine-color-default": surface.panel,
    "--mantine-color-default-color": surface.text,
    "--mantine-color-default-border": surface.rule,
    "--mantine-color-default-hover": surface.well,
    "--mantine-color-anchor": surface.accent,
    "--mantine-color-error": surface.bad,
  };
}

/** Remembers the choice; where storage is forbidden the page simply follows the system. */
export const colorSchemeManager = localStorageColorSchemeManager({ key: "pitwall-color-scheme" });
