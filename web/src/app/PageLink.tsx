/** A link to another page that shows the same days and filters. */

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { type RawSearch, type View, viewOf } from "../view/view";

export interface PageLinkProps {
  /** A page's address; `$name` in it is filled from `params`. */
  readonly to: string;
  readonly params?: Readonly<Record<string, string>>;
  /** Changes what the other page shows, such as adding a filter. */
  readonly view?: (view: View) => View;
  readonly className?: string | undefined;
  readonly title?: string;
  readonly children: ReactNode;
}

export function PageLink({ to, params, view = same, className, title, children }: PageLinkProps) {
  return (
    <Link
      to={to}
      {...(params ? { params: params as never } : {})}
      search={((before: RawSearch) => view(viewOf(before))) as never}
      className={className}
      title={title}
      activeOptions={{ includeSearch: false }}
    >
      {children}
    </Link>
  );
}

function same(view: View): View {
  return view;
}
