/** Names of models, for people. Figures are always looked up by the exact id. */

/** Families that have a colour of their own; everything else is "other". */
export type ModelFamily = "opus" | "sonnet" | "haiku" | "fable" | "mythos" | "other";

/** What an id says about the model. */
export interface ModelName {
  readonly family: ModelFamily;
  /** Major and minor, `[5, 5]` for `claude-opus-5-5`; null when the id is of another shape. */
  readonly version: readonly [number, number] | null;
  /** `Opus 5.5`; the id itself when the family is not known. */
  readonly label: string;
}

const FAMILIES = ["opus", "sonnet", "haiku", "fable", "mythos"] as const;
const FAMILY = FAMILIES.join("|");
/** `claude-opus-5-5`, `claude-opus-4-5-20251101`. */
const NEW_STYLE = new RegExp(`^claude-(${FAMILY})-(\\d{1,2})(?:-(\\d{1,2}))?(?:-(\\d{8}))?$`);
/** `claude-3-5-haiku-20241022`. */
const OLD_STYLE = new RegExp(`^claude-(\\d{1,2})(?:-(\\d{1,2}))?-(${FAMILY})(?:-(\\d{8}))?$`);

/** What the server calls a model that the source did not name. */
const UNKNOWN = "unknown";

/** Reads a model id; never guesses: an id of another shape keeps its own text. */
export function modelName(id: string): ModelName {
  const recent = NEW_STYLE.exec(id);
  if (recent) {
    return named(recent[1], recent[2], recent[3], recent[4]);
  }
  const older = OLD_STYLE.exec(id);
  if (older) {
    return named(older[3], older[1], older[2], older[4]);
  }
  return { family: "other", version: null, label: id === UNKNOWN ? "Unknown model" : id };
}

function named(
  family: string | undefined,
  major: string | undefined,
  minor: string | undefined,
  snapshot: string | undefined,
): ModelName {
  const known = FAMILIES.find((candidate) => candidate === family) ?? "other";
  const version = minor === undefined ? `${major}` : `${major}.${minor}`;
  const title = known.charAt(0).toUpperCase() + known.slice(1);
  const label = snapshot === undefined ? `${title} ${version}` : `${title} ${version} (${snapshot})`;
  return { family: known, version: [Number(major), Number(minor ?? 0)], label };
}
