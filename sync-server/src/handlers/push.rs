//! `POST /v1/push`: frames for many feeds, one transaction per feed.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use futures_util::future::join_all;
use http::Request;
use meguri_wire::api::{HEADER_SETUP, HEADER_STORE, PushReply, PushRequest, PushResult};
use meguri_wire::cbor::Cbor;
use meguri_wire::control::{Body as ControlBody, TeamBody};
use meguri_wire::{Code, FeedId, Frame, Hash, limits};

use crate::app::App;
use crate::auth;
use crate::feeds::{Offered, Part, PartDone, Right, push_part};
use crate::metrics::Metrics;
use crate::moved;
use crate::refusal::{Answered, Cbored, Refusal};
use crate::store;

pub(crate) async fn post(State(app): State<Arc<App>>, request: Request<Body>) -> Answered<Cbored<PushReply>> {
    let sealed_for = request.headers().get(HEADER_STORE).cloned();
    let (right, push) = match request.headers().contains_key(HEADER_SETUP) {
        true => founding(&app, request).await?,
        false => {
            let (caller, asked) = auth::perhaps_strange(&app, request, limits::PUSH_BYTES_MAX).await?;
            let push = PushRequest::from_bytes(&asked.body)?;
            match caller {
                Some(caller) => {
                    app.may_store(caller.device, asked.body.len() as u64)?;
                    (Right::Device(caller), push)
                }
                None => (Right::Stranger, push),
            }
        }
    };
    // Its keys may be those of a store that was lost, and nobody could tell by the numbers of their epochs.
    if sealed_for.is_some_and(|store| store.as_bytes() != app.store_id.to_string().as_bytes()) {
        return Err(Code::Stale.into());
    }
    moved::takes_records(&app).await?;
    let (parts, order) = split(push, right, app.now_ms());
    let done = join_all(parts.into_iter().map(|part| run(&app, part))).await;
    let done = done.into_iter().collect::<Answered<Vec<PartDone>>>()?;
    let mut heads = Vec::new();
    let mut queues = Vec::new();
    for part in done {
        heads.extend(part.head);
        queues.push(part.results.into_iter());
    }
    let result = |part: usize| queues.get_mut(part).and_then(Iterator::next);
    let results: Vec<PushResult> = order.into_iter().filter_map(result).collect();
    count(&app.metrics, &results);
    Ok(Cbored(PushReply { results, heads }))
}

/// A push by a facility's first device, with the setup code. The code is looked
/// at before the body is read; one that a known device sends along means nothing.
async fn founding(app: &App, request: Request<Body>) -> Answered<(Right, PushRequest)> {
    let (parts, body) = request.into_parts();
    let from = auth::address(&parts.extensions, &parts.headers);
    let outcome = async {
        let claim = auth::claim(&parts.headers)?;
        if app.memory.teams().team_of(&claim.keyid).is_some() {
            let request = Request::from_parts(parts, body);
            let (caller, asked) = auth::signed(app, request, limits::PUSH_BYTES_MAX).await?;
            let push = PushRequest::from_bytes(&asked.body)?;
            app.may_store(caller.device, asked.body.len() as u64)?;
            return Answered::Ok((Right::Device(caller), push));
        }
        let given = setup_hash(auth::header(&parts.headers, HEADER_SETUP).unwrap_or_default());
        let identity = store::read(app.store.as_ref(), |rows| rows.identity()).await?;
        if identity.setup_code_hash != Some(given) {
            return Err(Code::NotSponsored.into());
        }
        let asked = auth::read(app, parts, body, limits::PUSH_BYTES_MAX).await?;
        let push = PushRequest::from_bytes(&asked.body)?;
        let key = first_key(&push).ok_or(Code::NotSponsored)?;
        asked.verify(app, &claim, &key)?;
        Ok((Right::Setup(claim.keyid), push))
    };
    outcome.await.map_err(|refusal| auth::counted(app, from, refusal))
}

/// What the store keeps of a setup code. Spaces and dashes do not count.
pub(crate) fn setup_hash(code: &str) -> Hash {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    Hash::of(plain.to_ascii_uppercase().as_bytes())
}

/// The signing key in the team Genesis that a first device brings.
fn first_key(push: &PushRequest) -> Option<[u8; 32]> {
    push.frames.iter().find_map(|offered| {
        let frame = Frame::decode(&offered.frame).ok()?;
        match &frame.control()?.body {
            ControlBody::Team(TeamBody::Genesis(body)) => Some(body.keys.signing_key),
            ControlBody::Team(_) | ControlBody::Directory(_) | ControlBody::Space(_) | ControlBody::Unknown { .. } => {
                None
            }
        }
    })
}

/// The parts in order of first appearance, and which part each frame went to.
fn split(push: PushRequest, right: Right, now_ms: u64) -> (Vec<Part>, Vec<usize>) {
    let mut parts: Vec<Part> = Vec::new();
    let mut at: HashMap<Option<FeedId>, usize> = HashMap::new();
    let mut order = Vec::new();
    for offered in push.frames {
        let frame = Frame::decode_owned(offered.frame);
        let feed = frame.as_ref().ok().map(Frame::feed);
        let index = *at.entry(feed).or_insert_with(|| {
            let feed = feed.unwrap_or_default();
            parts.push(Part { feed, right, offered: Vec::new(), now_ms });
            parts.len() - 1
        });
        if let Some(part) = parts.get_mut(index) {
            part.offered.push(Offered { frame, attachments: offered.attachments });
        }
        order.push(index);
    }
    (parts, order)
}

async fn run(app: &Arc<App>, part: Part) -> Answered<PartDone> {
    let (memory, signer, bounds) = (app.memory.clone(), app.signer.clone(), app.bounds());
    let done = store::write(app.store.as_ref(), move |tx| push_part(tx, &memory, signer.as_ref(), bounds, &part));
    Ok(done.await?)
}

fn count(metrics: &Metrics, results: &[PushResult]) {
    for result in results {
        let counter = match result {
            PushResult::Accepted { .. } => &metrics.frames_accepted,
            PushResult::Quarantined => &metrics.frames_late,
            PushResult::Refused(error) => {
                tracing::info!(code = error.code.text(), "frame refused");
                &metrics.frames_refused
            }
            PushResult::Skipped => &metrics.frames_refused,
        };
        Metrics::add(counter, 1);
    }
}

/// Takes a directory record from the operator.
pub(crate) async fn bring_in(app: &Arc<App>, raw: Vec<u8>) -> Answered<()> {
    let frame = Frame::decode(&raw)?;
    let part = Part {
        feed: frame.feed(),
        right: Right::Operator,
        offered: vec![Offered { frame: Ok(frame), attachments: Vec::new() }],
        now_ms: app.now_ms(),
    };
    let done = run(app, part).await?;
    match done.results.into_iter().next() {
        Some(PushResult::Accepted { .. }) => Ok(()),
        Some(PushResult::Refused(error)) => Err(Refusal { error, retry_after_s: None }),
        Some(PushResult::Quarantined | PushResult::Skipped) | None => Err(Code::BadRequest.into()),
    }
}
