//! Scoring of copies by a version on trial: only the metrics show how it differs from the latest version.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Semaphore;

use super::metrics::ShadowOutcome;
use super::{KeptBody, Models, Telemetry};
use microseg_encoding::History;
use microseg_history::HistoryError;
use microseg_model::Model;
use microseg_scoring::{Scoring, Unscored, score_each};
use microseg_timing::Timing;

/// Copies that are scored at once; one more is skipped, so that a trial never delays an answer.
const AT_ONCE: usize = 2;

/// Where a history has the state that it goes on from.
const STATE_TOKEN: &str = "/state_token";

/// The scorings that are copied; clones share their count.
#[derive(Debug, Clone)]
pub(crate) struct Shadow {
    percent: u64,
    scored: Arc<AtomicU64>,
    permits: Arc<Semaphore>,
    models: Models,
    telemetry: Telemetry,
}

/// The copy of a request, for the version on trial.
pub(crate) struct ShadowRequest {
    candidate: Arc<Model>,
    body: KeptBody,
}

impl Shadow {
    /// Copies `percent` of a hundred scorings.
    pub(super) fn new(percent: u8, models: Models, telemetry: Telemetry) -> Self {
        Self {
            percent: percent.into(),
            scored: Arc::default(),
            permits: Arc::new(Semaphore::new(AT_ONCE)),
            models,
            telemetry,
        }
    }

    /// Spread evenly: of every hundred scorings, `percent`.
    fn is_chosen(&self) -> bool {
        let before = self.scored.fetch_add(1, Ordering::Relaxed);
        let chosen = |scored: u64| scored.wrapping_mul(self.percent) / 100;
        chosen(before) != chosen(before.wrapping_add(1))
    }

    /// The copy that the version on trial is to score beside `model`, if there is one and this scoring is chosen.
    pub(crate) fn copy(
        &self,
        model: &Model,
        body: impl FnOnce() -> KeptBody,
    ) -> Option<ShadowRequest> {
        let served = self.models.registry().ok()?.served();
        let candidate = served.candidate_beside(model)?;
        self.is_chosen().then(|| ShadowRequest {
            candidate: candidate.clone(),
            body: body(),
        })
    }

    /// Scores the copy beside the answer, and counts how far they differ.
    pub(crate) fn score(&self, copy: ShadowRequest, answer: &Scoring) {
        let ShadowRequest { candidate, body } = copy;
        let telemetry = self.telemetry.clone();
        let Ok(permit) = self.permits.clone().try_acquire_owned() else {
            let metrics = telemetry.metrics();
            metrics.shadow(candidate.identity(), ShadowOutcome::Skipped);
            return;
        };
        let traits = answer.traits.clone();
        // Without the span of the request: the lines in the log are not about it.
        tokio::spawn(async move {
            let _permit = permit;
            let (metrics, identity) = (telemetry.metrics(), candidate.identity());
            let scoring = match score(candidate.clone(), body).await {
                Ok(scoring) => scoring,
                Err(outcome) => return metrics.shadow(identity, outcome),
            };
            metrics.shadow(identity, ShadowOutcome::Compared);
            for (output, value) in scoring.traits.iter() {
                let answered = traits.iter().find(|(name, _)| *name == output);
                if let Some((_, answered)) = answered {
                    let difference = (f64::from(value) - f64::from(answered)).abs();
                    metrics.shadow_differs(identity, output, difference);
                }
            }
        });
    }
}

/// The scoring by the version on trial, or what became of the copy instead.
async fn score(candidate: Arc<Model>, body: KeptBody) -> Result<Scoring, ShadowOutcome> {
    // Its taxonomy and its periods may be others: it reads the history by itself.
    let encoder = candidate.clone();
    let reading = tokio::task::spawn_blocking(move || encoder.encoder().read(&body.bytes));
    let history: History = match reading.await {
        Ok(Ok(history)) => history,
        // A token is bound to the network that answered: the one on trial has nothing to go on from.
        Ok(Err(HistoryError::Invalid { pointer, .. })) if pointer == STATE_TOKEN => {
            return Err(ShadowOutcome::Continued);
        }
        _ => return Err(ShadowOutcome::Failed),
    };
    let histories = vec![Ok::<_, ()>(history)];
    let mut scored = score_each(&candidate, histories, &mut Timing::default()).await;
    match scored.pop() {
        Some(Ok(scored)) => Ok(scored.scoring),
        Some(Err(Unscored::Failed(error))) => {
            tracing::warn!(%error, "the version on trial failed");
            Err(ShadowOutcome::Failed)
        }
        Some(Err(Unscored::Refused(()))) | None => Err(ShadowOutcome::Failed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chosen_scorings_are_spread_evenly() {
        for percent in [1, 30, 100] {
            let shadow = Shadow::new(percent, Models::default(), Telemetry::new(None));
            let chosen: Vec<bool> = (0..1_000).map(|_| shadow.is_chosen()).collect();
            let count = |part: &[bool]| part.iter().filter(|chosen| **chosen).count();
            assert!(
                chosen
                    .chunks(100)
                    .all(|part| count(part) == usize::from(percent))
            );
        }
    }
}
