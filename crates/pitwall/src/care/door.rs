//! Where a running server takes jobs: from commands of the same user on the same machine, and from nobody else.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use server::LocalToken;
use tokio::sync::{Mutex, OwnedMutexGuard, mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;

use super::remote::{Message, PATH};
use super::{Caretaker, Job, Outcome, Step};

/// Messages that may wait to be sent.
const WAITING: usize = 16;
/// How often something is sent when nothing changes.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// What the route needs.
struct Door {
    keeper: Caretaker,
    token: LocalToken,
    stop: CancellationToken,
    /// Lets go of answers that were computed before an erasure.
    after_erasing: Box<dyn Fn() + Send + Sync>,
    one_at_a_time: Arc<Mutex<()>>,
}

/// The route. `after_erasing` is called when somebody was erased.
pub(crate) fn routes(
    keeper: Caretaker,
    token: LocalToken,
    stop: CancellationToken,
    after_erasing: impl Fn() + Send + Sync + 'static,
) -> Router {
    let after_erasing = Box::new(after_erasing);
    let door = Door { keeper, token, stop, after_erasing, one_at_a_time: Arc::default() };
    Router::new().route(PATH, post(take)).with_state(Arc::new(door))
}

async fn take(State(door): State<Arc<Door>>, headers: HeaderMap, Json(job): Json<Job>) -> Response {
    if !door.token.is_in(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Ok(turn) = Arc::clone(&door.one_at_a_time).try_lock_owned() else {
        return refusal(StatusCode::CONFLICT, "another such command is under way; try again when it is done");
    };
    let (messages, answer) = mpsc::channel(WAITING);
    tokio::spawn(run(door, job, messages, turn));
    let lines = Body::from_stream(ReceiverStream::new(answer));
    ([(header::CONTENT_TYPE, "application/x-ndjson"), (header::CACHE_CONTROL, "no-store")], lines)
        .into_response()
}

fn refusal(status: StatusCode, message: &str) -> Response {
    (status, Json(serde_json::json!({"error": {"message": message}}))).into_response()
}

type Line = Result<Bytes, Infallible>;

/// Does the job and tells of it, until whoever asked has gone or the server stops.
async fn run(door: Arc<Door>, job: Job, messages: mpsc::Sender<Line>, turn: OwnedMutexGuard<()>) {
    let last = ending(&door, job, &messages).await;
    // The data is closed once the answers have ended.
    drop((turn, door));
    if let Some(line) = last.and_then(|last| line(&last)) {
        let _gone = messages.send(line).await;
    }
}

/// How the job ended; nothing when whoever asked has gone.
async fn ending(door: &Door, job: Job, messages: &mpsc::Sender<Line>) -> Option<Message> {
    let told = watch::Sender::new(Step::default());
    let mut steps = told.subscribe();
    let mut working = std::pin::pin!(door.keeper.run(job, &told));
    loop {
        let step = tokio::select! {
            outcome = &mut working => return Some(match outcome {
                Ok(outcome) => {
                    if matches!(outcome, Outcome::Forget(_)) {
                        (door.after_erasing)();
                    }
                    Message::Done(outcome)
                }
                Err(error) => Message::Failed(format!("{error:#}")),
            }),
            () = messages.closed() => return None,
            () = door.stop.cancelled() => return Some(Message::Failed("the server is stopping".to_owned())),
            _ = steps.changed() => steps.borrow_and_update().clone(),
            () = tokio::time::sleep(SIGN_OF_LIFE) => steps.borrow().clone(),
        };
        // Whoever reads too slowly misses steps, not the end.
        if let Some(line) = line(&Message::Step(step)) {
            let _full_or_gone = messages.try_send(line);
        }
    }
}

fn line(message: &Message) -> Option<Line> {
    let mut text = serde_json::to_vec(message).ok()?;
    text.push(b'\n');
    Some(Ok(Bytes::from(text)))
}
