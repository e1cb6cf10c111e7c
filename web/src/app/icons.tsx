/** The few icons there are; each stands beside or inside something that has words. */

import type { ReactNode } from "react";

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg
      width="16"
      height="16"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

export const OverviewIcon = () => (
  <Icon>
    <path d="M2.5 13.5v-4M6.2 13.5v-8M9.8 13.5v-6M13.5 13.5v-11" />
  </Icon>
);

export const CostIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="6" />
    <path d="M10 6c-.3-.8-1.1-1.2-2-1.2-1.2 0-2 .6-2 1.5 0 2.2 4 1.2 4 3.4 0 .9-.8 1.5-2 1.5-1 0-1.8-.5-2-1.3M8 3.7v1.1M8 11.2v1.1" />
  </Icon>
);

export const ModelsIcon = () => (
  <Icon>
    <path d="M8 2l5.5 3v6L8 14l-5.5-3V5zM2.5 5L8 8l5.5-3M8 8v6" />
  </Icon>
);

export const ToolsIcon = () => (
  <Icon>
    <path d="M10 2.2a3.6 3.6 0 0 0-3.4 4.9L2.3 11.4a1.6 1.6 0 0 0 2.3 2.3L8.9 9.4A3.6 3.6 0 0 0 13.6 5l-2 2-2.2-.6L8.8 4.2z" />
  </Icon>
);

export const ProductivityIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="2.25" />
    <path d="M2 8h3.75M10.25 8H14M4 3.5h8M4 12.5h8" />
  </Icon>
);

export const ConnectIcon = () => (
  <Icon>
    <path d="M6.5 9.5l3-3M7 4.5l1.3-1.3a3 3 0 0 1 4.3 4.3L11.3 8.8M9 11.5l-1.3 1.3a3 3 0 0 1-4.3-4.3L4.7 7.2" />
  </Icon>
);

export const LiveIcon = () => (
  <Icon>
    <path d="M1.5 8.5h3l2-5 3 9 2-5h3" />
  </Icon>
);

export const HealthIcon = () => (
  <Icon>
    <path d="M8 1.5l5.5 2v4.2c0 3.2-2.2 5.5-5.5 6.8-3.3-1.3-5.5-3.6-5.5-6.8V3.5zM5.5 8l2 2 3.2-3.6" />
  </Icon>
);

export const PeopleIcon = () => (
  <Icon>
    <circle cx="6" cy="5" r="2.5" />
    <path d="M1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M10.5 2.8a2.5 2.5 0 0 1 0 4.4M12 9.8c1.6.5 2.5 1.8 2.5 3.7" />
  </Icon>
);

export const ProjectsIcon = () => (
  <Icon>
    <path d="M1.5 3.5h4.5l1.5 2h7v7.5h-13z" />
  </Icon>
);

export const SessionsIcon = () => (
  <Icon>
    <path d="M2.5 4h7M2.5 8h11M2.5 12h5" />
  </Icon>
);

export const SettingsIcon = () => (
  <Icon>
    <path d="M2 4.5h6M12 4.5h2M2 11.5h2M8 11.5h6" />
    <circle cx="10" cy="4.5" r="2" />
    <circle cx="6" cy="11.5" r="2" />
  </Icon>
);

export const SearchIcon = () => (
  <Icon>
    <circle cx="7" cy="7" r="4.5" />
    <path d="M10.5 10.5l3.5 3.5" />
  </Icon>
);

export const MenuIcon = () => (
  <Icon>
    <path d="M2 4h12M2 8h12M2 12h12" />
  </Icon>
);

export const CalendarIcon = () => (
  <Icon>
    <path d="M2.5 3.5h11v10h-11zM2.5 6.5h11M5.5 2v3M10.5 2v3" />
  </Icon>
);

export const FilterIcon = () => (
  <Icon>
    <path d="M2 4h12M4.5 8h7M6.5 12h3" />
  </Icon>
);

export const MoreIcon = () => (
  <Icon>
    <path d="M3.5 8h.01M8 8h.01M12.5 8h.01" />
  </Icon>
);

export const CloseIcon = () => (
  <Icon>
    <path d="M4 4l8 8M12 4l-8 8" />
  </Icon>
);

export const SunIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="2.75" />
    <path d="M8 1.5v1.25M8 13.25v1.25M1.5 8h1.25M13.25 8h1.25M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9" />
  </Icon>
);

export const MoonIcon = () => (
  <Icon>
    <path d="M13.5 9.6A5.8 5.8 0 0 1 6.4 2.5a5.8 5.8 0 1 0 7.1 7.1z" />
  </Icon>
);

/** The mark of Pitwall: three bars in the three oldest families' hues. */
export const Mark = () => (
  <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
    <rect x="2" y="11" width="4" height="7" fill="#3d9ad1" />
    <rect x="8" y="6" width="4" height="12" fill="#8a74d8" />
    <rect x="14" y="2" width="4" height="16" fill="#d0902f" />
  </svg>
);
