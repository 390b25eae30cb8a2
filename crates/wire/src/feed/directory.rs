//! The directory's rules: a threshold of the roots of the state before.

use std::collections::BTreeMap;

use crate::cbor::array;
use crate::codes::Code;
use crate::control::{Body, DirectoryBody, FacilityType, Listing, Relay};
use crate::cose::Signatures;
use crate::feed::{Stop, chained, ensure, hash_at};
use crate::frame::{Control, Frame, Payload};
use crate::ids::{FeedId, FrameId, Hash, TeamId, key_id};
use crate::sign::check_key;

array! {
    /// A facility as the directory lists it.
    pub struct ListedFacility {
        /// The whole id of its team's Genesis.
        pub team: FrameId,
        /// Its name.
        pub name: String,
        /// Its public code.
        pub code: String,
        /// What it is.
        pub facility_type: FacilityType,
        /// Whether it is suspended now.
        pub suspended: bool,
        /// The newest record that lists it.
        pub listing: Listing,
    }

    /// A directory after its controls so far.
    pub struct DirectoryState {
        /// The ids of its controls, in order.
        pub hashes: Vec<FrameId>,
        /// The region's name.
        pub name: String,
        /// Signatures needed for the next control.
        pub threshold: u64,
        /// Root keys for the next control.
        pub roots: Vec<[u8; 32]>,
        /// Facilities by team.
        pub facilities: BTreeMap<TeamId, ListedFacility>,
        /// Every listing record: its place and team.
        pub listings: BTreeMap<u64, TeamId>,
        /// Where the relay is.
        pub relay: Option<Relay>,
        /// The region's rules.
        pub pack: Option<Hash>,
        /// The newest public text.
        pub notice: Option<String>,
        /// The oldest program version that may take part.
        pub min_version: u64,
    }
}

/// A checked directory control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryStep {
    id: FrameId,
    cseq: u64,
    body: Body,
}

impl DirectoryState {
    /// Checks a directory Genesis, signed by its own threshold of its own roots.
    ///
    /// # Errors
    /// [`Stop::Invalid`].
    pub fn begin(frame: &Frame) -> Result<Self, Stop> {
        let Payload::Control(Control { body: Body::Directory(DirectoryBody::Genesis(body)), .. }) = &frame.payload
        else {
            return Err(Code::WrongFeed.into());
        };
        check_roots(body.threshold, &body.roots)?;
        check_threshold(frame, body.threshold, &body.roots)?;
        Ok(Self {
            hashes: vec![frame.id],
            name: body.name.clone(),
            threshold: body.threshold,
            roots: body.roots.clone(),
            facilities: BTreeMap::new(),
            listings: BTreeMap::new(),
            relay: None,
            pack: None,
            notice: None,
            min_version: 0,
        })
    }

    /// The feed.
    #[must_use]
    pub fn feed(&self) -> FeedId {
        self.hashes.first().map(FrameId::feed).unwrap_or_default()
    }

    /// The number of the last control.
    #[must_use]
    pub fn tip(&self) -> u64 {
        self.hashes.len() as u64
    }

    /// The id of a control.
    #[must_use]
    pub fn hash_at(&self, cseq: u64) -> Option<&FrameId> {
        hash_at(&self.hashes, cseq)
    }

    /// Whether `listing` is a record here that lists `team`.
    #[must_use]
    pub fn lists(&self, listing: &Listing, team: &TeamId) -> bool {
        self.hash_at(listing.cseq) == Some(&listing.hash) && self.listings.get(&listing.cseq) == Some(team)
    }

    /// Checks the next control.
    ///
    /// # Errors
    /// [`Stop`].
    pub fn check(&self, frame: &Frame) -> Result<DirectoryStep, Stop> {
        let control = chained(frame, &self.feed(), &self.hashes)?;
        check_threshold(frame, self.threshold, &self.roots)?;
        match &control.body {
            Body::Directory(DirectoryBody::SuspendFacility(body)) => {
                let listed = self.facilities.get(&body.team.feed());
                let listed = listed.ok_or(Code::UnknownTarget)?;
                ensure(listed.team == body.team, Code::UnknownTarget)?;
                ensure(listed.suspended != body.suspended, Code::AlreadySo)?;
            }
            Body::Directory(DirectoryBody::RootChange(body)) => {
                check_roots(body.threshold, &body.roots)?;
            }
            Body::Directory(DirectoryBody::Relay(body)) => check_key(&body.key)?,
            Body::Directory(
                DirectoryBody::AddFacility(_)
                | DirectoryBody::Pack(_)
                | DirectoryBody::Notice(_)
                | DirectoryBody::MinVersion(_),
            ) => {}
            Body::Unknown { .. } => {
                ensure(!control.body.is_critical_unknown(), Code::VersionTooOld)?;
            }
            Body::Directory(DirectoryBody::Genesis(_)) | Body::Team(_) | Body::Space(_) => {
                return Err(Code::WrongFeed.into());
            }
        }
        Ok(DirectoryStep { id: frame.id, cseq: control.cseq, body: control.body.clone() })
    }

    /// Applies a step this state has checked.
    pub fn apply(&mut self, step: DirectoryStep) {
        self.hashes.push(step.id);
        let Body::Directory(body) = step.body else {
            return;
        };
        match body {
            DirectoryBody::AddFacility(body) => {
                let team = body.team.feed();
                let suspended = self.facilities.get(&team).is_some_and(|f| f.suspended);
                self.listings.insert(step.cseq, team);
                self.facilities.insert(
                    team,
                    ListedFacility {
                        team: body.team,
                        name: body.name,
                        code: body.code,
                        facility_type: body.facility_type,
                        suspended,
                        listing: Listing { cseq: step.cseq, hash: step.id },
                    },
                );
            }
            DirectoryBody::SuspendFacility(body) => {
                if let Some(facility) = self.facilities.get_mut(&body.team.feed()) {
                    facility.suspended = body.suspended;
                }
            }
            DirectoryBody::RootChange(body) => {
                self.threshold = body.threshold;
                self.roots = body.roots;
            }
            DirectoryBody::Relay(body) => self.relay = Some(body),
            DirectoryBody::Pack(body) => self.pack = Some(body.hash),
            DirectoryBody::Notice(body) => self.notice = Some(body.text),
            DirectoryBody::MinVersion(body) => self.min_version = body.version,
            DirectoryBody::Genesis(_) => {}
        }
    }
}

fn check_roots(threshold: u64, roots: &[[u8; 32]]) -> Result<(), Stop> {
    let ascending = roots.iter().zip(roots.iter().skip(1)).all(|(a, b)| a < b);
    let count = roots.len() as u64;
    ensure(ascending && threshold >= 1 && threshold <= count, Code::BelowThreshold)?;
    for root in roots {
        check_key(root)?;
    }
    Ok(())
}

/// Every signature is by a distinct root and verifies, and there are enough.
fn check_threshold(frame: &Frame, threshold: u64, roots: &[[u8; 32]]) -> Result<(), Stop> {
    let Signatures::Many(all) = &frame.signatures else {
        return Err(Code::WrongFeed.into());
    };
    let by_kid: BTreeMap<[u8; 16], &[u8; 32]> = roots.iter().map(|root| (key_id(root).0, root)).collect();
    ensure(all.len() as u64 >= threshold, Code::BelowThreshold)?;
    for (kid, _) in all {
        let root = by_kid.get(kid).ok_or(Code::BelowThreshold)?;
        frame.verify_root(root)?;
    }
    Ok(())
}
