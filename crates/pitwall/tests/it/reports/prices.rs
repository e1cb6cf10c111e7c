//! Prices of one's own, newer books, and history that is priced again.

use serde_json::Value as Json;

use super::{place_with, report};
use crate::program::Place;

const BUILT_IN: &str = include_str!("../../../../ledger/price-book.json");

fn priced(place: &Place) -> (String, i64) {
    let models = report(place, "models", &["--model", "claude-opus-4-5"]);
    let priced = models["totals"]["cost_micros"]["priced"].as_i64().unwrap();
    (models["price_book"].as_str().unwrap().to_owned(), priced)
}

#[test]
fn own_prices_reach_back_and_can_be_taken_back() {
    let place = place_with(&["models"]);
    // 1,000 in, 1,000 out, 1,000 read, 1,000 written for 5 minutes and 1,000 for an hour, on Opus 4.5:
    // 5,000 + 25,000 + 500 + 6,250 + 10,000 micro-dollars.
    let list = ("2026-11-22".to_owned(), 46_750);
    assert_eq!(priced(&place), list);
    let configuration = place.data().join("pitwall.toml");
    std::fs::write(
        &configuration,
        "[[prices.own]]\nmodel = \"*\"\nfrom = \"2026-11-01\"\ndiscount_percent = 20\n",
    )
    .unwrap();
    let (version, discounted) = priced(&place);
    assert!(version.starts_with("2026-11-22+own."), "{version}");
    assert_eq!(discounted, 37_400);
    std::fs::write(
        &configuration,
        "[[prices.own]]\nmodel = \"claude-opus-4-5\"\nto = \"2026-11-22\"\ninput = 1\n",
    )
    .unwrap();
    assert_eq!(priced(&place).1, list.1, "it ended the day before");
    std::fs::remove_file(&configuration).unwrap();
    assert_eq!(priced(&place), list);
}

#[test]
fn a_newer_book_is_checked_and_then_used() {
    let place = place_with(&["models"]);
    let book = place.path("newer.json");
    let json = BUILT_IN
        .replacen("2026-11-22", "2026-12-01", 1)
        .replace("\"input\": 5, \"output\": 25,", "\"input\": 6, \"output\": 25,");
    std::fs::write(&book, json).unwrap();
    let book = book.display().to_string();
    let checked = place.run(&["prices", "check", &book]).succeeded().out;
    assert!(checked.contains("changed  claude-opus-4-5"), "{checked}");
    assert_eq!(priced(&place).0, "2026-11-22", "checking changes nothing");
    let updated = place.run(&["prices", "update", &book]).succeeded().out;
    assert!(updated.contains("2026-12-01"), "{updated}");
    assert_eq!(priced(&place), ("2026-12-01".to_owned(), 47_750));

    std::fs::write(place.path("damaged.json"), "{}").unwrap();
    let damaged = place.path("damaged.json").display().to_string();
    place.run(&["prices", "update", &damaged]).failed(&["damaged.json", "not readable"]);
    assert_eq!(priced(&place).0, "2026-12-01");
}

#[test]
fn a_server_prices_history_again_in_the_background() {
    let place = place_with(&["models"]);
    std::fs::write(
        place.data().join("pitwall.toml"),
        "[[prices.own]]\nmodel = \"*\"\ndiscount_percent = 50\n",
    )
    .unwrap();
    let server = place.serve().start();
    // A report beside the server may be asked before it is through.
    let mut looks = 0;
    while priced(&place).1 != 23_375 {
        looks += 1;
        assert!(looks < 500, "still not priced again: {:?}", priced(&place));
    }
    assert!(server.stop().success());
}

#[test]
fn prices_are_listed_shown_and_checked() {
    let place = place_with(&["models"]);
    let list = place.json(&["prices", "list", "--json"]);
    assert_eq!(list["price_book"], "2026-11-22");
    let show = place.json(&["prices", "show", "us.anthropic.claude-sonnet-5-5-v1:0", "--json"]);
    let read = |period: usize| show["standard"][period]["tiers"][0]["cache_read"].clone();
    assert_eq!((read(0), read(1)), (Json::from(0.2), Json::from(0.1)));
    assert_eq!(
        (&show["standard"][1]["from"], &show["standard"][1]["now"]),
        (&"2026-10-07".into(), &true.into())
    );
    let unpriced = place.run(&["prices", "check"]);
    assert!(
        unpriced.out.contains("claude-unheard-9-9-20990101: used, and not in the price book"),
        "{}",
        unpriced.out
    );
    unpriced.failed(&["1 to look at"]);
    place.run(&["prices", "show", "claude-opus-9"]).failed(&["does not know claude-opus-9"]);
}
