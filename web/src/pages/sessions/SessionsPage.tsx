/** Sessions to choose from; each opens its own page. */

import { PageHead } from "../../view/PageHead";
import { SessionsPanel } from "./SessionsPanel";

export default function SessionsPage() {
  return (
    <>
      <PageHead title="Sessions" />
      <SessionsPanel />
    </>
  );
}
