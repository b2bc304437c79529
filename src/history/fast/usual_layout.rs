//! Plain transactions in the usual layouts, found by comparing whole texts instead of reading member by member.

use super::cursor::Cursor;
use super::digits;
use super::text::Text;
use crate::amount::Amount;
use crate::encountered::Encountered;
use crate::fields::{
    ClassByMcc, ClassByName, ClassReference, Field, ReadContext, TransactionFields,
};
use crate::mcc::Mcc;
use crate::moment::{Moment, WrittenMonth, offset};
use crate::sink::TransactionSink;
use crate::taxonomy::Taxonomy;
use crate::transaction::ParsedTransaction;

/// How often a transaction may have another layout at the beginning of a document before the usual one is given up.
const PATIENCE: u32 = 8;

/// The month of the transaction before, as it is written (`2019-03-`): transactions often share it.
type LastMonth = Option<([u8; 8], WrittenMonth)>;

/// Reads an array of at most `limit` transactions; `None` where one is not plain.
pub(super) fn read_transactions(
    cursor: &mut Cursor<'_>,
    context: ReadContext<'_>,
    limit: usize,
    encountered: &mut Encountered,
    sink: &mut impl TransactionSink,
) -> Option<()> {
    cursor.take(b'[')?;
    if cursor.passes(b']') {
        return Some(());
    }
    // The others are most likely written as the first.
    let first = cursor.rest();
    let colon = first.iter().position(|&byte| byte == b':')?;
    if first.get(colon + 1) == Some(&b' ') {
        read_in::<Spaced>(cursor, context, limit, encountered, sink)
    } else {
        read_in::<Compact>(cursor, context, limit, encountered, sink)
    }
}

fn read_in<L: Layout>(
    cursor: &mut Cursor<'_>,
    context: ReadContext<'_>,
    limit: usize,
    encountered: &mut Encountered,
    sink: &mut impl TransactionSink,
) -> Option<()> {
    let mut patience = PATIENCE;
    let mut month = None;
    // A copy of the cursor's place: this one stays in registers.
    let mut rest = cursor.rest();
    for _ in 0..limit {
        let usual = if patience > 0 {
            usual::<L>(rest, context.taxonomy, &mut month)
        } else {
            None
        };
        let transaction = if let Some((transaction, behind)) = usual {
            patience = patience.saturating_add(1);
            rest = behind;
            transaction
        } else {
            // A failed comparison costs a third of what a successful one saves.
            patience = patience.saturating_sub(2);
            cursor.go_to(rest);
            let transaction = cursor.transaction(context, encountered)?;
            rest = cursor.rest();
            transaction
        };
        sink.add(transaction);
        if let Some(next) = L::BETWEEN.strip(rest) {
            rest = next;
            continue;
        }
        cursor.go_to(rest);
        if cursor.ends(b']')? {
            return Some(());
        }
        rest = cursor.rest();
    }
    None
}

/// The texts around the values of a transaction whose members come in the order `timestamp`, `amount`, `mcc`, `class`,
/// one of the last two, both or none.
trait Layout {
    const TIMESTAMP: Text;
    const AMOUNT: Text;
    const MCC: Text;
    const CLASS: Text;
    const BETWEEN: Text;
}

/// Without any space.
struct Compact;

impl Layout for Compact {
    const TIMESTAMP: Text = Text::new(&["{\"", Field::Timestamp.name(), "\":\""]);
    const AMOUNT: Text = Text::new(&["\",\"", Field::Amount.name(), "\":"]);
    const MCC: Text = Text::new(&[",\"", Field::Mcc.name(), "\":"]);
    const CLASS: Text = Text::new(&[",\"", Field::Class.name(), "\":\""]);
    const BETWEEN: Text = Text::new(&[","]);
}

/// With a space after each colon and comma, as some libraries write it.
struct Spaced;

impl Layout for Spaced {
    const TIMESTAMP: Text = Text::new(&["{\"", Field::Timestamp.name(), "\": \""]);
    const AMOUNT: Text = Text::new(&["\", \"", Field::Amount.name(), "\": "]);
    const MCC: Text = Text::new(&[", \"", Field::Mcc.name(), "\": "]);
    const CLASS: Text = Text::new(&[", \"", Field::Class.name(), "\": \""]);
    const BETWEEN: Text = Text::new(&[", "]);
}

/// The transaction at the beginning of a text, and the text behind it.
#[inline]
fn usual<'a, L: Layout>(
    rest: &'a [u8],
    taxonomy: &Taxonomy,
    month: &mut LastMonth,
) -> Option<(ParsedTransaction, &'a [u8])> {
    let (moment, rest) = time(L::TIMESTAMP.strip(rest)?, month)?;
    let (amount, rest) = amount(L::AMOUNT.strip(rest)?)?;
    let (mcc, rest) = match L::MCC.strip(rest) {
        Some(rest) => code(rest, taxonomy)?,
        None => (ClassByMcc::ABSENT, rest),
    };
    let (class, rest) = if rest.first() == Some(&b'}') {
        (ClassReference::Absent, rest)
    } else {
        class(L::CLASS.strip(rest)?, taxonomy)?
    };
    let fields = TransactionFields {
        timestamp: Some(moment),
        amount: Some(amount),
        mcc: Some(mcc),
        class: Some(ClassByName(class)),
        ..TransactionFields::default()
    };
    match fields.check() {
        Ok((transaction, None)) => Some((transaction, rest.strip_prefix(b"}")?)),
        _ => None,
    }
}

/// A time to the second, up to the quote behind it.
#[inline]
fn time<'a>(rest: &'a [u8], last: &mut LastMonth) -> Option<(Moment, &'a [u8])> {
    let (&text, rest) = rest.split_first_chunk()?;
    let (_, month) = match last {
        Some(last) if last.0 == text => last,
        _ => last.insert((text, WrittenMonth::read(text)?)),
    };
    let (to_the_second, zone) = rest.split_first_chunk()?;
    if let [b'Z', rest @ ..] = zone {
        return Some((month.moment(to_the_second, 0)?, rest));
    }
    let (&zone, rest) = zone.split_first_chunk()?;
    Some((month.moment(to_the_second, -offset(zone)?)?, rest))
}

#[inline]
fn amount(rest: &[u8]) -> Option<(Amount, &[u8])> {
    let (is_negative, rest) = match rest {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, rest),
    };
    let decimal = digits::leading_decimal(rest)?;
    let amount = Amount::of_digits(
        is_negative,
        decimal.number,
        decimal.digits,
        decimal.decimals,
    )?;
    Some((amount, rest.get(decimal.length..)?))
}

/// An MCC as a number of four digits.
#[inline]
fn code<'a>(rest: &'a [u8], taxonomy: &Taxonomy) -> Option<(ClassByMcc, &'a [u8])> {
    let (&text, rest) = rest.split_first_chunk()?;
    let code = Mcc::of_whole_number(digits::four_digits(text)?)?;
    (code.get() >= 1_000).then(|| (ClassByMcc::find(taxonomy, code), rest))
}

/// The rest of a class's name, with the quote behind it.
fn class<'a>(rest: &'a [u8], taxonomy: &Taxonomy) -> Option<(ClassReference, &'a [u8])> {
    let length = rest.iter().position(|&byte| byte == b'"')?;
    let (name, rest) = rest.split_at_checked(length)?;
    let booking = taxonomy.booking_of_class_text(name)?;
    Some((ClassReference::Known(booking), rest.get(1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_usual<L: Layout>(text: &str) -> bool {
        let rows = "class,title,group,mcc,source\nrent,Rent,home,6513,\n";
        let taxonomy = Taxonomy::from_csv(rows).unwrap();
        let text = format!("{text},{{\"timestamp\":");
        let read = usual::<L>(text.as_bytes(), &taxonomy, &mut None);
        read.is_some_and(|(_, rest)| rest == b",{\"timestamp\":")
    }

    #[test]
    fn usual_layouts_are_read_and_other_ones_are_not() {
        for time in ["2019-03-01T10:00:00Z", "2019-03-01T10:00:00-05:30"] {
            for amount in ["-1.5", "120", "0.05", "-9999.99"] {
                for labels in [
                    r#""mcc":6513"#,
                    r#""mcc":1234"#,
                    r#""class":"rent""#,
                    r#""mcc":6513,"class":"rent""#,
                    "",
                ] {
                    let comma = if labels.is_empty() { "" } else { "," };
                    let text =
                        format!(r#"{{"timestamp":"{time}","amount":{amount}{comma}{labels}}}"#);
                    assert!(is_usual::<Compact>(&text), "{text}");
                    let spaced = text.replace(",\"", ", \"").replace("\":", "\": ");
                    assert!(is_usual::<Spaced>(&spaced), "{spaced}");
                    assert!(!is_usual::<Compact>(&spaced), "{spaced}");
                }
            }
        }
        for text in [
            r#"{"timestamp":"2019-02-29T10:00:00+12:00","amount":-1,"mcc":6513}"#,
            r#"{"timestamp":"2019-03-01T10:00:00Z","amount":-1e1,"mcc":6513}"#,
            r#"{"timestamp":"2019-03-01T10:00:00Z","amount":-1,"mcc":0742}"#,
            r#"{"timestamp":"2019-03-01T10:00:00Z","amount":-1,"class":"pubs"}"#,
            r#"{"timestamp":"2019-03-01T10:00:00Z","amount":-1,"mcc":6513,"id":"a"}"#,
        ] {
            assert!(!is_usual::<Compact>(text), "{text}");
        }
    }
}
