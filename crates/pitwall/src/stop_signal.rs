//! Being told to stop.

#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};

/// Waits for Ctrl-C or, on Unix, a request to terminate.
///
/// It listens from the call on, not only once it is waited for: a program that calls this first is never
/// ended in the middle of its start.
#[cfg(unix)]
pub(crate) fn stop_signal() -> impl Future<Output = ()> {
    let (interrupt, terminate) = (listen(SignalKind::interrupt()), listen(SignalKind::terminate()));
    async {
        tokio::select! {
            () = interrupt => {}
            () = terminate => {}
        }
    }
}

/// Where the system does not let a signal be listened for, it ends the program by itself.
#[cfg(unix)]
fn listen(kind: SignalKind) -> impl Future<Output = ()> {
    let listening = signal(kind).inspect_err(|error| tracing::warn!(%error, "cannot listen for signals"));
    async {
        match listening {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
pub(crate) async fn stop_signal() {
    let _unavailable = tokio::signal::ctrl_c().await;
}
