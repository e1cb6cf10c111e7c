use state::State;

super::on_every_adapter!(a_secret_is_made_once_for_each_name, a_secret_does_not_print);

async fn a_secret_is_made_once_for_each_name(state: &dyn State) {
    let (paging, other) =
        (state.secret("paging-cursor").await.unwrap(), state.secret("other").await.unwrap());
    assert_eq!(state.secret("paging-cursor").await.unwrap(), paging);
    assert_ne!(paging, other);
    assert_ne!(paging.expose(), &[0; state::SECRET_BYTES]);
}

async fn a_secret_does_not_print(state: &dyn State) {
    let secret = state.secret("paging-cursor").await.unwrap();
    assert_eq!(format!("{secret:?}"), "ServerSecret(***)");
}
