//! Notes of the client between the messages: retries, compactions, links to pull requests.

use model::{Observation, Occurrence};

use super::line::{CompactMetadata, Line};
use super::parse::Scene;
use super::state::record_key;

pub(super) fn read(scene: &mut Scene<'_>, line: &Line<'_>) {
    if line.kind.is("pr-link") {
        let link = Occurrence { name: "pr_link".into(), ..pull_request(line) };
        scene.push(record_key(&scene.id, "pr-link", &[]), Observation::Occurrence(link));
        return;
    }
    let occurrence = match line.subtype.get() {
        // One for every attempt that failed and was made again, so not an error that the user met.
        Some("api_error") => Occurrence {
            name: "api_retry".into(),
            outcome: line.error.status.map(|status| status.to_string().into()),
            ..Occurrence::default()
        },
        Some("compact_boundary") => compaction(line.compact_metadata.0.as_ref()),
        _ => return,
    };
    scene.push(record_key(&scene.id, "note", &[]), Observation::Occurrence(occurrence));
}

fn compaction(metadata: Option<&CompactMetadata<'_>>) -> Occurrence {
    Occurrence {
        name: "compaction".into(),
        outcome: metadata.and_then(|metadata| metadata.trigger.owned()),
        duration_ms: metadata.and_then(|metadata| metadata.duration_ms.0).map(|duration| duration as i64),
        ..Occurrence::default()
    }
}

/// `owner/name#7`; the address tells the same link from another.
fn pull_request(line: &Line<'_>) -> Occurrence {
    let repository = line.pr_repository.get();
    let number = line.pr_number.0.map(|number| number as i64);
    Occurrence {
        subject: repository.zip(number).map(|(repository, number)| format!("{repository}#{number}").into()),
        identity: line.pr_url.owned(),
        ..Occurrence::default()
    }
}
