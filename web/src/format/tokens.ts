/** The kinds of tokens, their names and their order. */

import type { Tokens } from "../api/types";
import type { TokenKind } from "../charts/palette";

export interface KindOfTokens {
  readonly kind: TokenKind;
  readonly label: string;
  readonly explanation: string;
}

export const TOKEN_KINDS: readonly KindOfTokens[] = [
  { kind: "input", label: "Input", explanation: "sent and not cached" },
  { kind: "output", label: "Output", explanation: "written by the model" },
  { kind: "cache_read", label: "Cache read", explanation: "sent again, at a tenth of the price" },
  { kind: "cache_creation", label: "Cache write", explanation: "kept for the next request" },
];

/** All kinds together; the 5-minute and 1-hour writes are inside `cache_creation` already. */
export function allTokens(tokens: Tokens): number {
  return tokens.input + tokens.output + tokens.cache_read + tokens.cache_creation;
}
