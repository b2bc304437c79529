//! `microseg audit`: whether the chain of records is whole, beside a running server or without one.

use std::fmt;
use std::process::ExitCode;

use clap::Args;
use indicatif::{HumanCount, ProgressBar};
use microseg::config::StoreSettings;
use microseg::store::{self, Anchor, Audit};

use super::Ended;
use super::histories::progress_style;
use super::output::Lines;

/// A shorter chain is done before anybody could read a bar.
const LONG: u64 = 10_000;

/// What `microseg audit` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    store: StoreSettings,
    /// A record's SHA-256 that was noted elsewhere: it must be in the chain
    #[arg(long, value_name = "SHA256", value_parser = sha256)]
    anchor: Option<String>,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

/// The code when no verdict could be reached, so that a script does not take it for a broken chain.
const NO_VERDICT: u8 = 2;

/// Walks the chain; exits with 1 when it is broken or lacks the anchor, with 2 when that cannot be told.
pub(crate) fn run(arguments: &Arguments) -> Ended {
    judge(arguments).or_else(|error| {
        eprintln!("microseg: {error}");
        Ok(ExitCode::from(NO_VERDICT))
    })
}

fn judge(arguments: &Arguments) -> Ended {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let bar =
        ProgressBar::hidden().with_style(progress_style("{human_pos} of {human_len} entries"));
    let progress = |done, of| {
        if of >= LONG && bar.length().is_none() {
            bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
            bar.set_length(of);
        }
        bar.set_position(done);
    };
    let (location, anchor) = (arguments.store.location()?, arguments.anchor.as_deref());
    let audit = runtime.block_on(store::audit(location, anchor, progress))?;
    bar.finish_and_clear();

    if arguments.json {
        let mut lines = Lines::new();
        lines.write(&audit)?;
        lines.flush()?;
    } else {
        println!("{}", Told(&audit));
    }
    Ok(ExitCode::from(u8::from(!audit.whole)))
}

/// An audit in a sentence.
struct Told<'a>(&'a Audit);

impl fmt::Display for Told<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let audit = self.0;
        if let Some(broken) = &audit.broken {
            let sequence = HumanCount(broken.sequence);
            return write!(formatter, "broken at entry {sequence}: {}", broken.fault);
        }
        if audit.anchor == Anchor::Nowhere {
            return formatter.write_str(
                "the anchor is not in the chain: its end was cut off, or all of it was written anew",
            );
        }
        let Some(head) = &audit.head else {
            return formatter.write_str("the chain is whole: it has no entries yet");
        };
        write!(
            formatter,
            "the chain is whole: {} ({}, {} of them erased, {}); the last record is {head}",
            counted(audit.entries, "entry", "entries"),
            counted(audit.explanations, "explanation", "explanations"),
            HumanCount(audit.erased),
            counted(audit.erasures, "erasure", "erasures"),
        )?;
        if let Anchor::Here { sequence } = audit.anchor {
            write!(formatter, "; the anchor is entry {}", HumanCount(sequence))?;
        }
        Ok(())
    }
}

fn counted(count: u64, one: &str, several: &str) -> String {
    let name = if count == 1 { one } else { several };
    format!("{} {name}", HumanCount(count))
}

fn sha256(text: &str) -> Result<String, String> {
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("expected 64 hex digits".to_owned())
    }
}
