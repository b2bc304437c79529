//! The plain form of a history, which nearly every caller sends, read straight from its bytes.
//!
//! `serde_json` reads any document and says what is wrong with a bad one; that costs four times what the bytes cost.
//! This pass knows one form only: strings without escapes, amounts without exponents, no member twice, no class that
//! the taxonomy lacks. Members that nobody asks for are passed over. Whatever else it meets, a fault above all, it gives up and leaves the document to `serde_json`.
//! So it may give up too often, but it must never read anything that `serde_json` would not read the same.

use serde::de::{Deserialize, DeserializeOwned, IgnoredAny};

use super::document::{DocumentSeed, Draft, Members};
use super::transaction::{Member, Named, Transaction, booking};
use super::{Amount, Identifier, Moment, Taxonomy, words};

/// Reads a document; `None` when it is not plain, whether it is good or bad.
pub(super) fn read<E: DeserializeOwned>(
    text: &str,
    seed: &DocumentSeed<'_, E>,
) -> Option<Draft<E>> {
    let mut cursor = Cursor {
        text,
        rest: text.as_bytes(),
    };
    let mut members = Members::<E>::default();
    cursor.take(b'{')?;
    loop {
        match cursor.string()? {
            "customer_id" => {
                cursor.take(b':')?;
                once(&mut members.customer_id, cursor.value()?)?;
            }
            "as_of" => {
                cursor.take(b':')?;
                once(&mut members.as_of, cursor.value()?)?;
            }
            "unknown_class" => {
                cursor.take(b':')?;
                once(&mut members.unknown_class, cursor.value()?)?;
            }
            "transactions" => {
                cursor.take(b':')?;
                let cut = members.as_of.flatten().or(seed.assumed.as_of);
                let mut ledger = seed.encoder.ledger(cut);
                let limit = seed.encoder.limits().transactions;
                let taxonomy = seed.encoder.taxonomy();
                cursor.transactions(taxonomy, limit, |transaction| ledger.add(transaction))?;
                once(&mut members.transactions, (ledger, cut))?;
            }
            name if Some(name) == seed.extension => {
                cursor.take(b':')?;
                once(&mut members.extension, cursor.value()?)?;
            }
            _ => return None,
        }
        if cursor.ends(b'}')? {
            break;
        }
    }
    cursor.skip_space();
    if !cursor.rest.is_empty() {
        return None;
    }
    members.settle(seed.assumed)
}

/// `None` for the second value of a member.
fn once<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    slot.replace(value).is_none().then_some(())
}

/// How often a transaction may be unlike the usual ones before they are not looked for any more.
const ODD_ONES: u8 = 8;

/// The layout that most transactions have, and with them those of the same document: a time to the second in UTC, an
/// amount and an MCC, in this order. Four comparisons of whole texts find what is told apart member by member otherwise.
struct Usual {
    /// Whether there is a space after each colon and comma, as some libraries write it.
    is_spaced: bool,
    odd_ones: u8,
}

impl Usual {
    /// The layout of what begins with the first transaction.
    fn of(text: &[u8]) -> Self {
        Self {
            is_spaced: text.starts_with(b"{\"timestamp\": "),
            odd_ones: 0,
        }
    }

    /// Reads a transaction; where it has another layout the cursor stays where it was.
    #[inline]
    fn read(&mut self, cursor: &mut Cursor<'_>, taxonomy: &Taxonomy) -> Option<Transaction> {
        if self.odd_ones == ODD_ONES {
            return None;
        }
        let begin = cursor.rest;
        let read = if self.is_spaced {
            let texts = (b"{\"timestamp\": \"", b"\", \"amount\": ", b", \"mcc\": ");
            cursor.usual_transaction(taxonomy, texts)
        } else {
            let texts = (b"{\"timestamp\":\"", b"\",\"amount\":", b",\"mcc\":");
            cursor.usual_transaction(taxonomy, texts)
        };
        if read.is_none() {
            cursor.rest = begin;
            self.odd_ones += 1;
        }
        read
    }
}

/// What is left of a text; every method gives `None` where the text is not plain.
struct Cursor<'a> {
    text: &'a str,
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    #[inline]
    fn skip_space(&mut self) {
        // One comparison tells that there is none, as between the members of a compact document.
        while let [byte, rest @ ..] = self.rest
            && *byte <= b' '
            && matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
        {
            self.rest = rest;
        }
    }

    /// One byte, with space before and after it.
    #[inline]
    fn take(&mut self, byte: u8) -> Option<()> {
        self.skip_space();
        self.passes(byte).then_some(())?;
        self.skip_space();
        Some(())
    }

    /// Goes past a byte, if it is the next one.
    #[inline]
    fn passes(&mut self, byte: u8) -> bool {
        match self.rest {
            [next, rest @ ..] if *next == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Goes past some text, if it is the next one.
    #[inline]
    fn passes_text<const LENGTH: usize>(&mut self, text: &[u8; LENGTH]) -> bool {
        match self.rest.split_first_chunk() {
            Some((next, rest)) if next == text => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// After an element: whether `close` follows, and not a comma.
    #[inline]
    fn ends(&mut self, close: u8) -> Option<bool> {
        self.skip_space();
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        self.skip_space();
        match byte {
            b',' => Some(false),
            byte if byte == close => Some(true),
            _ => None,
        }
    }

    /// A string without escapes.
    fn string(&mut self) -> Option<&'a str> {
        self.passes(b'"').then_some(())?;
        let ends = |&byte: &u8| byte == b'"' || byte == b'\\' || byte < b' ';
        let length = self.rest.iter().position(ends)?;
        let begin = self.text.len() - self.rest.len();
        let string = self.text.get(begin..begin + length)?;
        self.rest = self.rest.get(length..)?;
        self.passes(b'"').then_some(string)
    }

    /// Any value, by way of `serde_json`.
    fn value<T: Deserialize<'a>>(&mut self) -> Option<T> {
        let begin = self.text.len() - self.rest.len();
        let mut values = serde_json::Deserializer::from_str(self.text.get(begin..)?).into_iter();
        let value = values.next()?.ok()?;
        self.rest = self.rest.get(values.byte_offset()..)?;
        Some(value)
    }

    /// An array of at most `limit` transactions.
    fn transactions(
        &mut self,
        taxonomy: &Taxonomy,
        limit: usize,
        mut add: impl FnMut(Transaction),
    ) -> Option<()> {
        self.take(b'[')?;
        if self.passes(b']') {
            return Some(());
        }
        let mut usual = Usual::of(self.rest);
        for _ in 0..limit {
            add(match usual.read(self, taxonomy) {
                Some(transaction) => transaction,
                None => self.transaction(taxonomy)?,
            });
            if self.ends(b']')? {
                return Some(());
            }
        }
        None
    }

    /// The name of a transaction's member, and the colon behind it.
    #[inline]
    fn member(&mut self) -> Option<Member> {
        // Compact documents have no space before the colon: one comparison finds both.
        let member = if self.passes_text(b"\"timestamp\":") {
            Member::Timestamp
        } else if self.passes_text(b"\"amount\":") {
            Member::Amount
        } else if self.passes_text(b"\"mcc\":") {
            Member::Mcc
        } else if self.passes_text(b"\"class\":") {
            Member::Class
        } else if self.passes_text(b"\"id\":") {
            Member::Id
        } else {
            return self.spaced_member();
        };
        self.skip_space();
        Some(member)
    }

    fn spaced_member(&mut self) -> Option<Member> {
        let name = self.string()?;
        self.take(b':')?;
        Some(match name {
            "timestamp" => Member::Timestamp,
            "amount" => Member::Amount,
            "mcc" => Member::Mcc,
            "class" => Member::Class,
            "id" => Member::Id,
            _ => Member::Other,
        })
    }

    /// The value of a member that nobody asks for, such as a column of an export.
    fn column(&mut self) -> Option<()> {
        if self.rest.first() == Some(&b'"') {
            self.string()?;
        } else {
            self.value::<IgnoredAny>()?;
        }
        Some(())
    }

    fn transaction(&mut self, taxonomy: &Taxonomy) -> Option<Transaction> {
        let mut moment = None;
        let mut amount = None;
        let mut id = None;
        let mut class = None;
        let mut mcc = None;
        self.take(b'{')?;
        loop {
            match self.member()? {
                Member::Timestamp => once(&mut moment, self.moment()?)?,
                Member::Amount => once(&mut amount, self.amount()?)?,
                Member::Mcc => once(&mut mcc, self.mcc(taxonomy)?)?,
                Member::Class => once(&mut class, self.class(taxonomy)?)?,
                Member::Id => once(&mut id, self.id()?)?,
                Member::Other => self.column()?,
            }
            if self.ends(b'}')? {
                break;
            }
        }
        Some(Transaction {
            moment: moment?,
            amount: amount?,
            booking: booking(
                class.unwrap_or(Named::Nothing),
                mcc.unwrap_or(Named::Nothing),
            )
            .ok()?,
        })
    }

    /// A transaction with these texts before its time, its amount and its MCC.
    #[inline]
    fn usual_transaction<const TIME: usize, const AMOUNT: usize, const MCC: usize>(
        &mut self,
        taxonomy: &Taxonomy,
        (before_time, before_amount, before_mcc): (&[u8; TIME], &[u8; AMOUNT], &[u8; MCC]),
    ) -> Option<Transaction> {
        self.passes_text(before_time).then_some(())?;
        let (time, rest) = self.rest.split_first_chunk::<20>()?;
        let moment = Moment::of_digits(time)?;
        self.rest = rest;
        self.passes_text(before_amount).then_some(())?;
        let amount = self.amount()?;
        self.passes_text(before_mcc).then_some(())?;
        let mcc = self.mcc_of_four_digits()?;
        self.passes(b'}').then_some(())?;
        let mcc = Named::of_mcc(taxonomy, mcc);
        let booking = booking(Named::Nothing, mcc).ok()?;
        Some(Transaction {
            moment,
            amount,
            booking,
        })
    }

    fn mcc_of_four_digits(&mut self) -> Option<u16> {
        let begins_with_zero = self.rest.first() == Some(&b'0');
        let (code, digits) = self.digits(0);
        (digits == 4 && !begins_with_zero).then_some(())?;
        u16::try_from(code).ok()
    }

    fn moment(&mut self) -> Option<Moment> {
        // The common forms have a fixed length: their end need not be looked for.
        for length in [20, 10, 25, 24] {
            if let Some((quoted, rest)) = self.rest.split_at_checked(length + 2)
                && let [b'"', text @ .., b'"'] = quoted
                && let Some(moment) = Moment::of_digits(text)
            {
                self.rest = rest;
                return Some(moment);
            }
        }
        Moment::parse(self.string()?).ok()
    }

    fn amount(&mut self) -> Option<Amount> {
        let is_negative = self.passes(b'-');
        let begins_with_zero = self.rest.first() == Some(&b'0');
        let (whole, whole_digits) = self.digits(0);
        if whole_digits == 0 || (begins_with_zero && whole_digits > 1) {
            return None;
        }
        let (number, decimals) = if self.passes(b'.') {
            match self.digits(whole) {
                (_, 0) => return None,
                found => found,
            }
        } else {
            (whole, 0)
        };
        if let Some(b'e' | b'E') = self.rest.first() {
            return None;
        }
        Amount::of_digits(is_negative, number, whole_digits + decimals, decimals)
    }

    /// The digits that follow, put behind a number, and how many there are; beyond twenty the number is meaningless.
    #[inline]
    fn digits(&mut self, number: u64) -> (u64, usize) {
        const POWERS: [u64; 8] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];
        if let Some((more, count)) = words::leading_digits(self.rest)
            && let (Some(power), Some(rest)) = (POWERS.get(count), self.rest.get(count..))
        {
            self.rest = rest;
            return (number.wrapping_mul(*power).wrapping_add(more), count);
        }
        self.digits_one_by_one(number)
    }

    fn digits_one_by_one(&mut self, number: u64) -> (u64, usize) {
        let begin = self.rest.len();
        let mut number = number;
        while let [digit @ b'0'..=b'9', rest @ ..] = self.rest {
            number = number
                .wrapping_mul(10)
                .wrapping_add(u64::from(digit - b'0'));
            self.rest = rest;
        }
        (number, begin - self.rest.len())
    }

    fn mcc(&mut self, taxonomy: &Taxonomy) -> Option<Named> {
        if self.passes_text(b"null") {
            return Some(Named::Nothing);
        }
        let is_string = self.passes(b'"');
        let begins_with_zero = self.rest.first() == Some(&b'0');
        let (code, digits) = self.digits(0);
        let is_code = if is_string {
            digits == 4 && self.passes(b'"')
        } else {
            digits == 1 || ((2..=4).contains(&digits) && !begins_with_zero)
        };
        let code = u16::try_from(code).ok()?;
        is_code.then(|| Named::of_mcc(taxonomy, code))
    }

    fn class(&mut self, taxonomy: &Taxonomy) -> Option<Named> {
        if self.passes_text(b"null") {
            return Some(Named::Nothing);
        }
        let booking = taxonomy.booking_of_class(self.string()?)?;
        Some(Named::Known(booking))
    }

    fn id(&mut self) -> Option<()> {
        if self.passes_text(b"null") {
            return Some(());
        }
        Identifier::check(self.string()?).ok()
    }
}

#[cfg(test)]
#[path = "plain_tests.rs"]
mod tests;
