//! Adoption, people, one person, teams.

use model::Posting;
use report::adoption::{self, AdoptionDay};
use report::filter::Filter;
use report::people_list::{self, PeopleOrder};
use report::{person, teams};
use serde_json::json;

use crate::ledger::*;

fn used(actor: &str, at: &str, cost_micros: i64) -> Posting {
    by(actor, request(&format!("{actor} {at}"), at, "claude-opus-5-5", cost_micros * 2, cost_micros))
}

fn of_team(team: &str, posting: Posting) -> Posting {
    Posting { team: team.into(), ..posting }
}

/// The range is 10 to 16 November; the seven days before are 3 to 9 November.
///
/// - ann: 2, 5, 10, 10 and 16 November: steady.
/// - bob: 1 October and 12 November: returning.
/// - cem: 13 November: new.
/// - dea: 9 November: silent. eve: 4 November: silent. fay: 1 October: long gone.
/// - gus: only lines on 11 November, no request.
async fn ledger() -> Ledger {
    Ledger::of([
        used("ann", "2026-11-02T12:00:00Z", 1),
        used("ann", "2026-11-05T12:00:00Z", 2),
        of_team("platform", used("ann", "2026-11-10T09:00:00Z", 40)),
        of_team("platform", used("ann", "2026-11-10T09:20:00Z", 10)),
        of_team("platform", by("ann", start("s", "2026-11-10T08:59:00Z"))),
        of_team("platform", by("ann", decisions("s", "2026-11-10T09:00:00Z", "Edit", 3, 1))),
        of_team("platform", by("ann", decisions("s", "2026-11-10T09:00:00Z", "Bash", 9, 9))),
        of_team("search", used("ann", "2026-11-16T23:30:00Z", 5)),
        used("bob", "2026-10-01T12:00:00Z", 7),
        of_team("search", used("bob", "2026-11-12T12:00:00Z", 100)),
        used("cem", "2026-11-13T12:00:00Z", 20),
        used("dea", "2026-11-09T12:00:00Z", 3),
        used("eve", "2026-11-04T12:00:00Z", 3),
        used("fay", "2026-10-01T12:00:00Z", 3),
        by("gus", lines("g", "2026-11-11T12:00:00Z", 8, 0)),
    ])
    .await
}

fn week() -> report::range::DateRange {
    range("2026-11-10", "2026-11-16", "UTC")
}

#[tokio::test]
async fn people_are_new_steady_returning_or_silent() {
    let parameters =
        adoption::Parameters { range: week(), filter: Filter::default(), now: at("2026-11-16T12:00:00Z") };
    let adoption = adoption::ask(&ledger().await.store, &parameters).await.unwrap();
    assert_eq!((adoption.active, adoption.active_before), (3, 3));
    assert_eq!((adoption.new, adoption.steady, adoption.returning, adoption.silent), (1, 1, 1, 2));
    let silent: Vec<_> = adoption
        .silent_people
        .iter()
        .map(|person| (person.actor.as_str(), person.last_active.to_string()))
        .collect();
    assert_eq!(silent, [("dea", "2026-11-09".to_owned()), ("eve", "2026-11-04".to_owned())]);
}

#[tokio::test]
async fn a_day_counts_who_was_active_in_the_days_that_end_with_it() {
    let parameters =
        adoption::Parameters { range: week(), filter: Filter::default(), now: at("2026-11-16T12:00:00Z") };
    let adoption = adoption::ask(&ledger().await.store, &parameters).await.unwrap();
    let day = |date: &str, complete, daily, weekly, monthly| AdoptionDay {
        date: date.parse().unwrap(),
        complete,
        daily,
        weekly,
        monthly,
    };
    assert_eq!(
        adoption.days,
        [
            // The week of 4 to 10 November: ann, eve, dea. The month from 12 October on: the same.
            day("2026-11-10", true, 1, 3, 3),
            day("2026-11-11", true, 0, 2, 3),
            day("2026-11-12", true, 1, 3, 4),
            day("2026-11-13", true, 1, 4, 5),
            day("2026-11-14", true, 0, 4, 5),
            day("2026-11-15", true, 0, 4, 5),
            // Dea's 9 November has left the week, the seven days from 10 November on.
            day("2026-11-16", false, 1, 3, 5),
        ]
    );
}

fn everybody() -> people_list::Parameters {
    people_list::Parameters {
        range: week(),
        filter: Filter::default(),
        search: None,
        order: PeopleOrder::Name,
        offset: 0,
        limit: 50,
    }
}

#[tokio::test]
async fn people_stand_by_name_unless_asked_otherwise() {
    let ledger = ledger().await;
    for (order, expected) in [
        (PeopleOrder::Name, ["ann", "bob", "cem", "gus"]),
        (PeopleOrder::Cost, ["bob", "ann", "cem", "gus"]),
        (PeopleOrder::Tokens, ["bob", "ann", "cem", "gus"]),
        (PeopleOrder::Requests, ["ann", "bob", "cem", "gus"]),
        (PeopleOrder::Sessions, ["ann", "bob", "cem", "gus"]),
        (PeopleOrder::Lines, ["gus", "ann", "bob", "cem"]),
        (PeopleOrder::Commits, ["ann", "bob", "cem", "gus"]),
    ] {
        let people =
            people_list::ask(&ledger.store, &people_list::Parameters { order, ..everybody() }).await.unwrap();
        let names: Vec<_> = people.people.iter().map(|person| person.actor.as_str()).collect();
        assert_eq!(names, expected, "{order:?}");
    }
}

#[tokio::test]
async fn a_person_is_told_with_every_day() {
    let people = people_list::ask(&ledger().await.store, &everybody()).await.unwrap();
    assert_eq!(people.found, 4);
    let expected = json!({
        "actor": "ann", "team": "search", "standing": "steady", "active_days": 2,
        "last_seen": "2026-11-16T23:30:00Z", "sessions": 1, "requests": 3,
        "tokens": {
            "input": 110, "output": 11, "cache_read": 0,
            "cache_creation": 0, "cache_creation_5m": 0, "cache_creation_1h": 0
        },
        "cost_micros": { "settled": 55, "reported": 0, "priced": 55 },
        "lines": { "added": 0, "removed": 0 }, "commits": 0, "pull_requests": 0,
        "decisions": { "accepted": 3, "rejected": 1, "acceptance_rate": 0.75 },
        "daily_cost_micros": [50, 0, 0, 0, 0, 0, 5]
    });
    assert_eq!(serde_json::to_value(&people.people[0]).unwrap(), expected);
    let gus = &people.people[3];
    assert_eq!((gus.standing, gus.active_days, gus.lines.added), (None, 0, 8));
}

#[tokio::test]
async fn people_are_found_by_name_and_team_and_come_in_pages() {
    let ledger = ledger().await;
    let ask = async |search: Option<&str>, offset, limit| {
        let search = search.map(str::to_owned);
        let parameters = people_list::Parameters { search, offset, limit, ..everybody() };
        let people = people_list::ask(&ledger.store, &parameters).await.unwrap();
        let names: Vec<_> = people.people.into_iter().map(|person| person.actor).collect();
        (people.found, names.join(" "))
    };
    assert_eq!(ask(Some("SEARCH"), 0, 50).await, (2, "ann bob".into()));
    assert_eq!(ask(Some("em"), 0, 50).await, (1, "cem".into()));
    assert_eq!(ask(None, 1, 2).await, (4, "bob cem".into()));
    assert_eq!(ask(None, 9, 2).await, (4, String::new()));
}

#[tokio::test]
async fn a_person_has_hours_teams_and_a_beginning() {
    let ledger = ledger().await;
    let ask = async |actor: &str, range| {
        person::ask(&ledger.store, &person::Parameters { range, actor: actor.into() }).await.unwrap()
    };
    let ann = ask("ann", week()).await.unwrap();
    assert_eq!(ann.first_seen, at("2026-11-02T12:00:00Z").to_jiff());
    assert_eq!(ann.last_seen, at("2026-11-16T23:30:00Z").to_jiff());
    assert_eq!((ann.active_days, ann.teams), (2, vec!["platform".to_owned(), "search".to_owned()]));
    // 10 November 2026 is a Tuesday, the 16th a Monday.
    let hours: Vec<_> = (0..7)
        .flat_map(|day| (0..24).map(move |hour| (day, hour)))
        .filter(|(day, hour)| ann.hours[*day][*hour] != 0)
        .map(|(day, hour)| (day, hour, ann.hours[day][hour]))
        .collect();
    assert_eq!(hours, [(0, 23, 1), (1, 9, 2)]);
    // In Tokyo it is Tuesday morning by then.
    let in_tokyo = ask("ann", range("2026-11-10", "2026-11-17", "Asia/Tokyo")).await.unwrap();
    assert_eq!((in_tokyo.hours[1][8], in_tokyo.hours[1][18], in_tokyo.active_days), (1, 2, 2));
    let fay = ask("fay", week()).await.unwrap();
    assert_eq!((fay.standing, fay.active_days), (None, 0));
    assert_eq!(ask("nobody", week()).await, None);
}

#[tokio::test]
async fn teams_stand_by_name_and_what_has_none_comes_last() {
    let teams =
        teams::ask(&ledger().await.store, &teams::Parameters { range: week(), filter: Filter::default() })
            .await
            .unwrap();
    let rows: Vec<_> = teams
        .teams
        .iter()
        .map(|team| {
            (
                team.team.as_deref(),
                team.active_people,
                team.requests,
                team.cost_micros.settled,
                team.cost_per_person_micros,
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            (Some("platform"), 1, 2, 50, Some(50)),
            // 5 of ann and 100 of bob; half a micro-dollar is rounded up.
            (Some("search"), 2, 2, 105, Some(53)),
            (None, 1, 1, 20, Some(20)),
        ]
    );
    assert_eq!(teams.teams[1].daily_cost_micros, [0, 0, 100, 0, 0, 0, 5]);
    assert_eq!(teams.teams[2].lines.added, 8);
}

#[tokio::test]
async fn a_filter_narrows_who_counts() {
    let ledger = ledger().await;
    let filter = Filter { teams: vec!["search".into()], ..Filter::default() };
    let people =
        people_list::ask(&ledger.store, &people_list::Parameters { filter: filter.clone(), ..everybody() })
            .await
            .unwrap();
    let spent: Vec<_> =
        people.people.iter().map(|person| (person.actor.as_str(), person.cost_micros.settled)).collect();
    assert_eq!(spent, [("ann", 5), ("bob", 100)]);
    let parameters = adoption::Parameters { range: week(), filter, now: at("2026-11-16T12:00:00Z") };
    let adoption = adoption::ask(&ledger.store, &parameters).await.unwrap();
    // In the team, both are seen for the first time.
    assert_eq!((adoption.active, adoption.new, adoption.silent), (2, 2, 0));
    assert_eq!(adoption.days[2].weekly, 1);
}
