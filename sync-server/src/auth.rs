//! Who signed a request (RFC 9421), over a fresh nonce of ours. Claim, device and
//! nonce are looked at before a body is read, so strangers cannot make the relay
//! read one.

use std::net::IpAddr;
use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Request, header, request};
use http_body_util::BodyExt;
use meguri_wire::request::{
    Claim, HEADER_DIGEST, HEADER_INPUT, HEADER_SIGNATURE, Parts, content_digest, read_claim, verify_request,
};
use meguri_wire::{Code, nonce};

use crate::app::App;
use crate::feeds::rights::Caller;
use crate::rates::Peer;
use crate::refusal::{Answered, Refusal};

/// A request with its body, read up to a limit.
pub struct Asked {
    /// Method, address and headers.
    pub parts: request::Parts,
    /// The body.
    pub body: Bytes,
}

/// Reads a body; one that says it is too large is refused unread. Nothing is ever
/// unpacked here, so no small body becomes a large one.
///
/// # Errors
/// `too_large`, or `bad_request` when it is packed, breaks off or stands still.
pub async fn read(app: &App, parts: request::Parts, body: Body, bytes_max: usize) -> Answered<Asked> {
    let packed = header(&parts.headers, header::CONTENT_ENCODING.as_str()).is_some_and(|how| how != "identity");
    if packed {
        return Err(Code::BadRequest.into());
    }
    let least = usize::try_from(hyper::body::Body::size_hint(&body).lower()).unwrap_or(usize::MAX);
    if least > bytes_max {
        return Err(Code::TooLarge.into());
    }
    let body = read_on(body, Duration::from_millis(app.settings.body_idle_ms), least, bytes_max).await?;
    Ok(Asked { parts, body })
}

async fn read_on(mut body: Body, idle: Duration, least: usize, bytes_max: usize) -> Result<Bytes, Code> {
    let mut whole = BytesMut::with_capacity(least);
    loop {
        let frame = tokio::time::timeout(idle, body.frame()).await.map_err(|_| Code::BadRequest)?;
        let Some(frame) = frame else {
            return Ok(whole.freeze());
        };
        let Ok(data) = frame.map_err(|_| Code::BadRequest)?.into_data() else {
            continue;
        };
        if whole.len().saturating_add(data.len()) > bytes_max {
            return Err(Code::TooLarge);
        }
        whole.extend_from_slice(&data);
    }
}

/// A header's text.
pub fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The network address a request counts for; none in process.
pub fn address(extensions: &http::Extensions, headers: &HeaderMap) -> Option<IpAddr> {
    let forwarded = header(headers, "x-forwarded-for");
    extensions.get::<Peer>().map(|peer| peer.counted(forwarded))
}

/// The unverified claim of who signed.
///
/// # Errors
/// `bad_request`.
pub fn claim(headers: &HeaderMap) -> Result<Claim, Code> {
    let input = header(headers, HEADER_INPUT).ok_or(Code::BadRequest)?;
    let signature = header(headers, HEADER_SIGNATURE).ok_or(Code::BadRequest)?;
    read_claim(input, signature, headers.contains_key(HEADER_DIGEST))
}

/// A device that a request claims to come from, not verified yet.
struct Claimed {
    claim: Claim,
    caller: Caller,
    key: [u8; 32],
}

/// What can be said before the body is read.
fn claimed(app: &App, parts: &request::Parts) -> Result<Claimed, Code> {
    let claim = claim(&parts.headers)?;
    let teams = app.memory.teams();
    let team = teams.team_of(&claim.keyid).ok_or(Code::UnknownAuthor)?;
    let device = team.device(&claim.keyid).ok_or(Code::UnknownAuthor)?;
    nonce::check_nonce(&app.nonce_key, app.now_ms(), &claim.nonce)?;
    let removed = device.removed.as_ref().map(|removal| removal.cseq);
    let caller = Caller { device: claim.keyid, team: team.id(), removed };
    Ok(Claimed { key: device.keys.signing_key, claim, caller })
}

impl Asked {
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
}

/// A signed request by a known device, removed or not, with its body.
///
/// # Errors
/// `unknown_author`, `stale_nonce`, `bad_signature`, `bad_request`, `too_large`, `rate`.
pub async fn signed(app: &App, request: Request<Body>, bytes_max: usize) -> Answered<(Caller, Asked)> {
    let (parts, body) = request.into_parts();
    let from = address(&parts.extensions, &parts.headers);
    let outcome = async {
        let known = claimed(app, &parts)?;
        let asked = read(app, parts, body, bytes_max).await?;
        asked.verify(app, &known.claim, &known.key)?;
        Answered::Ok((known.caller, asked))
    };
    let (caller, asked) = outcome.await.map_err(|refusal| counted(app, from, refusal))?;
    app.may_ask(caller.device)?;
    Ok((caller, asked))
}

/// As [`signed`]; while the store is rebuilt also a request of a device that is not known yet, as `None`. Nothing is
/// said by its signature: what it brings proves itself, what it asks for is public. It counts for its address.
///
/// # Errors
/// As [`signed`].
pub async fn perhaps_strange(app: &App, request: Request<Body>, bytes_max: usize) -> Answered<(Option<Caller>, Asked)> {
    let strange = claim(request.headers()).is_ok_and(|claim| app.memory.teams().team_of(&claim.keyid).is_none());
    if !strange || !app.is_rebuilding() {
        return signed(app, request, bytes_max).await.map(|(caller, asked)| (Some(caller), asked));
    }
    let (parts, body) = request.into_parts();
    if let Some(from) = address(&parts.extensions, &parts.headers) {
        app.may_ask_unsigned(from)?;
    }
    Ok((None, read(app, parts, body, bytes_max).await?))
}

/// A wrongly signed request counts for its address, and in the end is told so.
pub fn counted(app: &App, from: Option<IpAddr>, refusal: Refusal) -> Refusal {
    let guess = [Code::BadRequest, Code::BadSignature, Code::UnknownAuthor, Code::NotSponsored];
    match from {
        Some(from) if guess.contains(&refusal.error.code) => app.may_ask_unsigned(from).err().unwrap_or(refusal),
        Some(_) | None => refusal,
    }
}

/// A signed request by an active device, with its body.
///
/// # Errors
/// As [`signed`], and `removed`.
pub async fn active(app: &App, request: Request<Body>, bytes_max: usize) -> Answered<(Caller, Asked)> {
    let (caller, asked) = signed(app, request, bytes_max).await?;
    caller.active()?;
    Ok((caller, asked))
}

/// One value of a query.
pub fn query<'q>(parts: &'q request::Parts, name: &str) -> Option<&'q str> {
    let pairs = parts.uri.query().unwrap_or_default().split('&');
    pairs.filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, v)| v)
}
