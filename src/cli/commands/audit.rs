//! `microseg audit`: check of the chain of records, beside a running server or without one.

use std::fmt;
use std::process::ExitCode;

use clap::Args;
use indicatif::{HumanCount, ProgressBar};
use microseg_config::StoreSettings;
use microseg_store::{Anchor, Audit};

use crate::outcome::CommandResult;
use crate::output::{self, JsonLines};
use crate::progress::progress_style;

/// The entries from which on a progress bar is shown: a shorter chain takes too little time.
const PROGRESS_ENTRIES: u64 = 10_000;

/// Arguments of `microseg audit`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    store: StoreSettings,
    /// The SHA-256 of a record, noted elsewhere before: it must be in the chain
    #[arg(long, value_name = "SHA256", value_parser = sha256)]
    anchor: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// The exit code when the chain could not be checked, to be distinguished from that of a broken chain.
const NOT_CHECKED: u8 = 2;

/// Checks the chain; exits with 1 when it is broken or lacks the anchor, and with 2 when it could not be checked.
pub(crate) fn run(arguments: &Arguments) -> CommandResult {
    check(arguments).or_else(|error| {
        eprintln!("microseg: {error}");
        Ok(ExitCode::from(NOT_CHECKED))
    })
}

fn check(arguments: &Arguments) -> CommandResult {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let bar =
        ProgressBar::hidden().with_style(progress_style("{human_pos} of {human_len} entries"));
    let progress = |done, of| {
        if of >= PROGRESS_ENTRIES && bar.length().is_none() {
            bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
            bar.set_length(of);
        }
        bar.set_position(done);
    };
    let (location, anchor) = (arguments.store.location()?, arguments.anchor.as_deref());
    let audit = runtime.block_on(microseg_store::audit(location, anchor, progress))?;
    bar.finish_and_clear();

    if arguments.json {
        let mut lines = JsonLines::new();
        lines.write(&audit)?;
        lines.flush()?;
    } else {
        output::print(&format!("{}\n", AuditSentence(&audit)))?;
    }
    Ok(ExitCode::from(u8::from(!audit.whole)))
}

/// The result of an audit in a sentence.
struct AuditSentence<'a>(&'a Audit);

impl fmt::Display for AuditSentence<'_> {
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
