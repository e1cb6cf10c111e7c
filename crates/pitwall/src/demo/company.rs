//! What the company consists of besides people: teams, their repositories and languages, offices.

use jiff::civil::{Date, Weekday};

/// Owner of every repository.
pub(super) const REPOSITORY_OWNER: &str = "example-corp";

/// The company's organization id.
pub(super) const ORGANIZATION: &str = "5f0c2a1e-7b64-4d0e-9a35-6c1f8e27d9b4";

/// Name of the ingest key that the build pipeline sends with; it is signed in nowhere.
pub(super) const PIPELINE_KEY: &str = "build-pipeline";

/// A team.
#[derive(Debug)]
pub(super) struct Team {
    pub(super) name: &'static str,
    /// Where its people work, with the share of work in each.
    pub(super) repositories: &'static [(Repository, u32)],
}

/// A repository.
#[derive(Debug)]
pub(super) struct Repository {
    pub(super) name: &'static str,
    /// Languages of edited files, by share.
    pub(super) languages: &'static [(Language, u32)],
}

/// A programming language, as the client names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Language {
    pub(super) name: &'static str,
    /// Edits that people turn down when asked, of a thousand.
    pub(super) rejected_permille: u32,
    /// Whether notebooks are written in it.
    pub(super) notebooks: bool,
}

const fn language(name: &'static str, rejected_permille: u32) -> Language {
    Language { name, rejected_permille, notebooks: false }
}

const GO: Language = language("Go", 70);
const RUST: Language = language("Rust", 110);
const TYPESCRIPT: Language = language("TypeScript", 80);
const CSS: Language = language("CSS", 190);
const HTML: Language = language("HTML", 120);
const PYTHON: Language = Language { notebooks: true, ..language("Python", 60) };
const SQL: Language = language("SQL", 230);
const SWIFT: Language = language("Swift", 130);
const KOTLIN: Language = language("Kotlin", 100);
const YAML: Language = language("YAML", 150);
const SHELL: Language = language("Shell", 170);
const MARKDOWN: Language = language("Markdown", 40);
/// What the client calls files whose language it does not know.
const UNKNOWN: Language = language("unknown", 210);

const fn repository(name: &'static str, languages: &'static [(Language, u32)]) -> Repository {
    Repository { name, languages }
}

/// The teams, with their share of people.
pub(super) const TEAMS: [(Team, u32); 6] = [
    (
        Team {
            name: "platform",
            repositories: &[
                (repository("api-gateway", &[(GO, 70), (YAML, 15), (MARKDOWN, 15)]), 45),
                (repository("billing-engine", &[(RUST, 75), (SQL, 15), (MARKDOWN, 10)]), 35),
                (repository("identity", &[(GO, 85), (SQL, 15)]), 20),
            ],
        },
        24,
    ),
    (
        Team {
            name: "web",
            repositories: &[
                (repository("storefront", &[(TYPESCRIPT, 70), (CSS, 18), (HTML, 12)]), 60),
                (repository("design-system", &[(TYPESCRIPT, 55), (CSS, 35), (MARKDOWN, 10)]), 25),
                (repository("admin-console", &[(TYPESCRIPT, 90), (CSS, 10)]), 15),
            ],
        },
        24,
    ),
    (
        Team {
            name: "mobile",
            repositories: &[
                (repository("ios-app", &[(SWIFT, 92), (UNKNOWN, 8)]), 50),
                (repository("android-app", &[(KOTLIN, 90), (YAML, 10)]), 50),
            ],
        },
        16,
    ),
    (
        Team {
            name: "data",
            repositories: &[
                (repository("pipelines", &[(PYTHON, 65), (SQL, 30), (YAML, 5)]), 60),
                (repository("recommendations", &[(PYTHON, 90), (MARKDOWN, 10)]), 40),
            ],
        },
        16,
    ),
    (
        Team {
            name: "infra",
            repositories: &[
                (repository("clusters", &[(YAML, 55), (SHELL, 25), (GO, 20)]), 70),
                (repository("observability", &[(YAML, 45), (PYTHON, 35), (UNKNOWN, 20)]), 30),
            ],
        },
        13,
    ),
    (
        Team {
            name: "security",
            repositories: &[
                (repository("policy-checks", &[(PYTHON, 60), (SHELL, 25), (YAML, 15)]), 60),
                (repository("identity", &[(GO, 100)]), 40),
            ],
        },
        7,
    ),
];

/// The team whose repository the build pipeline works in.
pub(super) const PIPELINE_TEAM: &Team = &TEAMS[4].0;

/// An office: what the clock says there, and when nobody comes.
#[derive(Debug)]
pub(super) struct Office {
    /// Hours ahead of UTC. One offset all year: the demo must not depend on the machine's zone data, and an
    /// hour more or less in summer shows nowhere.
    pub(super) utc_offset_hours: i8,
    holidays: &'static [Holiday],
}

/// A day off.
#[derive(Debug)]
enum Holiday {
    /// Month and day.
    On(i8, i8),
    /// Month, which one of the month (negative: from its end), weekday.
    Nth(i8, i8, Weekday),
}

use Holiday::{Nth, On};

const NEW_YEAR: Holiday = On(1, 1);
const CHRISTMAS: Holiday = On(12, 25);
const SECOND_CHRISTMAS_DAY: Holiday = On(12, 26);

/// The offices, with their share of people.
pub(super) const OFFICES: [(Office, u32); 7] = [
    // Berlin.
    (
        Office {
            utc_offset_hours: 1,
            holidays: &[NEW_YEAR, On(5, 1), On(10, 3), CHRISTMAS, SECOND_CHRISTMAS_DAY],
        },
        30,
    ),
    // London.
    (
        Office {
            utc_offset_hours: 0,
            holidays: &[
                NEW_YEAR,
                Nth(5, 1, Weekday::Monday),
                Nth(8, -1, Weekday::Monday),
                CHRISTMAS,
                SECOND_CHRISTMAS_DAY,
            ],
        },
        15,
    ),
    // New York.
    (Office { utc_offset_hours: -5, holidays: &AMERICAN_HOLIDAYS }, 22),
    // San Francisco.
    (Office { utc_offset_hours: -8, holidays: &AMERICAN_HOLIDAYS }, 13),
    // São Paulo.
    (
        Office {
            utc_offset_hours: -3,
            holidays: &[NEW_YEAR, On(5, 1), On(9, 7), On(10, 12), On(11, 2), On(11, 20), CHRISTMAS],
        },
        7,
    ),
    // Singapore.
    (Office { utc_offset_hours: 8, holidays: &[NEW_YEAR, On(5, 1), On(8, 9), CHRISTMAS] }, 6),
    // Tokyo.
    (
        Office {
            utc_offset_hours: 9,
            holidays: &[NEW_YEAR, On(4, 29), On(5, 3), On(5, 4), On(5, 5), On(11, 3), On(11, 23)],
        },
        7,
    ),
];

const AMERICAN_HOLIDAYS: [Holiday; 7] = [
    NEW_YEAR,
    Nth(5, -1, Weekday::Monday),
    On(7, 4),
    Nth(9, 1, Weekday::Monday),
    Nth(11, 4, Weekday::Thursday),
    On(12, 24),
    CHRISTMAS,
];

impl Office {
    /// Whether the office is closed on a weekday.
    pub(super) fn has_holiday(&self, date: Date) -> bool {
        self.holidays.iter().any(|holiday| match *holiday {
            On(month, day) => (date.month(), date.day()) == (month, day),
            Nth(month, nth, weekday) => {
                date.month() == month && date.nth_weekday_of_month(nth, weekday).is_ok_and(|on| on == date)
            }
        })
    }

    /// Seconds ahead of UTC.
    pub(super) fn utc_offset_seconds(&self) -> i64 {
        i64::from(self.utc_offset_hours) * 3_600
    }
}
