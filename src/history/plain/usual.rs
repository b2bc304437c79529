//! Transactions in the layout that most have, found by a few comparisons of whole texts instead of member by member.

use super::super::moment::{WrittenMonth, offset};
use super::super::transaction::{Named, Transaction, booking};
use super::super::{Amount, Moment, Taxonomy, words};
use super::cursor::Cursor;

/// How often a transaction may be unlike the usual ones at the beginning of a document.
const PATIENCE: u32 = 8;

/// An array of at most `limit` transactions; `None` where one is not plain.
pub(super) fn read_transactions(
    cursor: &mut Cursor<'_>,
    taxonomy: &Taxonomy,
    limit: usize,
    add: impl FnMut(Transaction),
) -> Option<()> {
    cursor.take(b'[')?;
    if cursor.passes(b']') {
        return Some(());
    }
    // How the first transaction is written tells how the others are.
    let first = cursor.rest();
    let colon = first.iter().position(|&byte| byte == b':')?;
    if first.get(colon + 1) == Some(&b' ') {
        read_in::<Spaced>(cursor, taxonomy, limit, add)
    } else {
        read_in::<Compact>(cursor, taxonomy, limit, add)
    }
}

fn read_in<L: Layout>(
    cursor: &mut Cursor<'_>,
    taxonomy: &Taxonomy,
    limit: usize,
    mut add: impl FnMut(Transaction),
) -> Option<()> {
    let mut patience = PATIENCE;
    let mut month = None;
    // Not the cursor, which lies in memory: this one stays in registers.
    let mut rest = cursor.rest();
    for _ in 0..limit {
        let usual = if patience > 0 {
            usual::<L>(rest, taxonomy, &mut month)
        } else {
            None
        };
        let transaction = if let Some((transaction, behind)) = usual {
            patience = patience.saturating_add(1);
            rest = behind;
            transaction
        } else {
            // Looking in vain costs a third of what a find saves.
            patience = patience.saturating_sub(2);
            cursor.go_to(rest);
            let transaction = cursor.transaction(taxonomy)?;
            rest = cursor.rest();
            transaction
        };
        add(transaction);
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
/// one of the last two or both.
trait Layout {
    const TIME: Text;
    const AMOUNT: Text;
    const MCC: Text;
    const CLASS: Text;
    const BETWEEN: Text;
}

/// Without any space.
struct Compact;

impl Layout for Compact {
    const TIME: Text = Text::new(r#"{"timestamp":""#);
    const AMOUNT: Text = Text::new(r#"","amount":"#);
    const MCC: Text = Text::new(r#","mcc":"#);
    const CLASS: Text = Text::new(r#","class":""#);
    const BETWEEN: Text = Text::new(",");
}

/// With a space after each colon and comma, as some libraries write it.
struct Spaced;

impl Layout for Spaced {
    const TIME: Text = Text::new(r#"{"timestamp": ""#);
    const AMOUNT: Text = Text::new(r#"", "amount": "#);
    const MCC: Text = Text::new(r#", "mcc": "#);
    const CLASS: Text = Text::new(r#", "class": ""#);
    const BETWEEN: Text = Text::new(", ");
}

/// The transaction at the beginning of a text, and what is behind it.
#[inline]
fn usual<'a, L: Layout>(
    rest: &'a [u8],
    taxonomy: &Taxonomy,
    month: &mut Option<WrittenMonth>,
) -> Option<(Transaction, &'a [u8])> {
    let (moment, rest) = time(L::TIME.strip(rest)?, month)?;
    let (amount, rest) = amount(L::AMOUNT.strip(rest)?)?;
    let (mcc, rest) = match L::MCC.strip(rest) {
        Some(rest) => code(rest, taxonomy)?,
        None => (Named::Nothing, rest),
    };
    let (class, rest) = if rest.first() == Some(&b'}') {
        (Named::Nothing, rest)
    } else {
        class(L::CLASS.strip(rest)?, taxonomy)?
    };
    let transaction = Transaction {
        moment,
        amount,
        booking: booking(class, mcc).ok()?,
    };
    Some((transaction, rest.strip_prefix(b"}")?))
}

/// A text of up to sixteen bytes, found in one look.
struct Text {
    bytes: u128,
    mask: u128,
    length: usize,
}

impl Text {
    const fn new(text: &str) -> Self {
        let text = text.as_bytes();
        let (mut bytes, mut mask) = ([0; 16], [0; 16]);
        let mut place = 0;
        while place < text.len() {
            (bytes[place], mask[place]) = (text[place], u8::MAX);
            place += 1;
        }
        Self {
            bytes: u128::from_le_bytes(bytes),
            mask: u128::from_le_bytes(mask),
            length: text.len(),
        }
    }

    /// What is behind the text, if it comes next and enough behind it to look at sixteen bytes.
    #[inline]
    fn strip<'a>(&self, rest: &'a [u8]) -> Option<&'a [u8]> {
        let next = u128::from_le_bytes(*rest.first_chunk()?);
        if (next ^ self.bytes) & self.mask != 0 {
            return None;
        }
        rest.get(self.length..)
    }
}

/// A time to the second, up to the quote behind it.
#[inline]
fn time<'a>(rest: &'a [u8], month: &mut Option<WrittenMonth>) -> Option<(Moment, &'a [u8])> {
    let (&text, rest) = rest.split_first_chunk()?;
    let month = match month {
        Some(month) if month.text() == text => month,
        _ => month.insert(WrittenMonth::read(text)?),
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
    let decimal = words::leading_decimal(rest)?;
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
fn code<'a>(rest: &'a [u8], taxonomy: &Taxonomy) -> Option<(Named, &'a [u8])> {
    let (&digits, rest) = rest.split_first_chunk()?;
    let code = words::four_digits(digits)?;
    (code >= 1_000).then(|| (Named::of_mcc(taxonomy, code), rest))
}

/// The rest of a class's name, with the quote behind it.
fn class<'a>(rest: &'a [u8], taxonomy: &Taxonomy) -> Option<(Named, &'a [u8])> {
    let length = rest.iter().position(|&byte| byte == b'"')?;
    let (name, rest) = rest.split_at_checked(length)?;
    let booking = taxonomy.booking_of_class_text(name)?;
    Some((Named::Known(booking), rest.get(1..)?))
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
    fn what_is_usual_is_read_in_one_go() {
        for time in ["2019-03-01T10:00:00Z", "2019-03-01T10:00:00-05:30"] {
            for amount in ["-1.5", "120", "0.05", "-9999.99"] {
                for labels in [
                    r#""mcc":6513"#,
                    r#""mcc":1234"#,
                    r#""class":"rent""#,
                    r#""mcc":6513,"class":"rent""#,
                ] {
                    let text = format!(r#"{{"timestamp":"{time}","amount":{amount},{labels}}}"#);
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
            r#"{"timestamp":"2019-03-01T10:00:00Z","amount":-1}"#,
        ] {
            assert!(!is_usual::<Compact>(text), "{text}");
        }
    }
}
