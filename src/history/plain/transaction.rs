//! A transaction in any layout, member by member.

use serde::de::IgnoredAny;

use super::super::transaction::{Member, Named, Transaction, booking};
use super::super::{Amount, Identifier, Moment, Taxonomy};
use super::cursor::Cursor;
use super::once;

impl Cursor<'_> {
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
        if self.rest().first() == Some(&b'"') {
            self.string()?;
        } else {
            self.value::<IgnoredAny>()?;
        }
        Some(())
    }

    /// An object with what a transaction needs.
    pub(super) fn transaction(&mut self, taxonomy: &Taxonomy) -> Option<Transaction> {
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

    fn moment(&mut self) -> Option<Moment> {
        // The common forms have a fixed length: their end need not be looked for.
        for length in [20, 10, 25, 24] {
            if let Some([b'"', text @ .., b'"']) = self.rest().get(..length + 2)
                && let Some(moment) = Moment::of_digits(text)
            {
                self.skip(length + 2)?;
                return Some(moment);
            }
        }
        Moment::parse(self.string()?).ok()
    }

    /// A number without an exponent.
    pub(super) fn amount(&mut self) -> Option<Amount> {
        let is_negative = self.passes(b'-');
        let begins_with_zero = self.rest().first() == Some(&b'0');
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
        if let Some(b'e' | b'E') = self.rest().first() {
            return None;
        }
        Amount::of_digits(is_negative, number, whole_digits + decimals, decimals)
    }

    fn mcc(&mut self, taxonomy: &Taxonomy) -> Option<Named> {
        if self.passes_text(b"null") {
            return Some(Named::Nothing);
        }
        let is_string = self.passes(b'"');
        let begins_with_zero = self.rest().first() == Some(&b'0');
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
