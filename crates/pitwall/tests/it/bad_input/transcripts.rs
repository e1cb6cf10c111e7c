//! Transcripts and Claude directories that cannot be read, or not whole.

use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use serde_json::json;

use crate::numbered::{self, counted, each_once, transcript};
use crate::program::{Outcome, Place, skipped, until};

/// The place's Claude directory with transcripts of numbered requests, each with more put between its lines.
fn write_transcript(place: &Place, session: u32, between: &[&[u8]]) {
    let project = place.claude().join("projects/-project");
    fs::create_dir_all(&project).unwrap();
    let mut file = File::create(project.join(format!("{session}.jsonl"))).unwrap();
    let requests = numbered::of_sessions(session..session + 1);
    for (index, request) in requests.iter().enumerate() {
        file.write_all(transcript(&[*request]).as_bytes()).unwrap();
        if let Some(more) = between.get(index) {
            file.write_all(more).unwrap();
            file.write_all(b"\n").unwrap();
        }
    }
}

#[tokio::test]
async fn lines_that_cannot_be_read_are_skipped_counted_and_told() {
    let place = Place::new();
    let bad: [&[u8]; 6] = [
        b"\xff\xfe\xc3\x28",
        b"{\"type\":\"assistant\",\"message\":{",
        b"plain text",
        b"\0\0\0\0",
        b"[1, 2]",
        b"{}{}",
    ];
    write_transcript(&place, 0, &bad);
    let server = place.serve().transcripts(place.claude()).start();
    server.has_read(1).await;
    assert_eq!(server.json("/api/v1/status").await["import"]["lines_skipped"], bad.len());
    assert_eq!(counted(&server).await, each_once(&numbered::of_sessions(0..1)));
    let doctor = place.run(&["doctor"]).succeeded().out;
    assert!(doctor.contains("6 of them skipped"), "{doctor}");
    assert!(doctor.contains("6 x not valid json"), "the reason is not told: {doctor}");
}

#[tokio::test]
async fn a_line_of_50_megabytes_is_read_or_skipped_and_costs_no_more_memory_than_is_allowed() {
    /// The most that a server may have had, in KiB: the longest line that is read at all is 64 MiB.
    const PEAK_KIB: u64 = 400 * 1024;
    let place = Place::new();
    let requests = numbered::of_sessions(0..1);
    let project = place.claude().join("projects/-project");
    fs::create_dir_all(&project).unwrap();
    let mut file =
        OpenOptions::new().create(true).write(true).truncate(true).open(project.join("s.jsonl")).unwrap();
    let (first, rest) = requests.split_first().unwrap();
    // A long answer is an answer.
    let long = transcript(&[*first]).replace("Done.", &"x".repeat(50_000_000));
    file.write_all(long.as_bytes()).unwrap();
    drop(long);
    // Holes in the file read as zeros, and take no room on the disk.
    for hole in [50_000_000, 500_000_000] {
        file.seek(SeekFrom::Current(hole)).unwrap();
        file.write_all(b"\n").unwrap();
    }
    file.write_all(transcript(rest).as_bytes()).unwrap();
    drop(file);

    let server = place.serve().transcripts(place.claude()).start();
    server.has_read(1).await;
    assert_eq!(server.json("/api/v1/status").await["import"]["lines_skipped"], 2);
    assert_eq!(counted(&server).await, each_once(&requests));
    #[cfg(target_os = "linux")]
    assert!(server.peak_memory_kib() < PEAK_KIB, "{} KiB at the peak", server.peak_memory_kib());
}

#[tokio::test]
async fn files_and_folders_that_are_not_what_they_should_be_are_passed_over() {
    let place = Place::new();
    write_transcript(&place, 0, &[]);
    let projects = place.claude().join("projects");
    fs::create_dir(projects.join("a-folder.jsonl")).unwrap();
    fs::write(projects.join("-project/empty.jsonl"), "").unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("/nowhere", projects.join("-dangling")).unwrap();
        std::os::unix::fs::symlink(&projects, projects.join("-project/round-and-round")).unwrap();
        // Whoever opens a pipe to read waits until somebody writes.
        Outcome::of(place.command("mkfifo").arg(projects.join("pipe.jsonl"))).succeeded();
    }
    let imported = place.json(&["import", "transcripts", "--json"]);
    assert_eq!((&imported["lines_skipped"], &imported["problems"]), (&0.into(), &json!([])), "{imported}");
    let server = place.serve().start();
    assert_eq!(counted(&server).await, each_once(&numbered::of_sessions(0..1)));
}

#[tokio::test]
async fn a_claude_directory_without_projects_is_told_and_the_others_are_read() {
    let place = Place::new();
    write_transcript(&place, 0, &[]);
    let (file, dangling) = (place.path("file"), place.path("dangling"));
    for broken in [&file, &dangling] {
        fs::create_dir(broken).unwrap();
    }
    fs::write(file.join("projects"), "").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/nowhere", dangling.join("projects")).unwrap();
    for broken in [&file, &dangling] {
        let mut command = place.pitwall(&["import", "transcripts"]);
        let outcome = Outcome::of(command.arg(place.claude()).arg(broken));
        outcome.failed(&[&broken.display().to_string(), "projects"]);
    }
    let server = place.serve().start();
    assert_eq!(counted(&server).await, each_once(&numbered::of_sessions(0..1)));
}

#[cfg(unix)]
#[tokio::test]
async fn what_may_not_be_read_is_told_and_the_rest_is_read() {
    use std::os::unix::fs::PermissionsExt as _;

    let place = Place::new();
    for session in 0..3 {
        write_transcript(&place, session, &[]);
    }
    let projects = place.claude().join("projects");
    let (closed_file, closed_folder) = (projects.join("-project/1.jsonl"), projects.join("-closed"));
    fs::create_dir(&closed_folder).unwrap();
    fs::rename(projects.join("-project/2.jsonl"), closed_folder.join("2.jsonl")).unwrap();
    for closed in [&closed_file, &closed_folder] {
        fs::set_permissions(closed, fs::Permissions::from_mode(0o000)).unwrap();
    }
    let Some(wrapper) = bound_by_permissions(&place, &closed_file) else {
        return skipped(
            "transcripts without permission",
            "this user may read everything, and setpriv does not help",
        );
    };

    let mut server = place.serve().under(&wrapper).transcripts(place.claude()).start();
    // What cannot be opened is tried again with every look.
    let import = until("the transcripts have been read", async || {
        let import = server.json("/api/v1/status").await["import"].clone();
        if import["state"] == "following" { Ok(import) } else { Err(import) }
    })
    .await;
    assert_eq!(counted(&server).await, each_once(&numbered::of_sessions(0..1)));
    let told = import["message"].as_str().unwrap();
    assert!(told.contains("permission"), "{told}");
    let doctor = place.run(&["doctor"]).succeeded().out;
    assert!(doctor.contains("permission"), "{doctor}");
    assert!(server.is_running());
    drop(server);

    for closed in [&closed_file, &closed_folder] {
        fs::set_permissions(closed, fs::Permissions::from_mode(0o700)).unwrap();
    }
    let server = place.serve().under(&wrapper).transcripts(place.claude()).start();
    server.has_read(2).await;
    assert_eq!(counted(&server).await, each_once(&numbered::of_sessions(0..3)));
}

/// What to start a program with so that permissions hold for it: nothing for most users; for the superuser, without
/// the capabilities to pass over them. `None` where that cannot be had.
#[cfg(unix)]
pub(super) fn bound_by_permissions(place: &Place, closed: &Path) -> Option<Vec<&'static str>> {
    const WITHOUT_PRIVILEGE: [&str; 3] = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"];
    let wrappers = [Vec::new(), WITHOUT_PRIVILEGE.to_vec()];
    wrappers.into_iter().find(|wrapper| {
        let mut words = wrapper.iter().chain(&["cat"]);
        let mut command = place.command(words.next().unwrap());
        let read = command.args(words).arg(closed).output();
        // Not being able to run it at all says nothing.
        read.is_ok_and(|read| String::from_utf8_lossy(&read.stderr).contains("denied"))
    })
}
