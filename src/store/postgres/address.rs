//! Where a database is, and how to get into it.

use std::fmt;

use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;

use crate::error::StoreError;
use crate::location::Location;

const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

/// The parameters of a URL; any other is more likely a slip than a wish that may be passed over.
const PARAMETERS: [&str; 11] = [
    "application_name",
    "dbname",
    "host",
    "options",
    "password",
    "port",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "user",
];

/// Whether a URL names a database of PostgreSQL.
pub(crate) fn is_meant(url: &str) -> bool {
    SCHEMES.iter().any(|scheme| url.starts_with(scheme))
}

/// Where a database is. Shown, it says nothing of who gets in and how.
#[derive(Clone)]
pub(super) struct Address(PgConnectOptions);

impl Address {
    /// Where a store is. What the URL leaves out is taken from the variables and the password file of PostgreSQL's own
    /// clients.
    pub(super) fn of(location: &Location) -> Result<Self, StoreError> {
        let (_, query) = location.url.split_once('?').unwrap_or_default();
        let names = query.split('&').filter(|pair| !pair.is_empty());
        let mut names = names.map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name));
        if names.any(|name| !PARAMETERS.contains(&name)) {
            return Err(StoreError::Parameter);
        }
        // What is wrong with it may be said in its own words, and a password be among them.
        let options: PgConnectOptions = location.url.parse().map_err(|_| StoreError::Scheme)?;
        if options.get_database().is_none() {
            return Err(StoreError::Scheme);
        }
        let options = match &location.password {
            Some(password) => options.password(password),
            None => options,
        };
        let options = match options.get_application_name() {
            Some(_) => options,
            None => options.application_name("microseg"),
        };
        Ok(Self(options.disable_statement_logging()))
    }

    /// How to connect.
    pub(super) fn options(&self) -> PgConnectOptions {
        self.0.clone()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (port, database) = (self.0.get_port(), self.0.get_database().unwrap_or_default());
        match self.0.get_socket() {
            Some(socket) => write!(formatter, "{}:{port}/{database}", socket.display()),
            None => write!(formatter, "{}:{port}/{database}", self.0.get_host()),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_the_place_and_no_more() {
        for (url, place) in [
            ("postgres://anna:secret@db/records", "db:5432/records"),
            (
                "postgresql://anna:se%2Fcret@db.bank:6432/r%C3%A9",
                "db.bank:6432/ré",
            ),
            (
                "postgres:///records?host=/run/postgresql&user=anna&password=secret",
                "/run/postgresql:5432/records",
            ),
            (
                "postgres://db/records?sslmode=verify-full&sslrootcert=/etc/ca.pem&user=anna",
                "db:5432/records",
            ),
        ] {
            let location = Location {
                password: Some("secret".to_owned()),
                ..url.into()
            };
            let address = Address::of(&location).unwrap();
            assert_eq!(address.to_string(), place, "{url}");
            assert!(!format!("{address:?} {location:?}").contains("secret"));
        }
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said_without_it() {
        for (url, is_parameter) in [
            ("postgres://anna:secret@db", false),
            ("postgres://anna:secret@db/", false),
            ("postgres://anna:secret@db:port/records", false),
            ("postgres://anna:secret@db/records?sslmode=none", false),
            ("postgres://anna@db/records?passwort=secret", true),
            ("postgres://anna@db/records?sslmode=require&secret", true),
        ] {
            let refused = Address::of(&url.into()).unwrap_err();
            assert_eq!(
                matches!(refused, StoreError::Parameter),
                is_parameter,
                "{url}"
            );
            assert!(
                is_parameter || matches!(refused, StoreError::Scheme),
                "{url}"
            );
            assert!(
                !format!("{refused} {refused:?}").contains("secret"),
                "{url}"
            );
        }
    }
}
