//! Sealing of a state into a token, and the opening of it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use microseg_encoding::Continuation;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::error::Unspecified;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};

use crate::Owner;
use crate::keys::{ID_BYTES, StateKey, StateKeys};

/// The longest token, in characters: with the quotes around it, it fits into a line of a stream.
pub const LONGEST_TOKEN: usize = 48 * 1024;

/// The most bytes of a state: what a token of the longest size may unfold to.
const MOST_BYTES: usize = 1024 * 1024;

const VERSION: u8 = 1;
const SALT_BYTES: usize = 32;
const HEAD_BYTES: usize = 1 + ID_BYTES + SALT_BYTES;
const PURPOSE: &[u8] = b"microseg state token";
/// Quick, and states are small.
const COMPRESSION: i32 = 3;

/// Why a state has no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The window holds more than a token may have.
    #[error(
        "the state of this history would be a token of {0} characters, more than {LONGEST_TOKEN}: send whole histories"
    )]
    TooLarge(usize),
    /// The state cannot be written.
    #[error("the state cannot be written")]
    Failed,
}

/// Why a token is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It is no token.
    #[error("this is not a state token")]
    Malformed,
    /// No key of this server has sealed it.
    #[error(
        "the key of this token is not here any more: send the whole history, and ask for a new token"
    )]
    UnknownKey,
    /// It was altered.
    #[error("the token was altered")]
    Altered,
    /// It is of another model, or of an earlier one of this version.
    #[error("the token is of another model: send the whole history, and ask for a new token")]
    OtherModel,
    /// It is of another tenant.
    #[error("the token is of another tenant")]
    OtherTenant,
    /// It is of another customer.
    #[error("the token is of another customer: send the same `customer_id` as when it was made")]
    OtherCustomer,
}

impl From<Unspecified> for SealError {
    fn from(_: Unspecified) -> Self {
        Self::Failed
    }
}

/// What a token holds.
#[derive(Serialize, Deserialize)]
struct Content<O, C> {
    owner: O,
    state: C,
}

impl StateKeys {
    /// The token of a state.
    ///
    /// # Errors
    /// [`SealError::TooLarge`] when the state does not fit.
    pub fn seal(&self, owner: &Owner, state: &Continuation) -> Result<String, SealError> {
        let content = Content { owner, state };
        let plain = postcard::to_allocvec(&content).map_err(|_| SealError::Failed)?;
        let mut sealed =
            zstd::bulk::compress(&plain, COMPRESSION).map_err(|_| SealError::Failed)?;
        let mut token = vec![VERSION];
        token.extend(self.first().id);
        let mut salt = [0; SALT_BYTES];
        SystemRandom::new().fill(&mut salt)?;
        token.extend(salt);
        let (key, nonce) = cipher(self.first(), &salt)?;
        key.seal_in_place_append_tag(nonce, Aad::from(&token[..]), &mut sealed)?;
        token.extend(sealed);
        let text = URL_SAFE_NO_PAD.encode(token);
        if text.len() > LONGEST_TOKEN || plain.len() > MOST_BYTES {
            return Err(SealError::TooLarge(text.len()));
        }
        Ok(text)
    }

    /// The state in a token, which must be of this owner.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(&self, owner: &Owner, token: &str) -> Result<Continuation, OpenError> {
        if token.len() > LONGEST_TOKEN {
            return Err(OpenError::Malformed);
        }
        let token = URL_SAFE_NO_PAD.decode(token);
        let mut token = token.map_err(|_| OpenError::Malformed)?;
        if token.first() != Some(&VERSION) || token.len() < HEAD_BYTES {
            return Err(OpenError::Malformed);
        }
        let (head, sealed) = token.split_at_mut(HEAD_BYTES);
        let (id, salt) = head.split_at(1 + ID_BYTES);
        let key = self.find(&id[1..]).ok_or(OpenError::UnknownKey)?;
        let (key, nonce) = cipher(key, salt).map_err(|_| OpenError::Altered)?;
        let opened = key.open_in_place(nonce, Aad::from(&*head), sealed);
        let opened = opened.map_err(|_| OpenError::Altered)?;
        let content = zstd::bulk::decompress(opened, MOST_BYTES).ok();
        let content = content.and_then(|plain| {
            let content: Content<Owner, Continuation> = postcard::from_bytes(&plain).ok()?;
            Some(content)
        });
        // It is authentic, so another version of this program has written it.
        let Content {
            owner: found,
            state,
        } = content.ok_or(OpenError::OtherModel)?;
        if !found.has_tenant_of(owner) {
            Err(OpenError::OtherTenant)
        } else if !found.has_model_of(owner) {
            Err(OpenError::OtherModel)
        } else if found != *owner {
            Err(OpenError::OtherCustomer)
        } else {
            Ok(state)
        }
    }
}

/// The cipher of the token with a salt. Its key is used for this token alone.
fn cipher(key: &StateKey, salt: &[u8]) -> Result<(LessSafeKey, Nonce), Unspecified> {
    let derived: UnboundKey = key.derive(salt).expand(&[PURPOSE], &AES_256_GCM)?.into();
    let nonce = Nonce::assume_unique_for_key([0; ring::aead::NONCE_LEN]);
    Ok((LessSafeKey::new(derived), nonce))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use microseg_access::Tenant;
    use microseg_encoding::{Encoder, PeriodKind, Tokens};
    use microseg_history::{Identifier, Limits, Taxonomy};

    fn state() -> Continuation {
        let table = "class,title,group,mcc,source\nrent,Rent,home,6513,\n";
        let taxonomy = Arc::new(Taxonomy::from_csv(table).unwrap());
        let encoder = Encoder::new(taxonomy, PeriodKind::Month, 3, Limits::default());
        let document =
            br#"{"transactions": [{"timestamp": "2019-03-01", "amount": -3.25, "class": "rent"}]}"#;
        let tokens = Tokens {
            open: &|_, _| Err(String::new()),
            keep: true,
        };
        let read = encoder.read_continued(document, tokens);
        read.unwrap().take_continuation().unwrap()
    }

    fn owner(customer: &str, network: &str, tenant: &str) -> Owner {
        let customer = Identifier::parse(customer).unwrap();
        let tenant: Tenant = tenant.parse().unwrap();
        Owner::new(network, "e", &tenant, Some(&customer))
    }

    #[test]
    fn token_is_opened_by_its_owner_alone() {
        let keys = StateKeys::draw().unwrap();
        let own = owner("c-1", "n", "north");
        let token = keys.seal(&own, &state()).unwrap();
        assert_eq!(keys.open(&own, &token), Ok(state()));
        assert_ne!(keys.seal(&own, &state()).unwrap(), token);
        for (other, expected) in [
            (owner("c-2", "n", "north"), OpenError::OtherCustomer),
            (owner("c-1", "m", "north"), OpenError::OtherModel),
            (owner("c-1", "n", "south"), OpenError::OtherTenant),
        ] {
            assert_eq!(keys.open(&other, &token), Err(expected));
        }
        assert!(!token.contains("c-1"));
    }

    #[test]
    fn token_that_was_altered_in_any_bit_is_refused() {
        let keys = StateKeys::draw().unwrap();
        let own = owner("c-1", "n", "north");
        let token = URL_SAFE_NO_PAD
            .decode(keys.seal(&own, &state()).unwrap())
            .unwrap();
        for place in 0..token.len() {
            let mut altered = token.clone();
            altered[place] ^= 1 << (place % 8);
            let found = keys.open(&own, &URL_SAFE_NO_PAD.encode(&altered));
            assert!(found.is_err(), "{place}");
            let cut = keys.open(&own, &URL_SAFE_NO_PAD.encode(&token[..place]));
            assert!(cut.is_err(), "{place}");
        }
        for text in ["", "AQ", "ä", "AQAAAA==", &"A".repeat(LONGEST_TOKEN + 1)] {
            assert_eq!(
                keys.open(&own, text),
                Err(OpenError::Malformed),
                "{text:.9}"
            );
        }
    }

    #[test]
    fn old_key_opens_until_it_is_removed_and_the_first_one_seals() {
        let entry = |name: &str, digit: &str| format!("{name}:{}", digit.repeat(64));
        let old = StateKeys::of_list(&entry("a", "1")).unwrap();
        let both = StateKeys::of_list(&[entry("b", "2"), entry("a", "1")].join(",")).unwrap();
        let new = StateKeys::of_list(&entry("b", "2")).unwrap();
        let own = owner("c-1", "n", "north");
        let token = old.seal(&own, &state()).unwrap();
        assert_eq!(both.open(&own, &token), Ok(state()));
        assert_eq!(new.open(&own, &token), Err(OpenError::UnknownKey));
        let token = both.seal(&own, &state()).unwrap();
        assert_eq!(new.open(&own, &token), Ok(state()));
    }
}
