//! Transactions in the layout that most have, found by a few comparisons of whole texts instead of member by member.

use super::super::transaction::{Named, Transaction, booking};
use super::super::moment::offset;
use super::super::{Amount, Moment, Taxonomy, words};
use super::cursor::Cursor;

/// How often a transaction may be unlike the usual ones at the beginning of a document.
const PATIENCE: u32 = 8;

/// An array of at most `limit` transactions; `None` where one is not plain.
pub(super) fn read_transactions(
    cursor: &mut Cursor<'_>,
    taxonomy: &Taxonomy,
    limit: usize,
    mut add: impl FnMut(Transaction),
) -> Option<()> {
    cursor.take(b'[')?;
    if cursor.passes(b']') {
        return Some(());
    }
    let layout = Layout::of(cursor.rest());
    let mut patience = PATIENCE;
    // Kept out of the cursor, which lies in memory: this one stays in registers.
    let mut rest = cursor.rest();
    for _ in 0..limit {
        let usual = (patience > 0).then(|| layout.read(rest, taxonomy)).flatten();
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
        if let [b',', behind @ ..] = rest && behind.first() == Some(&b'{') {
            rest = behind;
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

/// The texts between the values of a transaction whose members come in the order `id`, `timestamp`, `amount`, `mcc`,
/// `class`; those that are optional may be missing.
struct Layout {
    id: Text,
    time_after_id: Text,
    time: Text,
    amount: Text,
    mcc: Text,
    class: Text,
}

impl Layout {
    const COMPACT: Self = Self {
        id: Text::new(r#"{"id":""#),
        time_after_id: Text::new(r#"","timestamp":""#),
        time: Text::new(r#"{"timestamp":""#),
        amount: Text::new(r#"","amount":"#),
        mcc: Text::new(r#","mcc":"#),
        class: Text::new(r#","class":""#),
    };

    /// With a space after each colon and comma, as some libraries write it.
    const SPACED: Self = Self {
        id: Text::new(r#"{"id": ""#),
        // Without the quote before it: sixteen bytes as it is.
        time_after_id: Text::new(r#", "timestamp": ""#),
        time: Text::new(r#"{"timestamp": ""#),
        amount: Text::new(r#"", "amount": "#),
        mcc: Text::new(r#", "mcc": "#),
        class: Text::new(r#", "class": ""#),
    };

    /// The layout of what begins with the first transaction.
    fn of(text: &[u8]) -> &'static Self {
        let is_spaced = text
            .iter()
            .position(|&byte| byte == b':')
            .is_some_and(|colon| text.get(colon + 1) == Some(&b' '));
        if is_spaced {
            &Self::SPACED
        } else {
            &Self::COMPACT
        }
    }

    /// The transaction at the beginning of a text, and what is behind it.
    #[inline]
    fn read<'a>(&self, rest: &'a [u8], taxonomy: &Taxonomy) -> Option<(Transaction, &'a [u8])> {
        let (moment, rest) = time(self.time.strip(rest)?)?;
        let (amount, rest) = amount(self.amount.strip(rest)?)?;
        let (mcc, rest) = match self.mcc.strip(rest) {
            Some(rest) => code(rest, taxonomy)?,
            None => (Named::Nothing, rest),
        };
        let (class, rest) = if rest.first() == Some(&b'}') {
            (Named::Nothing, rest)
        } else {
            class(self.class.strip(rest)?, taxonomy)?
        };
        let transaction = Transaction {
            moment,
            amount,
            booking: booking(class, mcc).ok()?,
        };
        Some((transaction, rest.strip_prefix(b"}")?))
    }
}

/// A text of up to sixteen bytes, found in one look.
#[derive(Clone, Copy)]
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
fn time(rest: &[u8]) -> Option<(Moment, &[u8])> {
    let (to_the_second, zone) = rest.split_first_chunk()?;
    match zone {
        [b'Z', rest @ ..] => Some((Moment::of_second(to_the_second, 0)?, rest)),
        _ => {
            let (&zone, rest) = zone.split_first_chunk()?;
            let moment = Moment::of_second(to_the_second, -offset(zone)?)?;
            Some((moment, rest))
        }
    }
}

#[inline]
fn amount(rest: &[u8]) -> Option<(Amount, &[u8])> {
    let (is_negative, rest) = match rest {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, rest),
    };
    let decimal = words::leading_decimal(rest)?;
    let amount = Amount::of_digits(is_negative, decimal.number, decimal.digits, decimal.decimals)?;
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
    let (name, rest) = rest.split_at_checked(words::place_of_quote(rest)?)?;
    let booking = taxonomy.booking_of_class_text(name)?;
    Some((Named::Known(booking), rest.get(1..)?))
}
