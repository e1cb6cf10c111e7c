/** "How do I connect?": a few questions, then the settings that fit. */

import { TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Choice } from "../../parts/Choice";
import { Panel, type PanelState } from "../../parts/Panel";
import classes from "./GuidePanel.module.css";
import {
  namesPeople,
  notesFor,
  PLAN_NAMES,
  PLANS,
  SYSTEM_NAMES,
  SYSTEMS,
  settingsFor,
  systemOf,
  WHO,
  WHO_NAMES,
} from "./guide";
import { useConnectOptions } from "./options";
import { connectQuery } from "./queries";
import { SettingBlock } from "./SettingBlock";

const PAUSE_MS = 300;
/** Stands in the settings where a key belongs. */
const KEY_PLACEHOLDER = "YOUR-INGEST-KEY";

export function GuidePanel() {
  const [options, change] = useConnectOptions();
  const who = options.who ?? "me";
  const plan = options.plan ?? "personal";
  const system = options.os ?? systemOf(navigator.userAgent);
  const [team, setTeam] = useState("");
  const [person, setPerson] = useState("");
  const asksForPerson = who === "me" && !namesPeople(plan);
  const [asked] = useDebouncedValue({ team: team.trim(), person: person.trim() }, PAUSE_MS);
  const settings = useQuery(connectQuery(asked.team, asksForPerson ? asked.person : ""));
  const fitting = settingsFor(who, system, settings.data?.settings ?? []);
  return (
    <Panel
      question="How do I connect?"
      answer="Answer these, copy the text, start Claude Code again"
      height={420}
      state={settingsState(settings)}
    >
      {() => (
        <div className={classes.guide}>
          <Choice
            legend="Whose work shall be counted?"
            value={who}
            options={WHO.map((value) => ({ value, label: WHO_NAMES[value] }))}
            onChange={(value) => change({ who: value })}
          />
          <Choice
            legend="How is Claude Code paid for?"
            value={plan}
            options={PLANS.map((value) => ({ value, label: PLAN_NAMES[value] }))}
            onChange={(value) => change({ plan: value })}
          />
          <Choice
            legend="Where does it run?"
            value={system}
            options={SYSTEMS.map((value) => ({ value, label: SYSTEM_NAMES[value] }))}
            onChange={(value) => change({ os: value })}
          />
          <div className={classes.fields}>
            <TextInput
              size="xs"
              label="Team, if there are several"
              placeholder="platform"
              maxLength={100}
              value={team}
              onChange={(event) => setTeam(event.currentTarget.value)}
            />
            {asksForPerson && (
              <TextInput
                size="xs"
                label="E-mail address to count the work under"
                placeholder="mira@example.org"
                maxLength={100}
                value={person}
                onChange={(event) => setPerson(event.currentTarget.value)}
              />
            )}
          </div>
          <ul className={classes.notes}>
            {notesFor(who, plan).map((note) => (
              <li key={note}>{note}</li>
            ))}
            {fitting.some(({ text }) => text.includes(KEY_PLACEHOLDER)) && (
              <li>
                This server asks senders for a key. Make one with{" "}
                <code>pitwall key create --kind ingest --name NAME</code>, and put it where the text says{" "}
                <code>{KEY_PLACEHOLDER}</code>.
              </li>
            )}
          </ul>
          <ol className={classes.settings}>
            {fitting.map((setting) => (
              <SettingBlock key={setting.kind} setting={setting} />
            ))}
          </ol>
        </div>
      )}
    </Panel>
  );
}

function settingsState(query: { data: unknown; error: Error | null; refetch: () => unknown }): PanelState {
  if (query.data !== undefined) {
    return { kind: "ready", stale: false };
  }
  if (query.error) {
    return { kind: "error", message: query.error.message, retry: () => void query.refetch() };
  }
  return { kind: "loading" };
}
