//! Who works with a Claude directory: the sign-in that the client keeps beside it.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use model::Context;
use serde::Deserialize;

use super::discover::Environment;
use super::json;
use super::lenient::{Object, Text};

/// The client's settings file, which also remembers the sign-in.
const FILE_NAME: &str = ".claude.json";
/// It grows with the number of projects; larger ones are not read.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Settings<'a> {
    #[serde(borrow)]
    oauth_account: Object<Account<'a>>,
    #[serde(borrow, rename = "userID")]
    user_id: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Account<'a> {
    #[serde(borrow)]
    email_address: Text<'a>,
    #[serde(borrow)]
    account_uuid: Text<'a>,
    #[serde(borrow)]
    organization_uuid: Text<'a>,
}

/// What is known of everybody's work in a Claude directory: the login, and the sign-in of today.
pub(super) fn context_of(directory: &Path, environment: &Environment) -> Context {
    let text = candidates(directory, environment).iter().find_map(|path| read(path)).unwrap_or_default();
    let settings: Settings<'_> = json::from_bytes(text.as_bytes()).unwrap_or_default();
    let account = settings.oauth_account.0.unwrap_or_default();
    Context {
        email: account.email_address.get().map(|email| email.to_lowercase().into()),
        account: account.account_uuid.owned(),
        organization: account.organization_uuid.owned(),
        installation: settings.user_id.owned(),
        login: environment.login.as_deref().map(Into::into),
        customer_type: environment.customer_type,
        subscription: environment.subscription.as_deref().map(Into::into),
        ..Context::default()
    }
}

/// In a directory of its own the file is inside; for the usual directories it is in the home directory. A
/// directory from elsewhere is never attributed to who happens to read it.
fn candidates(directory: &Path, environment: &Environment) -> Vec<PathBuf> {
    let mut candidates = vec![directory.join(FILE_NAME)];
    if directory.file_name().is_some_and(|name| name == ".claude") {
        candidates.extend(directory.parent().map(|home| home.join(FILE_NAME)));
    }
    if let Some(home) = &environment.home
        && directory == home.join(".config").join("claude")
    {
        candidates.push(home.join(FILE_NAME));
    }
    candidates
}

fn read(path: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(path).ok()?.take(MAX_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED_IN: &str = r#"{"numStartups":3,"userID":"c0ffee","projects":{"/w":{"history":["x"]}},
        "oauthAccount":{"accountUuid":"a-1","emailAddress":"Ann@Example.com","organizationUuid":"o-1"}}"#;

    #[test]
    fn the_sign_in_is_read_from_the_directory_or_the_home_around_it() {
        let home = tempfile::tempdir().unwrap();
        let claude = home.path().join(".claude");
        std::fs::create_dir(&claude).unwrap();
        std::fs::write(home.path().join(FILE_NAME), SIGNED_IN).unwrap();
        let environment = Environment { login: Some("ann@laptop".into()), ..Environment::default() };
        let context = context_of(&claude, &environment);
        assert_eq!(context.email.as_deref(), Some("ann@example.com"));
        assert_eq!(context.account.as_deref(), Some("a-1"));
        assert_eq!(context.organization.as_deref(), Some("o-1"));
        assert_eq!(context.installation.as_deref(), Some("c0ffee"));
        assert_eq!(context.login.as_deref(), Some("ann@laptop"));

        std::fs::write(claude.join(FILE_NAME), r#"{"userID":"own"}"#).unwrap();
        let context = context_of(&claude, &environment);
        assert_eq!((context.email, context.installation.as_deref()), (None, Some("own")));
    }

    #[test]
    fn a_directory_from_elsewhere_belongs_to_nobody_here() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join(FILE_NAME), SIGNED_IN).unwrap();
        let copied = home.path().join("copied");
        let environment = Environment { home: Some(home.path().to_owned()), ..Environment::default() };
        assert_eq!(context_of(&copied, &environment), Context::default());
    }

    #[test]
    fn damaged_settings_tell_nothing() {
        let claude = tempfile::tempdir().unwrap();
        for text in ["", "{\"oauthAccount\":", "[]", r#"{"oauthAccount":"none","userID":7}"#] {
            std::fs::write(claude.path().join(FILE_NAME), text).unwrap();
            assert_eq!(context_of(claude.path(), &Environment::default()), Context::default(), "{text}");
        }
    }
}
