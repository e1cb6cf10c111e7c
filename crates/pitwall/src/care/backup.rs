//! A copy of everything, taken while the server may run.
//!
//! First the state, then the ledger: whatever the copied state says was read is in the copied ledger. What the
//! ledger has beyond that is read again after a restoring, and adds nothing.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use model::Timestamp;
use serde::{Deserialize, Serialize};

use super::manifest::{Listed, Manifest};
use super::{Caretaker, Teller, tell};

/// What a backup came to.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct BackedUp {
    /// Where it lies.
    pub(crate) to: PathBuf,
    /// Time of the newest transaction in it; empty when there is none.
    pub(crate) boundary: String,
    /// Its files.
    pub(crate) files: Vec<String>,
    /// Their size.
    pub(crate) bytes: u64,
}

/// Copies everything into a new folder, which is there once it is whole.
pub(super) async fn back_up(keeper: &Caretaker, to: &Path, told: &Teller) -> Result<BackedUp> {
    check_place(keeper.data.path(), to)?;
    let folder = UnfinishedFolder::beside(to)?;
    let within = |file: &Path| folder.0.join(file.file_name().unwrap_or_default());
    tell(told, "Copying keys and cursors", 0, 0);
    keeper.state.back_up(&within(&keeper.data.state_file())).await?;
    tell(told, "Copying the ledger", 0, 0);
    let ledger = within(&keeper.data.ledger_file());
    let boundary = keeper.ledger.back_up(&ledger).await?;
    make_private(&ledger)?;
    for file in keeper.data.own_files() {
        if file.is_file() {
            let copy = within(&file);
            fs::copy(&file, &copy).with_context(|| format!("cannot copy {}", file.display()))?;
            make_private(&copy)?;
        }
    }
    tell(told, "Adding up", 0, 0);
    let boundary = if boundary == Timestamp::MIN { String::new() } else { boundary.to_rfc3339() };
    let (taken_at, to) = (keeper.clock.now().to_rfc3339(), to.to_owned());
    tokio::task::spawn_blocking(move || finish(folder, to, taken_at, boundary)).await?
}

fn finish(folder: UnfinishedFolder, to: PathBuf, taken_at: String, boundary: String) -> Result<BackedUp> {
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder.0)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        files.push(Listed::of(&folder.0, &name)?);
    }
    files.sort_by(|one, other| one.name.cmp(&other.name));
    let outcome = BackedUp {
        boundary: boundary.clone(),
        files: files.iter().map(|file| file.name.clone()).collect(),
        bytes: files.iter().map(|file| file.bytes).sum(),
        to,
    };
    Manifest::new(taken_at, boundary, files).write(&folder.0)?;
    folder.becomes(&outcome.to)?;
    Ok(outcome)
}

/// Refuses a place that has something in it, and one that erasing and restoring would get in the way of.
fn check_place(data: &Path, to: &Path) -> Result<()> {
    let data = fs::canonicalize(data)?;
    let above = to.ancestors().skip(1).find_map(|folder| fs::canonicalize(folder).ok());
    ensure!(
        !above.is_some_and(|above| above.starts_with(&data)),
        "{} lies in the data directory; choose a place outside, best on another disk",
        to.display()
    );
    ensure!(is_free(to)?, "{} is there already; a backup is never written over", to.display());
    Ok(())
}

/// Whether nothing is there, or an empty folder.
pub(super) fn is_free(folder: &Path) -> Result<bool> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => Ok(false),
        Err(error) => Err(error).with_context(|| format!("cannot look at {}", folder.display())),
    }
}

/// A folder, the owner's alone, that goes when it is dropped before it became what it is for.
pub(super) struct UnfinishedFolder(pub(super) PathBuf);

impl UnfinishedFolder {
    /// Makes one beside the place that it is for. One that a crash has left is removed.
    pub(super) fn beside(place: &Path) -> Result<Self> {
        let mut name: OsString = place.as_os_str().to_owned();
        name.push(".unfinished");
        let path = PathBuf::from(name);
        if path.exists() {
            fs::remove_dir_all(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
    }

    /// Gives it its place, once all in it is on the disk.
    pub(super) fn becomes(self, place: &Path) -> Result<()> {
        for entry in fs::read_dir(&self.0)? {
            fs::File::open(entry?.path())?.sync_all()?;
        }
        fs::rename(&self.0, place)
            .with_context(|| format!("cannot move {} to {}", self.0.display(), place.display()))?;
        if let Some(above) = place.parent() {
            // So that the renaming itself survives a power cut, where folders can be synchronized.
            let _not_everywhere = fs::File::open(above).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }
}

impl Drop for UnfinishedFolder {
    fn drop(&mut self) {
        // Gone already once it has its place.
        let _absent = fs::remove_dir_all(&self.0);
    }
}

/// Takes a file from everybody but its owner: it holds who did what, or what keys are checked with.
pub(super) fn make_private(file: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(file, fs::Permissions::from_mode(0o600))
            .with_context(|| format!("cannot take {} from other users", file.display()))?;
    }
    Ok(())
}
