//! `microseg retention`: what is too old, and the confirmation that it may be erased.

use std::fmt;
use std::process::ExitCode;

use clap::Args;
use indicatif::HumanCount;
use jiff::{SignedDuration, Timestamp};
use microseg_config::{AfterErasure, CustomerRetentionSettings, RetentionSettings, StoreSettings};
use microseg_store::{Retained, RetentionPolicy, Store, StoreError};

use crate::outcome::CommandResult;
use crate::output;

/// Arguments of `microseg retention`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    store: StoreSettings,
    #[command(flatten)]
    retention: RetentionSettings,
    #[command(flatten)]
    customers: CustomerRetentionSettings,
    /// What becomes of transactions that arrive for a customer who was erased: as the servers have it
    #[arg(
        long,
        value_name = "WHAT",
        env = "MICROSEG_APPENDS_AFTER_ERASURE",
        default_value = "begin-anew"
    )]
    appends_after_erasure: AfterErasure,
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
    let now = Timestamp::now();
    let explanations = arguments.retention.policy(now, SignedDuration::ZERO);
    let customers = arguments.customers.policy(now, SignedDuration::ZERO);
    if explanations.is_none() && customers.is_none() {
        return Err("--retention-days and --customer-retention-days say after how many days explanations and \
            kept customers are too old: give one of them"
            .into());
    }
    let location = arguments.store.location()?;
    let store = Store::open_existing(location).await;
    let store = store.map_err(|error| format!("--store: {error}"))?;
    let store = store.with_appends_after_erasure(arguments.appends_after_erasure.into());
    let outcomes = async {
        let mut outcomes = Vec::new();
        if let Some(policy) = explanations {
            outcomes.push(of_explanations(&store, &policy, arguments.confirm).await?);
        }
        if let Some(policy) = customers {
            outcomes.push(of_customers(&store, &policy, arguments.confirm).await?);
        }
        Ok::<_, StoreError>(outcomes)
    }
    .await;
    store.close().await;
    let mut stops = false;
    for (of, outcome) in outcomes? {
        output::print(&format!("{}\n", Sentence { of, outcome }))?;
        stops |= matches!(outcome, Outcome::Found(Retained::Stopped { .. }));
    }
    Ok(ExitCode::from(u8::from(stops)))
}

async fn of_explanations(
    store: &Store,
    policy: &RetentionPolicy,
    confirm: bool,
) -> Result<(&'static str, Outcome), StoreError> {
    let outcome = if confirm {
        Outcome::Confirmed(store.retain_confirmed(policy).await?)
    } else {
        Outcome::Found(store.would_retain(policy).await?)
    };
    Ok(("explanations", outcome))
}

async fn of_customers(
    store: &Store,
    policy: &RetentionPolicy,
    confirm: bool,
) -> Result<(&'static str, Outcome), StoreError> {
    let outcome = if confirm {
        Outcome::Confirmed(store.retain_customers_confirmed(policy).await?)
    } else {
        Outcome::Found(store.would_retain_customers(policy).await?)
    };
    Ok(("customers", outcome))
}

/// What was found or done.
#[derive(Debug, Clone, Copy)]
enum Outcome {
    Found(Retained),
    Confirmed(u64),
}

/// An outcome as a sentence.
struct Sentence {
    of: &'static str,
    outcome: Outcome,
}

impl fmt::Display for Sentence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = self.of;
        match self.outcome {
            Outcome::Found(Retained::Erased(expired)) => write!(
                formatter,
                "{} {of} are too old: a server erases them within an hour",
                HumanCount(expired)
            ),
            Outcome::Found(Retained::Stopped {
                expired,
                all,
                doubt,
            }) => write!(
                formatter,
                "{} of {} {of} are too old, and no server erases them: {doubt}; check the clock, then --confirm",
                HumanCount(expired),
                HumanCount(all),
            ),
            Outcome::Confirmed(erased) => {
                write!(formatter, "{} {of} were erased", HumanCount(erased))
            }
        }
    }
}
