//! Clients of the simulation. Each knows what it sent and what it was told, and says what the store may hold after that.

use std::sync::Mutex;

use futures_util::future::{join, join_all};
use microseg::store::{Added, Fold, NewFold, NewTransactions, Store};

use super::model::{Model, Outcome};
use super::random::Random;
use super::script::{keyed_request, request};

/// What a client does once.
enum Step {
    Add(NewTransactions),
    /// A request that was admitted before the erasure of its customer, and both at once.
    EraseBeside(NewTransactions),
    /// What is before a moment is folded.
    Fold(i64),
}

/// A client that sends one request after the other, without keys: it sends the same again when it heard no answer.
pub(crate) struct OneByOne {
    customer_id: String,
    script: Vec<Step>,
    state: Mutex<Progress>,
}

struct Progress {
    at: usize,
    /// Whether the current step was begun, and its answer was lost.
    is_begun: bool,
    /// What the customer may be.
    possible: Vec<Model>,
    random: Random,
}

impl OneByOne {
    pub(crate) fn new(random: &mut Random, customer_id: &str) -> Self {
        let most = if random.once_in(3) { 4 } else { 1000 };
        let step = |random: &mut Random| {
            let new = request(random, customer_id, most);
            match random.below(12) {
                0 => Step::EraseBeside(new),
                1 | 2 => Step::Fold(new.transactions[0].moment),
                _ => Step::Add(new),
            }
        };
        Self {
            customer_id: customer_id.to_owned(),
            script: (0..3 + random.below(7)).map(|_| step(random)).collect(),
            state: Mutex::new(Progress {
                at: 0,
                is_begun: false,
                possible: vec![Model::default()],
                random: random.split(),
            }),
        }
    }

    /// Does what is left; `acknowledged` is called after each answer.
    pub(crate) async fn run(&self, stores: &[Store], acknowledged: impl Fn()) {
        loop {
            let (step, store) = {
                let mut state = self.state.lock().unwrap();
                let Some(step) = self.script.get(state.at) else {
                    return;
                };
                if std::mem::replace(&mut state.is_begun, true) {
                    state.may_have_done(step);
                }
                let store = state.random.place(stores.len());
                (step, &stores[store])
            };
            match step {
                Step::Add(new) => {
                    let admitted = store.admit().await.unwrap();
                    let new = NewTransactions {
                        admitted,
                        ..new.clone()
                    };
                    let outcome = Outcome::of(store.add_transactions(new.clone()).await);
                    self.state.lock().unwrap().added(&new, &outcome);
                }
                Step::EraseBeside(new) => {
                    let admitted = store.admit().await.unwrap();
                    let new = NewTransactions {
                        admitted,
                        ..new.clone()
                    };
                    let id = new.customer_id.clone();
                    let (added, erased) =
                        join(store.add_transactions(new), store.erase_customer(&id)).await;
                    Outcome::of(added);
                    erased.unwrap();
                    self.state.lock().unwrap().possible = vec![Model::default()];
                }
                Step::Fold(until) => {
                    fold(store, &self.customer_id, *until).await;
                    let mut state = self.state.lock().unwrap();
                    state
                        .possible
                        .iter_mut()
                        .for_each(|model| model.fold(*until));
                    state.merge();
                }
            }
            let mut state = self.state.lock().unwrap();
            (state.at, state.is_begun) = (state.at + 1, false);
            // The answer is lost, and the request comes again: it is a duplicate.
            if state.random.once_in(5) && matches!(step, Step::Add(_)) {
                state.at -= 1;
            }
            drop(state);
            acknowledged();
        }
    }

    /// What the customer must be now.
    pub(crate) fn model(&self) -> Model {
        let state = self.state.lock().unwrap();
        assert_eq!(state.at, self.script.len());
        assert_eq!(state.possible.len(), 1, "{:?}", state.possible);
        state.possible[0].clone()
    }
}

impl Progress {
    /// The step was begun, and its end is not known.
    fn may_have_done(&mut self, step: &Step) {
        for mut model in self.possible.clone() {
            match step {
                Step::Add(new) | Step::EraseBeside(new) => {
                    model.add(new);
                }
                Step::Fold(until) => model.fold(*until),
            }
            self.possible.push(model);
        }
        if matches!(step, Step::EraseBeside(_)) {
            self.possible.push(Model::default());
        }
        self.merge();
    }

    /// A request was answered.
    fn added(&mut self, new: &NewTransactions, outcome: &Outcome) {
        let before = self.possible.clone();
        self.possible.retain_mut(|model| model.add(new) == *outcome);
        assert!(
            !self.possible.is_empty(),
            "{outcome:?} is impossible after {before:?}"
        );
        self.merge();
    }

    fn merge(&mut self) {
        let all = std::mem::take(&mut self.possible);
        for model in all {
            if !self.possible.contains(&model) {
                self.possible.push(model);
            }
        }
    }
}

/// Folds a customer as a server does; what stands for the folded transactions is a list of their documents.
async fn fold(store: &Store, customer_id: &str, until: i64) {
    let Some(customer) = store.customer(customer_id).await.unwrap() else {
        return;
    };
    let old = store.transactions_before(&customer, until).await.unwrap();
    let contents = store.contents_of(&customer).await.unwrap().unwrap();
    let mut all: Vec<(i64, String, String)> = match &contents.fold {
        Some(fold) => serde_json::from_slice(&fold.document).unwrap(),
        None => Vec::new(),
    };
    let fresh = old
        .into_iter()
        .map(|one| (one.moment, one.id, one.document));
    all.extend(fresh);
    all.sort();
    let fold = Fold {
        document: serde_json::to_vec(&all).unwrap(),
        of: "simulation".to_owned(),
    };
    let new = NewFold {
        fold: (!all.is_empty()).then_some(fold),
        position: customer.position,
        folded: customer.folded,
        until,
        settled_until: None,
    };
    store.fold(&customer, new).await.unwrap();
}

/// How many requests of a client with keys are under way at once.
const AT_ONCE: usize = 3;

/// A client that gives each request a key and has several under way, and whose network sends old requests again.
pub(crate) struct Keyed {
    requests: Vec<NewTransactions>,
    answers: Mutex<Vec<Option<Added>>>,
    random: Mutex<Random>,
}

impl Keyed {
    pub(crate) fn new(random: &mut Random, customer_id: &str) -> Self {
        let count = 3 + random.place(7);
        Self {
            requests: (0..count)
                .map(|number| keyed_request(random, customer_id, number))
                .collect(),
            answers: Mutex::new(vec![None; count]),
            random: Mutex::new(random.split()),
        }
    }

    /// Does what is left; `acknowledged` is called after each answer.
    pub(crate) async fn run(&self, stores: &[Store], acknowledged: impl Fn()) {
        let lanes = (0..AT_ONCE).map(async |lane| {
            for number in (lane..self.requests.len()).step_by(AT_ONCE) {
                if self.answers.lock().unwrap()[number].is_some() {
                    continue;
                }
                self.send(stores, number).await;
                acknowledged();
                if let Some(old) = self.old() {
                    self.send(stores, old).await;
                }
            }
        });
        join_all(lanes).await;
    }

    /// A request that was answered, and arrives once more.
    fn old(&self) -> Option<usize> {
        let mut random = self.random.lock().unwrap();
        let number = random.place(self.requests.len());
        let is_answered = self.answers.lock().unwrap()[number].is_some();
        (is_answered && !random.once_in(3)).then_some(number)
    }

    async fn send(&self, stores: &[Store], number: usize) {
        let store = self.random.lock().unwrap().place(stores.len());
        let answer = stores[store]
            .add_transactions(self.requests[number].clone())
            .await;
        let answer = answer.unwrap();
        let mut answers = self.answers.lock().unwrap();
        match &answers[number] {
            Some(first) => {
                let is_replayed = true;
                assert_eq!(
                    answer,
                    Added {
                        is_replayed,
                        ..*first
                    }
                );
            }
            // It may have been done before a crash took its answer.
            None => {
                answers[number] = Some(Added {
                    is_replayed: false,
                    ..answer
                });
            }
        }
    }

    /// What the customer must be now: the requests in the order that their positions tell, each with the answer that it has
    /// in that order.
    pub(crate) fn model(&self) -> Model {
        let answers = self.answers.lock().unwrap();
        let mut done: Vec<(Added, &NewTransactions)> = answers
            .iter()
            .map(|answer| answer.unwrap())
            .zip(&self.requests)
            .collect();
        // Those that changed nothing came after the change that they saw.
        done.sort_by_key(|(added, _)| (added.position, added.added + added.corrected == 0));
        let mut model = Model::default();
        for (answer, new) in done {
            assert_eq!(
                model.add(new),
                Outcome::Added(answer),
                "{:?}",
                self.requests
            );
        }
        model
    }
}
