//! Scripts of customers: what their clients send, drawn so that ids, contents and moments meet again and again.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use microseg::encoding::{Encoder, PeriodKind};
use microseg::history::{Limits, Taxonomy};
use microseg::store::{AdmittedAt, KeptTransaction, KeyedRequest, NewTransactions};
use uuid::Uuid;

use super::random::Random;

const CLASSES: &str = "class,title,group,mcc,source\nrent,Rent,home,,\nbooks,Books,leisure,5942,\n\
    salary,Salary,income,,\n";

/// The encoder that reads what is sent and what was kept.
pub(crate) static ENCODER: LazyLock<Encoder> = LazyLock::new(|| {
    Encoder::new(
        Arc::new(Taxonomy::from_csv(CLASSES).unwrap()),
        PeriodKind::Month,
        12,
        Limits::default(),
    )
});

/// The documents of transactions, drawn from few ids, contents and days.
fn transactions(random: &mut Random, most: u64) -> Vec<String> {
    let one = |random: &mut Random| {
        let id = random.below(9);
        let (month, day) = (1 + random.below(12), 1 + random.below(28));
        let amount = [-5, -7, 300, -250][random.place(4)];
        let class = ["rent", "books", "salary"][random.place(3)];
        format!(
            r#"{{"class":"{class}","timestamp":"2020-{month:02}-{day:02}","id":"t-{id}","amount":{amount}.{}0}}"#,
            random.below(3)
        )
    };
    (0..=random.below(most)).map(|_| one(random)).collect()
}

/// A request as the server makes it of what was sent.
pub(crate) fn request(random: &mut Random, customer_id: &str, most: u64) -> NewTransactions {
    let zone = if random.once_in(12) {
        r#""time_zone":"Europe/Prague","#
    } else {
        ""
    };
    request_in(random, customer_id, most, zone)
}

fn request_in(random: &mut Random, customer_id: &str, most: u64, zone: &str) -> NewTransactions {
    let sent = format!(
        "{{{zone}\"transactions\":[{}]}}",
        transactions(random, 5).join(",")
    );
    let read = ENCODER.read_to_keep(sent.as_bytes()).unwrap();
    let transactions = read.transactions.into_iter().map(|one| KeptTransaction {
        id: one.id.as_str().to_owned(),
        moment: one.moment,
        document: one.document,
    });
    NewTransactions {
        customer_id: customer_id.to_owned(),
        settings: read.settings,
        transactions: transactions.collect(),
        most,
        admitted: AdmittedAt::default(),
        keyed: None,
    }
}

/// A request under a key of its own.
pub(crate) fn keyed_request(
    random: &mut Random,
    customer_id: &str,
    number: usize,
) -> NewTransactions {
    let new = request_in(random, customer_id, 1000, "");
    let documents = new.transactions.iter().map(|one| one.document.as_bytes());
    let keyed = KeyedRequest::new(
        &format!("{customer_id}-{number}"),
        documents,
        Uuid::now_v7(),
        Some(customer_id.to_owned()),
        Duration::from_hours(1),
    );
    NewTransactions {
        keyed: Some(keyed),
        ..new
    }
}
