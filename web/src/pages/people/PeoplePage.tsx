/** Who uses Claude Code: adoption, people, teams. */

import { PanelGrid } from "../../parts/PanelGrid";
import { PageHead } from "../../view/PageHead";
import { AdoptionPanel } from "./AdoptionPanel";
import classes from "./PeoplePage.module.css";
import { PeoplePanel } from "./PeoplePanel";
import { SilentPanel } from "./SilentPanel";
import { TeamsPanel } from "./TeamsPanel";

export default function PeoplePage() {
  return (
    <>
      <PageHead title="People and teams">
        <p className={classes.notice}>
          Everybody who may see this dashboard sees these figures. Say so to those they are about: they are
          for seeing who needs help, and measure use, not people.
        </p>
      </PageHead>
      <PanelGrid>
        <AdoptionPanel />
        <SilentPanel />
        <PeoplePanel />
        <TeamsPanel />
      </PanelGrid>
    </>
  );
}
