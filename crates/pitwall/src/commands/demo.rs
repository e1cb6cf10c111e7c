//! `pitwall demo`: a believable organization in a data directory of its own.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use model::{Clock, SystemClock};

use crate::cli::DemoArgs;
use crate::config::DataDirectory;
use crate::demo::Plan;
use crate::instance::{Made, keep_going, start_demo};
use crate::stop_signal::stop_signal;
use crate::terminal;

/// Steps of the progress bar.
const STEPS: u64 = 1_000;

/// Runs the command.
pub(crate) async fn run(args: DemoArgs) -> Result<()> {
    let data = match args.data {
        Some(path) => DataDirectory::new(path),
        None => DataDirectory::or_default(None)?.demo(),
    };
    let end = Plan::end_before(SystemClock.now());
    let plan = Plan { developers: args.developers, days: args.days, seed: args.seed, end };
    let http = args.http.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 4318)));
    let bar = ProgressBar::new(STEPS);
    if let Ok(style) = ProgressStyle::with_template("Making demo data {bar:30} {percent} % ({eta} left)") {
        bar.set_style(style);
    }
    let shown = bar.clone();
    let mut instance = start_demo(data.clone(), &plan, http, move |progress| {
        shown.set_position((progress * STEPS as f64) as u64);
    })
    .await?;
    bar.finish_and_clear();
    if args.fill_only {
        instance.stop().await?;
        return match Made::read(&data)? {
            Some(made) if args.json => terminal::print_json(&made),
            _ => terminal::print(&format!("Demo data is in {}\n", data.path().display())),
        };
    }
    terminal::print(&format!(
        "Dashboard     {}\nDemo data     {} developers over {} days, made from seed {}; none of it is real\n\
         Data          {}\nStop          Ctrl-C\n",
        instance.address,
        plan.developers,
        plan.days,
        plan.seed,
        data.path().display(),
    ))?;
    keep_going(&mut instance, plan);
    stop_signal().await;
    instance.stop().await
}
