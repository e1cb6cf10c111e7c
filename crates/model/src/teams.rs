//! Who belongs to which team, where the operator says so.

use std::collections::BTreeMap;

use thiserror::Error;

/// What a member begins with that stands for every address of a domain.
const ANYBODY_AT: &str = "*@";

/// Members of teams: people by name, or everybody whose address ends in a domain. Whoever is in none belongs to
/// the team that the sender told, if it told one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TeamBook {
    people: BTreeMap<String, String>,
    domains: BTreeMap<String, String>,
    members: BTreeMap<String, Vec<String>>,
}

/// Why teams cannot be told apart.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TeamBookError {
    /// A team without a name that figures could be shown under.
    #[error("{0:?} is no name for a team")]
    NoName(String),
    /// Neither somebody's name nor a domain.
    #[error("{team}: {member:?} is nobody: give an address, a name, or *@ and a domain")]
    NoMember {
        /// The team.
        team: String,
        /// What stands among its members.
        member: String,
    },
    /// In two teams at once, or twice in one.
    #[error("{member} is a member twice, of {first} and of {second}")]
    Twice {
        /// The member.
        member: String,
        /// The team that has it.
        first: String,
        /// The team that wants it.
        second: String,
    },
}

impl TeamBook {
    /// From teams with their members: e-mail addresses or names as Pitwall shows them, or `*@` and a domain,
    /// which leaves subdomains out. Addresses and domains may be written in capital letters.
    ///
    /// # Errors
    /// [`TeamBookError`], for the first thing that is wrong.
    pub fn new(members: BTreeMap<String, Vec<String>>) -> Result<Self, TeamBookError> {
        let mut book = Self::default();
        for (team, members) in &members {
            // "unknown" is what work without a team goes by.
            if team.trim().is_empty() || team == "unknown" || team.chars().any(char::is_control) {
                return Err(TeamBookError::NoName(team.clone()));
            }
            members.iter().try_for_each(|member| book.add(team, member))?;
        }
        book.members = members;
        Ok(book)
    }

    fn add(&mut self, team: &str, member: &str) -> Result<(), TeamBookError> {
        let domain = member.strip_prefix(ANYBODY_AT);
        let name = domain.unwrap_or(member);
        if name.trim().is_empty() || name.contains('*') || (domain.is_some() && name.contains('@')) {
            return Err(TeamBookError::NoMember { team: team.to_owned(), member: member.to_owned() });
        }
        let known = if domain.is_some() { &mut self.domains } else { &mut self.people };
        // People who signed in go by their address in lower case, others by whatever they are called.
        let is_address = domain.is_some() || name.contains('@');
        let lower = is_address.then(|| name.to_lowercase()).filter(|lower| lower != name);
        for name in lower.into_iter().chain([name.to_owned()]) {
            if let Some(first) = known.insert(name, team.to_owned()) {
                let (member, second) = (member.to_owned(), team.to_owned());
                return Err(TeamBookError::Twice { member, first, second });
            }
        }
        Ok(())
    }

    /// The team of somebody by name: that of the name itself, else that of its domain; `None` for whoever is in
    /// no team here.
    pub fn team_of(&self, name: &str) -> Option<&str> {
        let of_domain = || self.domains.get(name.rsplit_once('@')?.1);
        self.people.get(name).or_else(of_domain).map(String::as_str)
    }

    /// Names of people, each with the team.
    pub fn people(&self) -> impl Iterator<Item = (&str, &str)> {
        self.people.iter().map(|(name, team)| (name.as_str(), team.as_str()))
    }

    /// Domains, each with the team of everybody whose address ends in it.
    pub fn domains(&self) -> impl Iterator<Item = (&str, &str)> {
        self.domains.iter().map(|(domain, team)| (domain.as_str(), team.as_str()))
    }

    /// The teams by name, with their members as they were written.
    pub fn teams(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.members.iter().map(|(team, members)| (team.as_str(), members.as_slice()))
    }

    /// Whether nobody is in any team.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty() && self.domains.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(teams: &[(&str, &[&str])]) -> Result<TeamBook, TeamBookError> {
        let texts = |members: &[&str]| members.iter().map(|member| (*member).to_owned()).collect();
        TeamBook::new(teams.iter().map(|(team, members)| ((*team).to_owned(), texts(members))).collect())
    }

    #[test]
    fn a_name_goes_before_its_domain_and_a_domain_leaves_subdomains_out() {
        let book = book(&[
            ("platform", &["mira@example.org", "*@infra.example.org", "Nightly Build"]),
            ("web", &["Noah@Infra.Example.org", "*@Web.example.org"]),
        ])
        .unwrap();
        for (name, team) in [
            ("mira@example.org", Some("platform")),
            ("ann@infra.example.org", Some("platform")),
            ("noah@infra.example.org", Some("web")),
            ("ann@eu.infra.example.org", None),
            ("ann@example.org", None),
            ("ann@web.example.org", Some("web")),
            ("Nightly Build", Some("platform")),
            ("nightly build", None),
            ("infra.example.org", None),
            ("", None),
        ] {
            assert_eq!(book.team_of(name), team, "{name}");
        }
        assert!(!book.is_empty());
        assert!(TeamBook::default().is_empty());
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (teams, part) in [
            (&[("", &["a@b.c"][..])][..], "\"\" is no name"),
            (&[("unknown", &["a@b.c"])], "\"unknown\" is no name"),
            (&[("web", &[""])], "\"\" is nobody"),
            (&[("web", &["*"])], "\"*\" is nobody"),
            (&[("web", &["*@"])], "\"*@\" is nobody"),
            (&[("web", &["*@*.example.org"])], "is nobody"),
            (&[("web", &["m*@example.org"])], "is nobody"),
            (&[("ops", &["a@b.c"]), ("web", &["A@b.c"])], "A@b.c is a member twice, of ops and of web"),
            (&[("web", &["*@b.c", "*@b.c"])], "twice, of web and of web"),
        ] {
            let error = book(teams).unwrap_err().to_string();
            assert!(error.contains(part), "{teams:?}: {error}");
        }
    }
}
