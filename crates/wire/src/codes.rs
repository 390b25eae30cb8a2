//! The closed list of what can go wrong on the wire. Screens own the words.

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $status:literal;)*) => {
        /// A refusal, with a stable text used in replies, logs and screens.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
        pub enum Code { $($(#[$doc])* #[error($text)] $variant,)* }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];

            /// The stable text.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Code::$variant => $text,)* }
            }

            /// The HTTP status when the code refuses a whole request.
            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(Code::$variant => $status,)* }
            }
        }
    };
}

codes! {
    /// Not the one deterministic encoding of a known shape.
    BadBytes = "bad_bytes", 400;
    /// A signature that does not verify, or a key of small order.
    BadSignature = "bad_signature", 401;
    /// The author is in no member team's feed.
    UnknownAuthor = "unknown_author", 403;
    /// `dseq` or `cseq` leaves a hole.
    Gap = "gap", 409;
    /// Same `dseq`, other id, one store: a cloned installation.
    ChainConflict = "chain_conflict", 409;
    /// Same `dseq`, other id, another store: the one in the feed stands.
    Superseded = "superseded", 409;
    /// `prev_item_hash` is not the id of the author's last item.
    BadPrevious = "bad_previous", 409;
    /// Not the newest epoch, or a rotation is owed (admission).
    EpochOld = "epoch_old", 409;
    /// An epoch this feed does not have.
    EpochUnknown = "epoch_unknown", 409;
    /// Another control took this place: pull, then sign again.
    Stale = "stale", 409;
    /// The author's device, person or team was removed.
    Removed = "removed", 403;
    /// The author was removed as compromised; not even quarantine takes it.
    Compromised = "compromised", 403;
    /// The space is archived.
    Archived = "archived", 409;
    /// The facility is suspended in the directory (admission).
    Suspended = "suspended", 403;
    /// The team is not listed in the directory.
    NotListed = "not_listed", 403;
    /// The role does not allow this.
    RoleTooLow = "role_too_low", 403;
    /// The team is no member of the space.
    NotMember = "not_member", 403;
    /// Already so: the member, device or person exists, the Fault was raised.
    AlreadySo = "already_so", 409;
    /// What the control names does not exist.
    UnknownTarget = "unknown_target", 409;
    /// An id that was removed is never added again.
    RemovedForEver = "removed_for_ever", 409;
    /// Recipients are not exactly those the rule demands.
    BadRecipients = "bad_recipients", 409;
    /// Cited heads are not exactly the member teams, go back, or name another frame.
    BadHeads = "bad_heads", 409;
    /// The next number is another (`n`, `gen`).
    BadNumber = "bad_number", 409;
    /// Nothing is owed, so only a manager may rotate.
    NotOwed = "not_owed", 409;
    /// A member or key cannot be added before the first Epoch.
    NoEpoch = "no_epoch", 409;
    /// The team would have no active admin.
    NoAdmin = "no_admin", 409;
    /// The Kit was used or replaced, or did something other than add one admin.
    KitSpent = "kit_spent", 409;
    /// Fewer root signatures than the threshold, or keys that are no roots.
    BelowThreshold = "below_threshold", 403;
    /// The kind does not belong into this feed or place.
    WrongFeed = "wrong_feed", 400;
    /// An expiry that is missing, in the past or too far away.
    BadExpiry = "bad_expiry", 409;
    /// A limit of `limits` is exceeded.
    TooLarge = "too_large", 413;
    /// A version or critical kind this program does not know.
    VersionTooOld = "version_too_old", 426;
    /// An envelope or KEM key named by the record is missing.
    MissingAttachment = "missing_attachment", 409;
    /// A blob named by the item is not stored.
    MissingBlob = "missing_blob", 409;
    /// The byte quota is used up (admission).
    Quota = "quota", 507;
    /// Too many requests (admission).
    Rate = "rate", 429;
    /// The nonce is too old: the reply carries a fresh one.
    StaleNonce = "stale_nonce", 401;
    /// The request is not signed as RFC 9421 asks here.
    BadRequest = "bad_request", 400;
    /// No such thing, or not for you.
    NotFound = "not_found", 404;
    /// May not be done by this device.
    Forbidden = "forbidden", 403;
    /// An earlier frame of the same feed in this push was refused.
    Skipped = "skipped", 409;
    /// A bootstrap without or with a wrong setup code or sponsor.
    NotSponsored = "not_sponsored", 403;
    /// The mailbox is unknown, over, or its ten minutes are.
    MailboxGone = "mailbox_gone", 410;
    /// The slot was written already.
    MailboxTaken = "mailbox_taken", 409;
    /// The other side may not write this slot.
    MailboxSide = "mailbox_side", 403;
    /// Content does not match its hash.
    HashMismatch = "hash_mismatch", 422;
    /// The part does not continue at the offset reached.
    BadOffset = "bad_offset", 416;
    /// The store failed; try again.
    Storage = "storage", 503;
}

impl std::str::FromStr for Code {
    type Err = Code;
    /// An unknown text is [`Code::BadBytes`].
    fn from_str(text: &str) -> Result<Self, Code> {
        Code::ALL.iter().copied().find(|code| code.text() == text).ok_or(Code::BadBytes)
    }
}

impl crate::cbor::Cbor for Code {
    fn put(&self, out: &mut crate::cbor::Out) {
        out.text(self.text());
    }
    fn take(input: &mut crate::cbor::In<'_>) -> Result<Self, Code> {
        input.text()?.parse()
    }
}
