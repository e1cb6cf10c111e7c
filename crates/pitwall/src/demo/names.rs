//! Names of people, none of anybody.

/// How many different names there are.
pub(super) const COMBINATIONS: u64 = (FIRST.len() * LAST.len()) as u64;

/// Reaches every combination once, since it shares no factor with their number.
const STRIDE: u64 = 1_327;

/// Where addresses are, by turns: hosts that are reserved for documentation (RFC 2606).
const HOSTS: [&str; 3] = ["example.com", "example.com", "example.org"];

/// The address of the person with this number. Different numbers have different addresses.
pub(super) fn email(offset: u64, number: u64) -> String {
    let place = (offset + number % COMBINATIONS * STRIDE) % COMBINATIONS;
    let first = FIRST[(place % FIRST.len() as u64) as usize];
    let last = LAST[(place / FIRST.len() as u64) as usize];
    let host = HOSTS[(number % HOSTS.len() as u64) as usize];
    match number / COMBINATIONS {
        0 => format!("{first}.{last}@{host}"),
        round => format!("{first}.{last}{}@{host}", round + 1),
    }
}

const FIRST: [&str; 56] = [
    "ada", "aisha", "akira", "alma", "amara", "anders", "anika", "beatriz", "bruno", "camille", "carlos",
    "chen", "clara", "daniel", "deepa", "diego", "elif", "emre", "erik", "fatima", "felix", "gabriela",
    "hana", "henrik", "ines", "ivan", "jonas", "julia", "kai", "kenji", "lara", "leon", "lucia", "luca",
    "maja", "marco", "mei", "mira", "nadia", "nina", "noah", "olga", "omar", "paula", "priya", "rafael",
    "ravi", "rosa", "samir", "sofia", "sven", "tara", "tomas", "yara", "yuki", "zoe",
];

const LAST: [&str; 52] = [
    "abe",
    "adeyemi",
    "almeida",
    "andersson",
    "bauer",
    "becker",
    "bianchi",
    "castro",
    "chandra",
    "costa",
    "demir",
    "diallo",
    "duarte",
    "eriksen",
    "farouk",
    "fischer",
    "flores",
    "garcia",
    "haddad",
    "hansen",
    "hoffmann",
    "ito",
    "jansen",
    "kaya",
    "keller",
    "kim",
    "kowalski",
    "kumar",
    "lange",
    "larsen",
    "lima",
    "lindqvist",
    "mbeki",
    "meyer",
    "moreau",
    "mori",
    "nakamura",
    "novak",
    "okafor",
    "olsen",
    "patel",
    "petrov",
    "quinn",
    "rossi",
    "sato",
    "schmidt",
    "silva",
    "tanaka",
    "torres",
    "vogel",
    "weber",
    "yilmaz",
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_people_share_an_address() {
        let people = 3 * COMBINATIONS;
        let addresses: HashSet<String> = (0..people).map(|number| email(17, number)).collect();
        assert_eq!(addresses.len() as u64, people);
        assert!(
            addresses
                .iter()
                .all(|address| address.ends_with("@example.com") || address.ends_with("@example.org"))
        );
    }
}
