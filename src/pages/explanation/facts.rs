//! Facts of a record: what it is of, what computed it, and its place in the chain.

use crate::documents::Explanation;
use crate::drawing::Fact;

pub(super) fn facts(explanation: &Explanation) -> Vec<Fact> {
    let mut facts = vec![Fact::code("id", &explanation.id)];
    let optional = |title, text: &Option<String>| text.as_ref().map(|text| Fact::code(title, text));
    facts.extend(optional("customer", &explanation.customer_id));
    facts.push(Fact::text("recorded at", &explanation.created_at));
    facts.extend(optional("request", &explanation.request_id));
    let model = &explanation.model;
    facts.push(Fact::text(
        "model",
        format!("{} version {}", model.name, model.version),
    ));
    facts.push(Fact::code("its digest", &model.sha256));
    let runtime = explanation.runtime.iter();
    let runtime = runtime.filter_map(|(name, value)| Some(format!("{name} {}", value.as_str()?)));
    facts.push(Fact::text(
        "computed by",
        runtime.collect::<Vec<_>>().join(", "),
    ));
    let input = &explanation.input;
    facts.push(Fact::text(
        "input",
        format!(
            "{} transactions, {} to {}",
            input.transactions, input.window.from, input.window.to
        ),
    ));
    facts.push(Fact::code("its digest", &input.sha256));
    let baseline = &explanation.baseline;
    facts.push(Fact::text(
        "baseline",
        format!("{}: {}", baseline.kind, baseline.description),
    ));
    let method = &explanation.method;
    facts.push(Fact::text(
        "seed, samples",
        match (method.seed, method.samples_used) {
            (Some(seed), Some(samples)) => format!("{seed}, {samples}"),
            _ => "nothing is drawn".to_owned(),
        },
    ));
    facts.push(Fact::text(
        "schema",
        format!("version {}", explanation.schema_version),
    ));
    facts.extend(optional("previous record", &explanation.previous_sha256));
    facts.extend(optional("this document", &explanation.document_sha256));
    facts.extend(optional("this record", &explanation.record_sha256));
    if explanation.record_sha256.is_some() {
        facts.push(Fact::text(
            "chain proof",
            "SHA-256 of the previous record and of this document, each with a line feed, is this record's. `microseg audit` \
            checks the whole chain; POST …/verify computes the numbers again.",
        ));
    }
    facts
}
