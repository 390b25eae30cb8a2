//! A refused request: a code, its parameters, and the right status.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use meguri_wire::Code;
use meguri_wire::api::{ErrorBody, MEDIA_TYPE};
use meguri_wire::cbor::Cbor;

use crate::store::StoreError;

/// Why a whole request is refused.
#[derive(Debug)]
pub struct Refusal(pub ErrorBody);

/// Result of a handler.
pub type Answered<T> = Result<T, Refusal>;

impl Refusal {
    /// With one parameter.
    #[must_use]
    pub fn with(code: Code, name: &str, value: impl ToString) -> Self {
        Self(ErrorBody { code, params: vec![(name.to_owned(), value.to_string())] })
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self(ErrorBody::of(code))
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
        let status = StatusCode::from_u16(self.0.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        tracing::debug!(code = self.0.code.text(), "refused");
        (status, Cbored(self.0)).into_response()
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
