//! `microseg explain`: an explanation, or a problem, for each history of files and tables.

use std::io;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use microseg_bulk::{
    BulkError, Format, Input, Position, Refusal, RunObserver as _, RunSettings, TableHistories,
};
use microseg_config::{ExplanationSettings, LimitSettings, ModelSettings};
use microseg_encoding::History;
use microseg_explain::{AskedTarget, Explanation, Level, Method, Options, Origin};
use microseg_model::{Capacity, Model};
use microseg_problem::Problem;
use microseg_timing::Timing;
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::histories::HistorySource;
use crate::outcome::{BoxError, CommandResult};
use crate::output::{JsonLines, printable};
use crate::progress::{RunProgress, report_refusal};
use crate::sources::{Source, find};
use crate::table_options::TableOptions;

/// Arguments of `microseg explain`. A history may have options in its own `explain` member, as over HTTP.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Files, patterns in quotes such as 'tables/*.parquet', folders of part files, or - for standard input: a .json file with
    /// one history, NDJSON with one history a line, or a table with one transaction a row
    #[arg(value_name = "FILE|-", required = true)]
    files: Vec<String>,
    /// The format: ndjson, csv or parquet [default: by the extension of each file; ndjson where it is unknown]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Options of histories that have none of their own, such as those of tables: JSON, as the member `explain` has them over
    /// HTTP, such as '{"method": "change", "since": "2019-01-01"}'
    #[arg(long, value_name = "JSON", value_parser = options)]
    options: Option<Options>,
    /// What to explain: traits, state, segment, one of the outputs, or state.0 and so on; by default as each history says
    #[arg(long, value_name = "NAME")]
    target: Option<String>,
    /// The method: shapley, lime, sensitivity, global-linear, change or recourse; by default as each history says
    #[arg(long, value_name = "NAME")]
    method: Option<Method>,
    /// What one coefficient is for: class, period, cell, or event or field where steps are events; by default as each history says
    #[arg(long, value_name = "NAME")]
    level: Option<Level>,
    #[command(flatten)]
    tables: TableOptions,
    #[command(flatten, next_help_heading = "Options")]
    models: ModelSettings,
    #[command(flatten)]
    limits: LimitSettings,
    #[command(flatten)]
    explanations: ExplanationSettings,
}

/// What explains one history after the other.
struct Explainer<'a> {
    arguments: &'a Arguments,
    model: &'a Model,
    runtime: &'a Runtime,
    lines: JsonLines,
    is_any_refused: bool,
}

/// Whether the reader of the answers still reads them.
type IsOpen = bool;

/// Explains one history after the other; exits with 1 when one of them was refused.
pub(crate) fn run(arguments: &Arguments) -> CommandResult {
    let sources = find(&arguments.files, arguments.format)?;
    arguments.tables.check(&Source::tables_of(&sources))?;
    let capacity = Capacity::single(arguments.limits.history());
    let model = arguments.models.load(capacity)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut explainer = Explainer {
        arguments,
        model: &model,
        runtime: &runtime,
        lines: JsonLines::new(),
        is_any_refused: false,
    };
    for source in &sources {
        let is_open = match source {
            Source::Histories(source) => explainer.explain_histories(source)?,
            Source::Tables(inputs) => explainer.explain_tables(inputs)?,
        };
        if !is_open {
            return Ok(explainer.code());
        }
    }
    explainer.lines.flush()?;
    Ok(explainer.code())
}

impl Explainer<'_> {
    fn code(&self) -> ExitCode {
        if self.is_any_refused {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        }
    }

    fn explain_histories(&mut self, source: &HistorySource) -> Result<IsOpen, BoxError> {
        let mut histories = source.open(self.arguments.limits.max_body_bytes)?;
        let input = histories.name();
        while let Some(document) = histories.next_document()? {
            let explained = match &document.bytes {
                Ok(bytes) => self.explain_document(bytes),
                Err(problem) => Err(problem.clone()),
            };
            let is_open = match explained {
                Ok(explanation) => self.lines.write(&explanation)?,
                Err(problem) => {
                    report_refusal(&input, Position::Line(document.line), &problem);
                    self.is_any_refused = true;
                    self.lines.write(&problem)?
                }
            };
            if !is_open {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn explain_document(&self, bytes: &[u8]) -> Result<Explanation, Problem> {
        let started_at = Instant::now();
        let encoder = self.model.encoder();
        let (history, options) = encoder.read_with::<Options>(bytes, "explain")?;
        self.explain(history, options, started_at)
    }

    fn explain_tables(&mut self, inputs: &[Input]) -> Result<IsOpen, BoxError> {
        let arguments = self.arguments;
        let settings = RunSettings {
            table: arguments.tables.settings(self.model.encoder())?,
            line_bytes: u64::from(arguments.limits.max_body_bytes),
            held_bytes: arguments.limits.held_bytes(),
            threads: 1,
        };
        let piped = inputs.iter().any(|input| input.path().is_none());
        let progress = RunProgress::new(piped);
        let histories = TableHistories {
            encoder: self.model.encoder(),
            inputs,
            settings: &settings,
            observer: &progress,
        };
        let mut customers = 0_u64;
        let read = histories.read_to_explain(&mut |table, history| {
            customers += 1;
            let is_open = match history {
                Ok(history) => self.explain_row_history((table, customers), history, &progress),
                Err(refusal) => {
                    progress.refused(table, refusal.position, &refusal.problem);
                    self.refuse(&refusal, &progress)
                }
            };
            match is_open {
                Ok(true) => Ok(()),
                Ok(false) => Err(BulkError::Write(io::ErrorKind::BrokenPipe.into())),
                Err(error) => Err(BulkError::Write(error)),
            }
        });
        progress.finish();
        match read {
            // The reader has closed the pipe, as `| head` does: no error.
            Err(BulkError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            read => Ok(read.map(|()| true)?),
        }
    }

    fn explain_row_history(
        &mut self,
        (table, number): (&str, u64),
        history: History,
        progress: &RunProgress,
    ) -> io::Result<IsOpen> {
        let customer_id = history.customer_id.clone();
        match self.explain(history, None, Instant::now()) {
            Ok(explanation) => {
                progress.done(1, 0);
                self.lines.write(&explanation)
            }
            Err(problem) => {
                let line = format!("microseg: {table}: customer {number}: {}", problem.detail());
                progress.suspend(|| eprintln!("{}", printable(&line)));
                let refusal = Refusal {
                    // It is no row that is at fault.
                    position: Position::Row(1),
                    customer_id,
                    problem,
                };
                self.refuse(&refusal, progress)
            }
        }
    }

    fn refuse(&mut self, refusal: &Refusal, progress: &RunProgress) -> io::Result<IsOpen> {
        self.is_any_refused = true;
        progress.done(1, 1);
        self.lines.write(refusal)
    }

    /// Explains a history as it asks itself, or else as the flags say.
    fn explain(
        &self,
        history: History,
        own: Option<Options>,
        started_at: Instant,
    ) -> Result<Explanation, Problem> {
        let arguments = self.arguments;
        let origin = Origin {
            id: Uuid::now_v7(),
            request_id: None,
            started_at,
        };
        let mut timing = Timing {
            parse: started_at.elapsed(),
            ..Timing::default()
        };
        let mut options = own
            .or_else(|| arguments.options.clone())
            .unwrap_or_default();
        if let Some(target) = &arguments.target {
            options.target = AskedTarget::Name(target.clone());
        }
        options.method = arguments.method.unwrap_or(options.method);
        options.level = arguments.level.unwrap_or(options.level);
        let policy = arguments.explanations.policy();
        let explanation =
            microseg_explain::explain(self.model, history, &options, policy, origin, &mut timing);
        Ok(self.runtime.block_on(explanation)?)
    }
}

fn options(text: &str) -> Result<Options, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}
