//! Addresses of databases of PostgreSQL, with their credentials.

use std::fmt;

use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;

use crate::error::StoreError;
use crate::location::Location;

const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

/// The known parameters of a URL; any other one is refused, since it is most likely a typing error.
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

/// Whether a URL has the scheme of PostgreSQL.
pub(crate) fn is_postgres(url: &str) -> bool {
    SCHEMES.iter().any(|scheme| url.starts_with(scheme))
}

/// The address of a database. Its text has neither the user nor the password.
#[derive(Clone)]
pub(super) struct Address(PgConnectOptions);

impl Address {
    /// The address in a location. What the URL omits is taken from the variables and the password file of PostgreSQL's
    /// own clients.
    pub(super) fn from_location(location: &Location) -> Result<Self, StoreError> {
        let (_, query) = location.url.split_once('?').unwrap_or_default();
        let names = query.split('&').filter(|pair| !pair.is_empty());
        let mut names = names.map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name));
        if names.any(|name| !PARAMETERS.contains(&name)) {
            return Err(StoreError::Parameter);
        }
        // The error is dropped: it may repeat a part of the URL, and with it a password.
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
        // No fraction is read as text, and poolers refuse a parameter of the start that they do not know.
        let options = options.extra_float_digits(None);
        Ok(Self(options.disable_statement_logging()))
    }

    /// Options of a connection.
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
    fn address_is_shown_without_user_and_password() {
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
            let address = Address::from_location(&location).unwrap();
            assert_eq!(address.to_string(), place, "{url}");
            assert!(!format!("{address:?} {location:?}").contains("secret"));
        }
    }

    #[test]
    fn invalid_url_is_refused_without_repeating_it() {
        for (url, is_parameter) in [
            ("postgres://anna:secret@db", false),
            ("postgres://anna:secret@db/", false),
            ("postgres://anna:secret@db:port/records", false),
            ("postgres://anna:secret@db/records?sslmode=none", false),
            ("postgres://anna@db/records?passwort=secret", true),
            ("postgres://anna@db/records?sslmode=require&secret", true),
        ] {
            let refused = Address::from_location(&url.into()).unwrap_err();
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
