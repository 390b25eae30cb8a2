//! A refused request: a code, its parameters, and the right status.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use meguri_wire::Code;
use meguri_wire::api::{ErrorBody, MEDIA_TYPE};
use meguri_wire::cbor::Cbor;

use crate::rates::Later;
use crate::store::StoreError;

/// After a failure of the store, seconds.
const STORAGE_AGAIN_S: u64 = 5;
/// After too many requests, where nothing better is known, seconds.
const RATE_AGAIN_S: u64 = 1;

/// Why a whole request is refused.
#[derive(Debug)]
pub struct Refusal {
    /// Code and parameters, as sent.
    pub error: ErrorBody,
    /// The `retry-after` header, seconds.
    pub retry_after_s: Option<u64>,
}

/// Result of a handler.
pub type Answered<T> = Result<T, Refusal>;

impl Refusal {
    /// With one parameter.
    #[must_use]
    pub fn with(code: Code, name: &str, value: impl ToString) -> Self {
        let mut refusal = Self::from(code);
        refusal.error.params.push((name.to_owned(), value.to_string()));
        refusal
    }

    /// To be tried again then.
    #[must_use]
    pub fn later(code: Code, later: Later) -> Self {
        Self { error: ErrorBody::of(code), retry_after_s: Some(later.after_s) }
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        let retry_after_s = if code == Code::Rate {
            Some(RATE_AGAIN_S)
        } else if code == Code::Storage {
            Some(STORAGE_AGAIN_S)
        } else {
            None
        };
        Self { error: ErrorBody::of(code), retry_after_s }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        tracing::error!(code = %error, "storage");
        Code::Storage.into()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let code = self.error.code;
        let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Cbored(self.error)).into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(code);
        response
    }
}

/// A reply body in CBOR.
pub struct Cbored<T>(pub T);

impl<T: Cbor> IntoResponse for Cbored<T> {
    fn into_response(self) -> Response {
        let kind = HeaderValue::from_static(MEDIA_TYPE);
        ([(header::CONTENT_TYPE, kind)], self.0.to_bytes()).into_response()
    }
}
