//! Plain transaction in any layout, read member by member.
//!
//! A field without a branch in `read_value` is read by `serde_json` at its place.

use serde::de::IgnoredAny;

use super::cursor::{Cursor, once};
use super::text::Text;
use crate::amount::Amount;
use crate::currency::{Currency, WrittenCurrency};
use crate::document::transaction::ValueSeed;
use crate::encountered::Encountered;
use crate::fields::{
    ClassByMcc, ClassByName, ClassReference, Field, ReadContext, TransactionFields,
};
use crate::identifier::{CheckedIdentifier, Identifier};
use crate::mcc::Mcc;
use crate::moment::Moment;
use crate::taxonomy::Taxonomy;
use crate::time_zone::TimeZone;
use crate::transaction::ParsedTransaction;
use crate::written_time::WrittenTime;

/// The name of each field with the colon behind it, as compact documents have it.
const COMPACT_NAMES: [(Field, Text); Field::ALL.len()] = {
    let mut names = [(Field::ALL[0], Text::new(&[])); Field::ALL.len()];
    let mut place = 0;
    while place < names.len() {
        let field = Field::ALL[place];
        names[place] = (field, Text::new(&["\"", field.name(), "\":"]));
        place += 1;
    }
    names
};

/// The name of a member.
pub(super) enum Name<'a> {
    Field(Field),
    /// No field: exports have more columns than are read here.
    Other(&'a str),
}

impl<'a> Cursor<'a> {
    /// Reads a transaction object.
    pub(super) fn transaction(
        &mut self,
        context: ReadContext<'_>,
        encountered: &mut Encountered,
    ) -> Option<ParsedTransaction> {
        let mut fields = TransactionFields::default();
        self.take(b'{')?;
        loop {
            match self.name()? {
                Name::Field(field) => self.read_value(field, &mut fields, context)?,
                Name::Other(_) => self.skip_value()?,
            }
            if self.ends(b'}')? {
                break;
            }
        }
        encountered.add_currency(&fields, context).ok()?;
        match fields.check() {
            Ok((transaction, None)) => Some(transaction),
            _ => None,
        }
    }

    /// The name of a member with the colon behind it.
    #[inline]
    pub(super) fn name(&mut self) -> Option<Name<'a>> {
        for (field, name) in &COMPACT_NAMES {
            if let Some(rest) = name.strip(self.rest()) {
                self.go_to(rest);
                self.skip_space();
                return Some(Name::Field(*field));
            }
        }
        let name = self.string()?;
        self.take(b':')?;
        Some(Field::from_name(name).map_or(Name::Other(name), Name::Field))
    }

    #[expect(
        clippy::match_wildcard_for_single_variants,
        reason = "a new field needs no code here"
    )]
    pub(super) fn read_value(
        &mut self,
        field: Field,
        fields: &mut TransactionFields,
        context: ReadContext<'_>,
    ) -> Option<()> {
        match field {
            Field::Timestamp => once(&mut fields.timestamp, self.moment(context.zone)?),
            Field::Amount => once(&mut fields.amount, self.amount()?),
            Field::Mcc => once(&mut fields.mcc, self.mcc(context.taxonomy)?),
            Field::Class => once(&mut fields.class, self.class(context.taxonomy)?),
            Field::Id => once(&mut fields.id, self.id()?),
            Field::Currency if self.rest().first() == Some(&b'"') => {
                let currency = WrittenCurrency(Currency::parse(self.string()?));
                once(&mut fields.currency, currency)
            }
            field => {
                let had_value = self.value_seed(ValueSeed {
                    field,
                    fields,
                    context,
                })?;
                (!had_value).then_some(())
            }
        }
    }

    /// Skips the value of a member that is no field.
    pub(super) fn skip_value(&mut self) -> Option<()> {
        if self.rest().first() == Some(&b'"') {
            self.string()?;
        } else {
            self.value::<IgnoredAny>()?;
        }
        Some(())
    }

    fn moment(&mut self, zone: &TimeZone) -> Option<Moment> {
        // The common forms have a fixed length: their end need not be looked for.
        for length in [20, 10, 25, 24] {
            if let Some([b'"', text @ .., b'"']) = self.rest().get(..length + 2)
                && let Some(time) = WrittenTime::of_digits(text)
            {
                self.skip(length + 2)?;
                return Some(time.in_zone(zone));
            }
        }
        Moment::parse_in(self.string()?, zone).ok()
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

    fn mcc(&mut self, taxonomy: &Taxonomy) -> Option<ClassByMcc> {
        if self.passes_text(b"null") {
            return Some(ClassByMcc::ABSENT);
        }
        let is_string = self.passes(b'"');
        let begins_with_zero = self.rest().first() == Some(&b'0');
        let (code, digits) = self.digits(0);
        let is_code = if is_string {
            (1..=4).contains(&digits) && self.passes(b'"')
        } else {
            digits == 1 || ((2..=4).contains(&digits) && !begins_with_zero)
        };
        let code = Mcc::of_whole_number(code)?;
        is_code.then(|| ClassByMcc::find(taxonomy, code))
    }

    fn class(&mut self, taxonomy: &Taxonomy) -> Option<ClassByName> {
        if self.passes_text(b"null") {
            return Some(ClassByName(ClassReference::Absent));
        }
        let booking = taxonomy.booking_of_class(self.string()?)?;
        Some(ClassByName(ClassReference::Known(booking)))
    }

    fn id(&mut self) -> Option<CheckedIdentifier> {
        if !self.passes_text(b"null") {
            Identifier::check(self.string()?).ok()?;
        }
        Some(CheckedIdentifier)
    }
}
