//! The shadow: a version on trial scores copies of what the latest one scores, and only the metrics tell how it differs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Semaphore;

use super::App;
use super::body::KeptBody;
use super::metrics::ShadowOutcome;
use microseg_encoding::History;
use microseg_model::Model;
use microseg_scoring::{Scoring, Unscored, score_each};
use microseg_timing::Timing;

/// Copies that are scored at once; one more is skipped, so that a trial never holds up an answer.
const AT_ONCE: usize = 2;

/// Which scorings are copied.
#[derive(Debug)]
pub(super) struct Shadow {
    percent: u64,
    scored: AtomicU64,
    room: Arc<Semaphore>,
}

/// A scoring's copy.
pub(super) struct Copied {
    candidate: Arc<Model>,
    body: KeptBody,
}

impl Shadow {
    /// Copies so many of a hundred.
    pub(super) fn new(percent: u8) -> Self {
        Self {
            percent: percent.into(),
            scored: AtomicU64::new(0),
            room: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Spread evenly: of every hundred scorings, `percent`.
    fn is_chosen(&self) -> bool {
        let before = self.scored.fetch_add(1, Ordering::Relaxed);
        let chosen = |scored: u64| scored.wrapping_mul(self.percent) / 100;
        chosen(before) != chosen(before.wrapping_add(1))
    }
}

impl App {
    /// The copy that the version on trial is to score beside `model`, if there is one and it is its turn.
    pub(super) fn copy_for_shadow(
        &self,
        model: &Model,
        body: impl FnOnce() -> KeptBody,
    ) -> Option<Copied> {
        let served = self.models().ok()?.served();
        let candidate = served.candidate_beside(model)?;
        self.shadow().is_chosen().then(|| Copied {
            candidate: candidate.clone(),
            body: body(),
        })
    }

    /// Scores the copy once the answer is on its way.
    pub(super) fn score_in_shadow(&self, copied: Copied, answer: &Scoring) {
        let Copied { candidate, body } = copied;
        let Ok(turn) = self.shadow().room.clone().try_acquire_owned() else {
            self.metrics()
                .shadow(candidate.identity(), ShadowOutcome::Skipped);
            return;
        };
        let traits = answer.traits.clone();
        let app = self.clone();
        // Its lines in the log are nobody's request.
        tokio::spawn(async move {
            let _turn = turn;
            let identity = candidate.identity();
            match score(candidate.clone(), body).await {
                Some(scoring) => {
                    let metrics = app.metrics();
                    metrics.shadow(identity, ShadowOutcome::Compared);
                    for (output, value) in scoring.traits.iter() {
                        let answered = traits.iter().find(|(name, _)| *name == output);
                        if let Some((_, answered)) = answered {
                            let difference = (f64::from(value) - f64::from(answered)).abs();
                            metrics.shadow_differs(identity, output, difference);
                        }
                    }
                }
                None => app.metrics().shadow(identity, ShadowOutcome::Failed),
            }
        });
    }
}

/// `None` when the version on trial refuses the history or fails on it.
async fn score(candidate: Arc<Model>, body: KeptBody) -> Option<Scoring> {
    // Its taxonomy and its periods may be others: it reads the history by itself.
    let encoder = candidate.clone();
    let reading = tokio::task::spawn_blocking(move || encoder.encoder().read(&body.bytes));
    let history: History = reading.await.ok()?.ok()?;
    let histories = vec![Ok::<_, ()>(history)];
    let mut scored = score_each(&candidate, histories, &mut Timing::default()).await;
    match scored.pop()? {
        Ok(scoring) => Some(scoring),
        Err(Unscored::Failed(error)) => {
            tracing::warn!(%error, "the version on trial failed");
            None
        }
        Err(Unscored::Refused(())) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_of_a_hundred_are_chosen_and_evenly() {
        for percent in [1, 30, 100] {
            let shadow = Shadow::new(percent);
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
