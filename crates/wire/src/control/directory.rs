//! Controls of a directory: one per region, signed by a threshold of root keys.
//! Its texts are public.

use crate::cbor::{array, number};
use crate::ids::{FrameId, Hash};

crate::control::bodies! {
    /// A control of a directory feed.
    pub enum DirectoryBody {
        /// Begins the region.
        Genesis(DirectoryGenesis) = 0,
        /// Lists a facility's team.
        AddFacility(AddFacility) = 1,
        /// Suspends a facility or lifts it.
        SuspendFacility(SuspendFacility) = 2,
        /// New root keys.
        RootChange(RootChange) = 3,
        /// Where the relay is and how it signs.
        Relay(Relay) = 4,
        /// The region's rules.
        Pack(Pack) = 5,
        /// A public text to everybody.
        Notice(Notice) = 6,
        /// The oldest program version that may take part.
        MinVersion(MinVersion) = 7,
    }
}

number! {
    /// What a facility is; the numbers are stored.
    pub enum FacilityType {
        /// 病院
        Hospital = 0,
        /// 診療所
        Clinic = 1,
        /// 歯科診療所
        Dental = 2,
        /// 薬局
        Pharmacy = 3,
        /// 訪問看護ステーション
        VisitingNursing = 4,
        /// 居宅介護支援事業所
        CareManagement = 5,
        /// 地域包括支援センター
        CommunityCentre = 6,
        /// 訪問介護
        HomeCare = 7,
        /// 通所介護・通所リハビリ
        DayCare = 8,
        /// 介護老人保健施設
        HealthFacility = 9,
        /// 特別養護老人ホーム
        NursingHome = 10,
        /// 訪問リハビリ
        Rehabilitation = 11,
        /// 検査センター
        Laboratory = 12,
        /// 行政・医師会・事務局
        Office = 13,
        /// その他
        Other = 14,
    }
}

array! {
    /// Begins a region; needs its own threshold of its own roots.
    pub struct DirectoryGenesis {
        /// Random, makes the feed id unique.
        pub nonce: [u8; 16],
        /// The region's name.
        pub name: String,
        /// Signatures needed, 1 … number of roots.
        pub threshold: u64,
        /// Root signing keys, ascending.
        pub roots: Vec<[u8; 32]>,
    }

    /// Lists a facility.
    pub struct AddFacility {
        /// Its name.
        pub name: String,
        /// Its public code (保険医療機関コード or 事業所番号), or empty.
        pub code: String,
        /// What it is.
        pub facility_type: FacilityType,
        /// Its team: the whole id of the team's Genesis.
        pub team: FrameId,
    }

    /// Suspends a facility or lifts the suspension. Bears on admission only.
    pub struct SuspendFacility {
        /// The whole id of the team's Genesis.
        pub team: FrameId,
        /// True to suspend, false to lift.
        pub suspended: bool,
    }

    /// New root keys, signed by a threshold of the old ones.
    pub struct RootChange {
        /// Signatures needed from now on.
        pub threshold: u64,
        /// Root signing keys, ascending.
        pub roots: Vec<[u8; 32]>,
    }

    /// Where the relay is and how it signs.
    pub struct Relay {
        /// Its addresses.
        pub urls: Vec<String>,
        /// Its head-signing key.
        pub key: [u8; 32],
    }

    /// The region's rules.
    pub struct Pack {
        /// SHA-256 of the rules' bytes.
        pub hash: Hash,
    }

    /// A public text.
    pub struct Notice {
        /// The text.
        pub text: String,
    }

    /// The oldest program that may take part.
    pub struct MinVersion {
        /// Its version, `major * 1_000_000 + minor * 1_000 + patch`.
        pub version: u64,
    }
}
