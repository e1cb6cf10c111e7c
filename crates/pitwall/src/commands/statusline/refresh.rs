//! Working the figures of the status line out, beside the prompt.

use std::time::Duration;

use anyhow::Result;
use report::range::Zone;
use report::status_line;

use crate::config::{Config, DataDirectory};
use crate::status_memory::Remembered;
use crate::wire::Local;

/// How long new transcript lines are brought in; what is left is brought in the next time.
const IMPORT_TIME: Duration = Duration::from_secs(10);

/// Brings new lines in, asks the ledger, and leaves the answer for the next prompt.
///
/// Does nothing where no ledger is: reading all of a history is not for a prompt to begin.
pub(super) async fn run(config: &Config, data: &DataDirectory, zone: &Zone) -> Result<()> {
    if !data.ledger_file().exists() {
        return Ok(());
    }
    let local = if config.transcripts.enabled {
        let directories = &config.transcripts.directories;
        let (local, transcripts) = Local::open_to_read(config, data, directories).await?;
        local.read_for(transcripts, IMPORT_TIME).await?;
        local
    } else {
        Local::open(config, data).await?
    };
    let parameters =
        status_line::Parameters { session: Vec::new(), zone: zone.clone(), now: local.clock.now() };
    let answer = status_line::ask(local.store.as_ref(), &parameters).await;
    local.leave().await?;
    let remembered =
        Remembered { figures: Some(answer?), zone: zone.name().to_owned(), ..Remembered::read(data) };
    remembered.write(data)
}
