//! A disk without room: what cannot be kept is refused so that the sender tries again, and what was kept stays.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use crate::numbered::{self, Numbered, counted, each_once};
use crate::program::{Place, Server, fixture, skipped, until};

const JSON: (&str, &str) = ("content-type", "application/json");

/// Size of the disk. A new ledger takes about a tenth of it.
const DISK: &str = "size=48m";

/// How many exports are sent at most until one is refused.
const EXPORTS: u32 = 2_000;

/// A small disk at a folder, in a namespace of its own: nobody else sees it, and it goes with the test.
struct Disk {
    /// Keeps the namespace. It ends when its input is closed.
    holder: Child,
    /// The folder, as it is reached from outside.
    root: PathBuf,
}

impl Disk {
    /// Mounts one. The error is why that is not possible here.
    fn mount(place: &Place, folder: &Path) -> Result<Self, String> {
        let script =
            format!("mount -t tmpfs -o {DISK} none '{}' && echo mounted && exec cat", folder.display());
        let mut unshare = place.command("unshare");
        unshare.args(["--mount", "--map-root-user", "sh", "-c", &script]);
        unshare.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut holder = unshare.spawn().map_err(|error| error.to_string())?;
        let mut told = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut told).unwrap();
        let inside = format!("/proc/{}/root", holder.id());
        let disk = Self { holder, root: Path::new(&inside).join(folder.strip_prefix("/").unwrap()) };
        if told == "mounted\n" { Ok(disk) } else { Err("it cannot be mounted".to_owned()) }
    }

    /// What to start a program with so that it has the disk.
    fn entrance(&self) -> Vec<String> {
        let holder = self.holder.id().to_string();
        ["nsenter", "--target", &holder, "--user", "--mount"].map(str::to_owned).to_vec()
    }

    /// Takes all room that is left.
    fn fill(&self) {
        let mut ballast = File::options().create(true).append(true).open(self.root.join("ballast")).unwrap();
        for size in [1 << 20, 4096, 1] {
            while ballast.write_all(&vec![0; size]).is_ok() {}
        }
    }

    /// Gives it back.
    fn clear(&self) {
        fs::remove_file(self.root.join("ballast")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _may_have_ended = self.holder.kill();
        let _status = self.holder.wait();
    }
}

/// A capture of log records that came over gRPC.
const GRPC_CAPTURE: &str = "otlp/grpc/commit-and-pr/0001-logs.pb";

fn exported(capture: &str) -> Vec<u8> {
    fs::read(fixture(capture)).unwrap()
}

fn is_about_space(told: &str) -> bool {
    let told = told.to_lowercase();
    told.contains("no space") || told.contains("disk is full")
}

/// Sends each request in an export of its own; all have to be taken.
async fn send(server: &Server, requests: impl Iterator<Item = Numbered>, taken: &mut BTreeSet<Numbered>) {
    for request in requests {
        let answer = server.post("/v1/logs", &[JSON], numbered::export(&[request])).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        taken.insert(request);
    }
}

/// Sends each request in an export of its own until one is refused, and returns that.
async fn send_until_refused(
    server: &Server,
    requests: &mut impl Iterator<Item = Numbered>,
    taken: &mut BTreeSet<Numbered>,
) -> Numbered {
    for request in requests.take(EXPORTS as usize) {
        let answer = server.post("/v1/logs", &[JSON], numbered::export(&[request])).await;
        match answer.status {
            200 => taken.insert(request),
            // Clients drop what is answered with 500, and try again after this.
            503 => {
                assert!(answer.headers.contains_key("retry-after"), "{answer:?}");
                let message = answer.json()["message"].as_str().unwrap().to_owned();
                assert!(is_about_space(&message), "{message}");
                return request;
            }
            _ => panic!("{answer:?}"),
        };
    }
    panic!("the disk does not get full");
}

/// Sends a request as a client does that was told to try again.
async fn send_until_taken(server: &Server, request: Numbered, taken: &mut BTreeSet<Numbered>) {
    until("what was refused is taken", async || {
        let answer = server.post("/v1/logs", &[JSON], numbered::export(&[request])).await;
        assert!(matches!(answer.status, 200 | 503), "{answer:?}");
        if answer.status == 200 { Ok(()) } else { Err(answer) }
    })
    .await;
    taken.insert(request);
}

/// A server with its data on a small disk; nothing where there cannot be one.
fn on_a_small_disk(place: &Place) -> Option<Disk> {
    fs::create_dir(place.data()).unwrap();
    let disk = Disk::mount(place, &place.data());
    disk.map_err(|error| skipped("a full disk", &format!("there is no small one: {error}"))).ok()
}

#[tokio::test]
async fn on_a_full_disk_ingest_is_refused_for_now_and_goes_on_when_there_is_room_again() {
    let place = Place::new();
    let Some(disk) = on_a_small_disk(&place) else { return };
    let server = place.serve().under(&disk.entrance()).start();
    let mut requests = numbered::of_sessions(0..EXPORTS).into_iter();
    let mut acknowledged = BTreeSet::new();
    for round in 0..3 {
        send(&server, requests.by_ref().take(20), &mut acknowledged).await;
        disk.fill();
        let refused = send_until_refused(&server, &mut requests, &mut acknowledged).await;
        // Over gRPC clients do not try again, but they may, if they are told to.
        let status = server.over_grpc(&exported(GRPC_CAPTURE)).await.unwrap_err();
        assert_eq!(status.code(), tonic::Code::Unavailable, "{status}");
        assert_eq!(counted(&server).await, each_once(&acknowledged), "round {round}, on the full disk");
        assert_eq!(server.get("/readyz", &[]).await.status, 200);
        disk.clear();
        send_until_taken(&server, refused, &mut acknowledged).await;
        assert_eq!(counted(&server).await, each_once(&acknowledged), "round {round}, with room again");
    }
    assert!(!server.log().contains("panicked"), "{}", server.log());
    assert!(server.stop().success());
}

#[tokio::test]
async fn transcripts_that_a_full_disk_has_no_room_for_are_read_when_it_has() {
    let place = Place::new();
    let Some(disk) = on_a_small_disk(&place) else { return };
    let project = place.claude().join("projects/-project");
    fs::create_dir_all(&project).unwrap();
    let server = place.serve().under(&disk.entrance()).transcripts(place.claude()).start();
    server.has_read(0).await;
    let (mut requests, mut counts) = (numbered::of_sessions(1..EXPORTS).into_iter(), BTreeSet::new());
    disk.fill();
    let refused = send_until_refused(&server, &mut requests, &mut counts).await;

    let written = numbered::of_sessions(0..1);
    fs::write(project.join("s.jsonl"), numbered::transcript(&written)).unwrap();
    let told = until("the import says what is wrong", async || {
        let import = server.json("/api/v1/status").await["import"].clone();
        import["message"].as_str().map(str::to_owned).ok_or(import)
    })
    .await;
    assert!(is_about_space(&told), "{told}");
    disk.clear();
    counts.extend(written);
    until("the transcript has been read", async || {
        let counted = counted(&server).await;
        if counted == each_once(&counts) { Ok(()) } else { Err(counted) }
    })
    .await;
    send_until_taken(&server, refused, &mut counts).await;
    assert_eq!(counted(&server).await, each_once(&counts));
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_crash_on_a_full_disk() {
    let place = Place::new();
    let Some(disk) = on_a_small_disk(&place) else { return };
    let server = place.serve().under(&disk.entrance()).start();
    let (mut requests, mut acknowledged) = (numbered::of_sessions(0..EXPORTS).into_iter(), BTreeSet::new());
    send(&server, requests.by_ref().take(20), &mut acknowledged).await;
    disk.fill();
    let refused = send_until_refused(&server, &mut requests, &mut acknowledged).await;
    server.kill();
    // It may not be able to start, but then it says why, and does no harm.
    if let Err(told) = place.serve().under(&disk.entrance()).try_start() {
        assert!(is_about_space(&told), "{told}");
    }
    disk.clear();
    let server = place.serve().under(&disk.entrance()).start();
    assert_eq!(counted(&server).await, each_once(&acknowledged));
    send_until_taken(&server, refused, &mut acknowledged).await;
    assert_eq!(counted(&server).await, each_once(&acknowledged));
}
