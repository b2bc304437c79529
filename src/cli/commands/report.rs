//! `microseg report`: the page of an explanation, or of a run over many customers, in one file, which needs no server and loads
//! nothing.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use microseg_config::{ExplanationSettings, LimitSettings, ModelSettings};
use microseg_explain::{Explanation, Options, Origin};
use microseg_http::{course_of_history, tables_of_model};
use microseg_model::{Capacity, Model};
use microseg_pages::{
    Course, ExplanationDocuments, Frame, Tally, explanation_page, population_page,
};
use microseg_problem::Problem;
use microseg_timing::Timing;
use serde_json::Value;
use uuid::Uuid;

use crate::outcome::{BoxError, CommandResult};
use crate::scored_run;

/// Arguments of `microseg report`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A .json file with a history, which is explained as its `explain` member says, or with an explanation or a record; or what
    /// `microseg score` wrote about many customers: an .ndjson file, or a folder of them
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Another file or folder of scorings by the same model, to be compared
    #[arg(long, value_name = "FILE")]
    beside: Option<PathBuf>,
    /// The file to write, which must not be there yet
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    models: ModelSettings,
    #[command(flatten)]
    limits: LimitSettings,
    #[command(flatten)]
    explanations: ExplanationSettings,
}

/// The note of a report that is made of an explanation alone.
const NO_HISTORY: &str =
    "The trajectory and the spending are not shown: an explanation does not contain them.";

/// Writes the report.
pub(crate) fn run(arguments: &Arguments) -> CommandResult {
    if scored_run::is_one(&arguments.file) {
        let page = arguments.population()?;
        return arguments.write(&page);
    }
    if arguments.beside.is_some() {
        return Err(
            "--beside compares scorings of many customers: an .ndjson file or a folder".into(),
        );
    }
    let fault = |error: &dyn std::fmt::Display| format!("{}: {error}", arguments.file.display());
    let bytes = fs::read(&arguments.file).map_err(|error| fault(&error))?;
    let document: Value = serde_json::from_slice(&bytes).map_err(|error| fault(&error))?;
    let page = if document.get("targets").is_some() {
        page(&document, None, None)?
    } else {
        let (explanation, course) = arguments.explain(&bytes)?;
        page(&explanation, Some(&course), Some(&document))?
    };
    arguments.write(&page)
}

fn page(
    explanation: &Value,
    course: Option<&Course>,
    history: Option<&Value>,
) -> Result<String, BoxError> {
    let documents = ExplanationDocuments {
        explanation,
        course,
        course_note: course.is_none().then_some(NO_HISTORY),
        history,
    };
    Ok(explanation_page(&documents, &Frame::File)?)
}

impl Arguments {
    fn write(&self, page: &str) -> CommandResult {
        let out = self.out.display();
        let mut file =
            fs::File::create_new(&self.out).map_err(|error| format!("{out}: {error}"))?;
        std::io::Write::write_all(&mut file, page.as_bytes())
            .map_err(|error| format!("{out}: {error}"))?;
        Ok(ExitCode::SUCCESS)
    }

    /// The page of a run, and of another one beside it.
    fn population(&self) -> Result<String, BoxError> {
        let model = self.models.load(Capacity::single(self.limits.history()))?;
        let tables = tables_of_model(&model).map_err(|problem| problem.detail().to_owned())?;
        let tallied = |path: &PathBuf| {
            let tally = Tally::new(&tables.model, &tables.segments)?;
            let tally = scored_run::tally(path, tally)?;
            Ok::<_, BoxError>((scored_run::name(path), tally))
        };
        let (name, run) = tallied(&self.file)?;
        let other = self.beside.as_ref().map(tallied).transpose()?;
        let other = other.as_ref().map(|(name, tally)| (&**name, tally));
        Ok(population_page((&name, &run), other, &Frame::File)?)
    }

    fn explain(&self, bytes: &[u8]) -> Result<(Value, Course), BoxError> {
        let model = self.models.load(Capacity::single(self.limits.history()))?;
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let explained = runtime.block_on(self.explained(&model, bytes));
        let (explanation, course) = explained
            .map_err(|problem| format!("{}: {}", self.file.display(), problem.detail()))?;
        Ok((serde_json::to_value(explanation)?, course))
    }

    async fn explained(
        &self,
        model: &Model,
        bytes: &[u8],
    ) -> Result<(Explanation, Course), Problem> {
        let origin = Origin {
            id: Uuid::now_v7(),
            request_id: None,
            started_at: Instant::now(),
        };
        let mut timing = Timing::default();
        let read = model.encoder().read_with::<Options>(bytes, "explain");
        let (history, options) = read.map_err(Problem::from)?;
        let course = course_of_history(model, history.clone()).await?;
        let (options, policy) = (options.unwrap_or_default(), self.explanations.policy());
        let explained =
            microseg_explain::explain(model, history, &options, policy, origin, &mut timing).await;
        Ok((explained.map_err(Problem::from)?, course))
    }
}
