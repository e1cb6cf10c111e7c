//! Puts people into the teams that the operator put them in.

use store::schema::Dimension;
use store::{Figure, Filter, Group, Query};

use crate::ddl::quoted;
use crate::parameters::Parameters;

/// Whether it matters to the question who is in which team.
fn matter(query: &Query) -> bool {
    let is_grouped = query.group_by.contains(&Group::Dimension(Dimension::Team));
    let is_chosen = query.filter.among.iter().any(|(dimension, _)| *dimension == Dimension::Team);
    let is_counted = |figure: &Figure| matches!(figure, Figure::Distinct(Dimension::Team, _));
    is_grouped || is_chosen || query.figures.iter().any(is_counted)
}

/// Whether that is for a book to say, which goes by people's names.
pub(crate) fn are_of_a_book(query: &Query) -> bool {
    query.filter.teams.is_some() && matter(query)
}

/// A table of lines or sums, to stand behind `FROM`, with everybody in the right team if that matters.
pub(crate) fn asked(table: &str, query: &Query, parameters: &mut Parameters) -> String {
    if matter(query) { of(table, &query.filter, parameters) } else { table.to_owned() }
}

/// A table of lines or sums, to stand behind `FROM`: with the team that the filter's book says for whoever is in
/// it. Joined by hash, so that a book costs the same with one member and with thousands.
pub(crate) fn of(table: &str, filter: &Filter, parameters: &mut Parameters) -> String {
    let Some(book) = &filter.teams else { return table.to_owned() };
    let (team, name) = (quoted(Dimension::Team.column().name), quoted(Dimension::ActorName.column().name));
    let people = listed(book.people(), parameters);
    let domains = listed(book.domains(), parameters);
    format!(
        "(SELECT {table}.* REPLACE (coalesce(of_name.team, of_domain.team, {table}.{team}) AS {team})
          FROM {table}
          LEFT JOIN {people} AS of_name ON of_name.member = {table}.{name}
          LEFT JOIN {domains} AS of_domain
              ON contains({table}.{name}, '@') AND of_domain.member = split_part({table}.{name}, '@', -1))"
    )
}

/// Members with their teams, as a table; no member's name is empty.
fn listed<'a>(members: impl Iterator<Item = (&'a str, &'a str)>, parameters: &mut Parameters) -> String {
    let (members, teams): (Vec<&str>, Vec<&str>) = members.unzip();
    let members = parameters.bind_list(members.into_iter());
    let teams = parameters.bind_list(teams.into_iter());
    format!("(FROM (SELECT {members} AS member, {teams} AS team) WHERE member <> '')")
}
