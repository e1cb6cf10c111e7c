//! What every adapter of [`state::State`] promises. Each test takes the port alone; [`on_every_adapter`]
//! runs it on each.

mod files;
mod keys;
mod secrets;

/// Makes each named test a test on every adapter.
macro_rules! on_every_adapter {
    ($($test:ident),+ $(,)?) => {
        mod sqlite_in_memory {
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test(&state::SqliteState::in_memory().await.unwrap()).await;
                }
            )+
        }

        mod sqlite_in_a_file {
            $(
                #[tokio::test]
                async fn $test() {
                    let directory = tempfile::tempdir().unwrap();
                    let state = state::SqliteState::open(&directory.path().join("state.sqlite")).await.unwrap();
                    super::$test(&state).await;
                    state.close().await.unwrap();
                }
            )+
        }
    };
}
pub(crate) use on_every_adapter;
