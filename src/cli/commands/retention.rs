//! `microseg retention`: what is too old, and the confirmation that it may be erased.

use std::fmt;
use std::process::ExitCode;

use clap::Args;
use indicatif::HumanCount;
use jiff::{SignedDuration, Timestamp};
use microseg_config::{RetentionSettings, StoreSettings};
use microseg_store::{Retained, Store};

use crate::outcome::CommandResult;
use crate::output;

/// Arguments of `microseg retention`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    store: StoreSettings,
    #[command(flatten)]
    retention: RetentionSettings,
    /// Erase what is too old, also where a server stops and asks, and take the clock of this machine for right
    #[arg(long)]
    confirm: bool,
}

/// Reports what is too old, or erases it; exits with 1 when a server would stop and ask.
pub(crate) fn run(arguments: &Arguments) -> CommandResult {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(retain(arguments))
}

async fn retain(arguments: &Arguments) -> CommandResult {
    let policy = arguments
        .retention
        .policy(Timestamp::now(), SignedDuration::ZERO);
    let policy =
        policy.ok_or("--retention-days says after how many days explanations are too old")?;
    let location = arguments.store.location()?;
    let store = Store::open_existing(location).await;
    let store = store.map_err(|error| format!("--store: {error}"))?;
    let outcome = if arguments.confirm {
        let erased = store.retain_confirmed(&policy).await;
        erased.map(Outcome::Confirmed)
    } else {
        let found = store.would_retain(&policy).await;
        found.map(Outcome::Found)
    };
    store.close().await;
    let outcome = outcome?;
    output::print(&format!("{outcome}\n"))?;
    let stops = matches!(outcome, Outcome::Found(Retained::Stopped { .. }));
    Ok(ExitCode::from(u8::from(stops)))
}

/// What was found or done, as a sentence.
enum Outcome {
    Found(Retained),
    Confirmed(u64),
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found(Retained::Erased(expired)) => write!(
                formatter,
                "{} explanations are too old: a server erases them within an hour",
                HumanCount(*expired)
            ),
            Self::Found(Retained::Stopped {
                expired,
                all,
                doubt,
            }) => write!(
                formatter,
                "{} of {} explanations are too old, and no server erases them: {doubt}; check the clock, then --confirm",
                HumanCount(*expired),
                HumanCount(*all),
            ),
            Self::Confirmed(erased) => {
                write!(
                    formatter,
                    "{} explanations were erased",
                    HumanCount(*erased)
                )
            }
        }
    }
}
