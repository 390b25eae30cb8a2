//! Who signed a request (RFC 9421), over a fresh nonce of ours.

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Request, request};
use http_body_util::{BodyExt, Limited};
use meguri_wire::request::{
    Claim, HEADER_DIGEST, HEADER_INPUT, HEADER_SIGNATURE, Parts, content_digest, read_claim, verify_request,
};
use meguri_wire::{Code, nonce};

use crate::app::App;
use crate::feeds::rights::Caller;
use crate::refusal::Answered;

/// A request with its body, read up to a limit.
pub struct Asked {
    /// Method, address and headers.
    pub parts: request::Parts,
    /// The body.
    pub body: Bytes,
}

/// Reads a body.
///
/// # Errors
/// `too_large`, or `bad_request` when it breaks off.
pub async fn read(request: Request<Body>, bytes_max: usize) -> Answered<Asked> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, bytes_max).collect().await.map_err(|error| {
        if error.is::<http_body_util::LengthLimitError>() { Code::TooLarge } else { Code::BadRequest }
    })?;
    Ok(Asked { parts, body: body.to_bytes() })
}

/// A header's text.
pub fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

impl Asked {
    /// The unverified claim of who signed.
    ///
    /// # Errors
    /// `bad_request`.
    pub fn claim(&self) -> Result<Claim, Code> {
        let headers = &self.parts.headers;
        let input = header(headers, HEADER_INPUT).ok_or(Code::BadRequest)?;
        let signature = header(headers, HEADER_SIGNATURE).ok_or(Code::BadRequest)?;
        read_claim(input, signature, headers.contains_key(HEADER_DIGEST))
    }

    /// Checks nonce, digest and signature under a key.
    ///
    /// # Errors
    /// `stale_nonce`, `bad_signature`, `bad_request`.
    pub fn verify(&self, app: &App, claim: &Claim, key: &[u8; 32]) -> Result<(), Code> {
        let digest = header(&self.parts.headers, HEADER_DIGEST);
        if digest.is_none() && !self.body.is_empty() {
            return Err(Code::BadRequest);
        }
        if digest.is_some_and(|digest| digest != content_digest(&self.body)) {
            return Err(Code::BadSignature);
        }
        let uri = &self.parts.uri;
        let parts = Parts {
            method: self.parts.method.as_str(),
            authority: &app.settings.authority,
            path: uri.path(),
            query: uri.query().unwrap_or_default(),
            body: digest.map(|_| self.body.as_ref()),
        };
        verify_request(claim, &parts, key)?;
        nonce::check_nonce(&app.nonce_key, app.now_ms(), &claim.nonce)
    }

    /// The device that signed.
    ///
    /// # Errors
    /// `unknown_author`, `stale_nonce`, `bad_signature`, `bad_request`, `rate`.
    pub fn caller(&self, app: &App) -> Result<Caller, Code> {
        let claim = self.claim()?;
        let (caller, key) = {
            let teams = app.memory.teams();
            let team = teams.team_of(&claim.keyid).ok_or(Code::UnknownAuthor)?;
            let device = team.device(&claim.keyid).ok_or(Code::UnknownAuthor)?;
            let removed = device.removed.as_ref().map(|removal| removal.cseq);
            let caller = Caller { device: claim.keyid, team: team.id(), removed };
            (caller, device.keys.signing_key)
        };
        self.verify(app, &claim, &key)?;
        if app.may_ask(caller.device) { Ok(caller) } else { Err(Code::Rate) }
    }
}

/// A signed request by an active device, with its body.
///
/// # Errors
/// As [`Asked::caller`], and `removed`.
pub async fn active(app: &App, request: Request<Body>, bytes_max: usize) -> Answered<(Caller, Asked)> {
    let asked = read(request, bytes_max).await?;
    let caller = asked.caller(app)?;
    caller.active()?;
    Ok((caller, asked))
}

/// One value of a query.
pub fn query<'q>(parts: &'q request::Parts, name: &str) -> Option<&'q str> {
    let pairs = parts.uri.query().unwrap_or_default().split('&');
    pairs.filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, v)| v)
}
