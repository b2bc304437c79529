//! Macro that makes everything the readers share from one declaration of a transaction's fields.

/// One line for each field: `Variant = name, "label": required|optional Type`. The documentation of a field is its
/// description in the schema.
macro_rules! declare_transaction_fields {
    ($(
        $(#[$documentation:meta])+
        $variant:ident = $name:ident, $label:literal: $need:ident $value:ty;
    )+) => {
        /// A field of a transaction.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Field {
            $($(#[$documentation])+ $variant,)+
        }

        impl Field {
            /// All fields, in the order of the schema.
            pub const ALL: [Self; [$(stringify!($name)),+].len()] = [$(Self::$variant),+];

            /// The member of the JSON object, and the usual name of a table's column.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($name),)+
                }
            }

            /// The field in the messages of errors.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self {
                    $(Self::$variant => $label,)+
                }
            }

            /// Whether every transaction has it.
            #[must_use]
            pub const fn is_required(self) -> bool {
                match self {
                    $(Self::$variant => declare_transaction_fields!(@is_required $need),)+
                }
            }

            /// The kinds of cells that it is read from; none when tables have no column for it.
            #[must_use]
            pub const fn cells(self) -> &'static [CellKind] {
                match self {
                    $(Self::$variant => <$value as FieldValue>::CELLS,)+
                }
            }

            /// The field of this name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|field| field.name() == name)
            }
        }

        /// The values of one transaction that have been read so far.
        #[derive(Debug, Default)]
        pub struct TransactionFields {
            $($(#[$documentation])+ pub(crate) $name: Option<$value>,)+
        }

        impl TransactionFields {
            /// Reads the value of a member; gives whether the field had a value before.
            pub(crate) fn read_json<'de, D: Deserializer<'de>>(
                &mut self,
                field: Field,
                deserializer: D,
                context: ReadContext<'_>,
            ) -> Result<bool, D::Error> {
                match field {
                    $(Field::$variant => {
                        let value = <$value as FieldValue>::from_json(deserializer, context)?;
                        Ok(self.$name.replace(value).is_some())
                    })+
                }
            }

            /// Reads a cell of a table, of one of the kinds in [`Field::cells`].
            ///
            /// # Errors
            /// With a sentence of what was expected, and no value of the history.
            pub fn read_cell(
                &mut self,
                field: Field,
                cell: Cell<'_>,
                context: ReadContext<'_>,
            ) -> Result<(), &'static str> {
                match field {
                    $(Field::$variant => {
                        self.$name = Some(<$value as FieldValue>::from_cell(cell, context)?);
                    })+
                }
                Ok(())
            }
        }

        /// One booking. It names a `class` of the model's taxonomy or an `mcc`; the class wins. Other members are ignored.
        #[expect(dead_code, reason = "only the schema of this type is used")]
        #[derive(JsonSchema)]
        #[schemars(rename = "Transaction")]
        pub struct TransactionSchema {
            $($(#[$documentation])+ $name: declare_transaction_fields!(@schema $need $value),)+
        }
    };
    (@is_required required) => { true };
    (@is_required optional) => { false };
    (@schema required $value:ty) => { $value };
    (@schema optional $value:ty) => { Option<$value> };
}

pub(super) use declare_transaction_fields;
