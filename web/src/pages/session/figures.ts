/** A session's story as its panels take it. */

import type { Story } from "../../api/story";
import type { Figures } from "../../view/useQuestion";

export interface StoryProps {
  readonly figures: Figures<Story>;
}
