//! The ledger's part of a status line, in time for a prompt.
//!
//! A server beside it is asked, over loopback and with little patience; what it says is remembered, in case it
//! has no time at the next prompt. Without a server the ledger is not opened: that would take as long as the
//! whole line may. The figures that were worked out last are used, and when they are old, another process is
//! started that brings new transcript lines in and works them out anew, for the next prompt.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use model::Timestamp;
use report::range::Zone;
use report::status_line::StatusLine;

use crate::config::DataDirectory;
use crate::running_server::ServerFile;
use crate::status_memory::Remembered;

/// How long connecting and sending may take: nobody else is in between.
const CONNECT_PATIENCE: Duration = Duration::from_millis(20);
/// How long each wait for a part of the answer may take. A server at rest answers in a few milliseconds; one
/// that is busy is better waited for than left out.
const ANSWER_PATIENCE: Duration = Duration::from_millis(100);
/// The longest answer that is read.
const MAX_ANSWER_BYTES: u64 = 64 * 1024;

/// The figures, from the server that holds the ledger.
pub(super) fn from_server(data: &DataDirectory, session: Option<&str>, zone: &Zone) -> Result<StatusLine> {
    let file: ServerFile = serde_json::from_slice(&std::fs::read(data.server_file())?)?;
    let host = file.address.strip_prefix("http://").context("the server speaks something else than HTTP")?;
    let address: SocketAddr = host.parse()?;
    let session = session.map(|session| format!("&session_id={}", encoded(session))).unwrap_or_default();
    let request = format!(
        "GET /api/v1/status-line?timezone={}{session} HTTP/1.0\r\nHost: {host}\r\nAuthorization: Bearer {}\r\n\r\n",
        encoded(zone.name()),
        file.token,
    );
    let mut stream = TcpStream::connect_timeout(&address, CONNECT_PATIENCE)?;
    stream.set_write_timeout(Some(CONNECT_PATIENCE))?;
    stream.set_read_timeout(Some(ANSWER_PATIENCE))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(MAX_ANSWER_BYTES).read_to_end(&mut answer)?;
    let answer = std::str::from_utf8(&answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("the answer is cut off")?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    ensure!(status == "200", "the server answers {status}");
    Ok(serde_json::from_str(body)?)
}

/// A value as part of a query.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// Starts a process that works the figures out and leaves them for the next prompt. It is not waited for.
pub(super) fn start_refresh(
    data: &DataDirectory,
    config: Option<&Path>,
    zone: &Zone,
    now: Timestamp,
) -> Result<()> {
    Remembered { refresh_began_at: now, ..Remembered::read(data) }.write(data)?;
    let mut command = std::process::Command::new(std::env::current_exe()?);
    command.args(["statusline", "--refresh", "--timezone", zone.name(), "--data"]).arg(data.path());
    if let Some(config) = config {
        command.arg("--config").arg(config);
    }
    use std::process::Stdio;
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Ctrl-C at the prompt is not meant for it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_encoded_for_a_query() {
        assert_eq!(encoded("Europe/Berlin"), "Europe/Berlin");
        assert_eq!(encoded("Etc/GMT+1 &x=ü"), "Etc/GMT%2B1%20%26x%3D%C3%BC");
    }
}
