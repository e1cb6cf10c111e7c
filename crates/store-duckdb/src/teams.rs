//! Puts people into the teams that the operator put them in.

use store::Filter;
use store::schema::Dimension;

use crate::ddl::quoted;
use crate::parameters::Parameters;

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
