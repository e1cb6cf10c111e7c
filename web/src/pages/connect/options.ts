/** The Connect page's own part of the address: whom the settings are for. */

import { useOptions } from "../../view/useView";
import type { RawSearch } from "../../view/view";
import { PLANS, type Plan, SYSTEMS, type System, WHO, type Who } from "./guide";

export interface ConnectOptions {
  readonly who: Who | undefined;
  readonly plan: Plan | undefined;
  readonly os: System | undefined;
}

export function useConnectOptions() {
  return useOptions(optionsOf);
}

function optionsOf(raw: RawSearch): ConnectOptions {
  return {
    who: WHO.find((each) => each === raw.who),
    plan: PLANS.find((each) => each === raw.plan),
    os: SYSTEMS.find((each) => each === raw.os),
  };
}
