// Generated from crates/commands by `commands-generate`. Do not edit.

/** Milliseconds UTC since 1970. */
export type Ms = number
/** Exactly as entered, "36.50". */
export type Decimal = string
export type Instant = {
/** Milliseconds UTC since 1970. */ ms: number,
/** Offset from UTC in minutes. */ zoneMin: number, };
export type ErrorBody = {
/** [`Code::text`]. */ code: string,
/** See [`Failure::params`]. */ params: { [key in string]: string }, };
export type PersonRef = {
/** Staff id, hex. */ staffId: string,
/** Name on their card; empty while no card has arrived. */ name: string,
/** Profession code (vocabulary C.3). */ profession: string,
/** Team id, hex. */ facilityId: string,
/** The facility's name in the directory. */ facility: string,
/** The person of this profile. */ isMe: boolean, };
export type EntryStatus = "confirmed" | "pending" | "struck" | "late" | "tampered" | "amended" | "voided";
export type DeliveryState = "only-here" | "sent" | "partly" | "everyone";
export type Delivery = {
/** In a word. */ state: DeliveryState,
/** Facilities that have it. */ have: Array<string>,
/** Facilities that lack it. */ lack: Array<string>, };
export type TimelineEntry = {
/** Entry id. */ id: string,
/** Patient id. */ patientId: string,
/** Space id, hex. */ spaceId: string,
/** Stored tag of the kind. */ kind: string,
/** Clinical time. */ at: Instant,
/** When it was written. */ writtenAt: Instant,
/** When the relay took it. */ receivedAt: number | null,
/** Who signed it. */ author: PersonRef,
/** For whom it was written. */ onBehalfOf: PersonRef | null,
/** What stands against it. */ status: EntryStatus,
/** The visit it belongs to. */ visitId: string | null,
/** One line. */ title: string,
/** JSON of the kind; null when unknown. */ body: unknown,
/** The kind is newer than this app. */ unknownKind: boolean,
/** Not seen by me yet. */ isNew: boolean,
/** How far it has gone. */ delivery: Delivery,
/** The entry this one corrects or withdraws. */ amends: string | null,
/** The entry that corrected or withdrew this one. */ amendedBy: string | null,
/** Reason of correction or withdrawal. */ reason: string | null,
/** Who struck it through, when and why. */ strike?: Strike,
/** True when others could read the chart for hours with what was written after this entry, and without it. */ arrivedLate?: boolean,
/** True while a picture of the entry has not arrived; it is fetched by itself. */ blobMissing?: boolean, };
export type NameParts = {
/** 姓 */ family: string,
/** 名 */ given: string, };
export type Sex = "male" | "female" | "other" | "unknown";
export type LocalId = {
/** Facility name or code. */ facility: string,
/** The number there. */ id: string, };
export type SimilarPatient = {
/** Patient id. */ patientId: string,
/** Family and given name. */ name: string, };
export type PatientRow = {
/** Patient id. */ patientId: string,
/** Kanji. */ name: NameParts,
/** Kana. */ kana: NameParts,
/** `YYYY-MM-DD`, partial allowed. */ birthDate: string,
/** Sex. */ sex: Sex,
/** Numbers at facilities. */ localIds: Array<LocalId>,
/** Patients easily confused with this one. */ similar: Array<SimilarPatient>,
/** Newest clinical time. */ lastEntryAt: number | null,
/** Entries not seen yet. */ newCount: number,
/** Entries that have not left this device. */ unsentCount: number,
/** Fields of which two people wrote different values at once; a person chooses. */ conflicts: number, };
export type ThresholdRow = {
/** State id. */ id: string,
/** Measure key (vocabulary C.1). */ measure: string,
/** Lower limit as entered. */ low: Decimal | null,
/** Upper limit as entered. */ high: Decimal | null,
/** Why. */ reason: string, };
export type PatientHeader = {
/** Address. */ address: string,
/** Telephone. */ phone: string,
/** Personal limits. */ thresholds: Array<ThresholdRow>,
/** Keys of state that a struck change wrote last: their previous values are offered. */ struck: Array<string>,
/** Patient id. */ patientId: string,
/** Kanji. */ name: NameParts,
/** Kana. */ kana: NameParts,
/** `YYYY-MM-DD`, partial allowed. */ birthDate: string,
/** Sex. */ sex: Sex,
/** Numbers at facilities. */ localIds: Array<LocalId>,
/** Patients easily confused with this one. */ similar: Array<SimilarPatient>,
/** Newest clinical time. */ lastEntryAt: number | null,
/** Entries not seen yet. */ newCount: number,
/** Entries that have not left this device. */ unsentCount: number,
/** Fields of which two people wrote different values at once; a person chooses. */ conflicts: number, };
export type SyncState = "up-to-date" | "sending" | "offline" | "waiting" | "rotation-owed" | "removed" | "late-items" | "parked" | "history-being-checked" | "relay-reset" | "rollback" | "fork" | "chain-conflict" | "blob-missing" | "quota" | "version-too-old" | "clock-wrong";
export type SyncStatus = {
/** The state. */ state: SyncState,
/** Its parameters. */ params: { [key in string]: string },
/** Entries that have not left this device. */ unsent: number,
/** Entries whose picture has not arrived. */ picturesMissing: number,
/** Charts whose key this team still has to renew. */ rotations: number,
/** Decisions of an administrator that are not so yet. */ pending: number,
/** What this device sent and a manager has to let in first. */ quarantined: number,
/** Newest frame taken by the relay that is here. */ lastReceivedMs: number | null,
/** Last answer of the relay. */ lastContactMs: number | null,
/** Last frame of anybody else. */ lastHeardFromOthersMs: number | null, };
export type Severity = "refuse" | "ask";
export type Finding = {
/** How strongly. */ severity: Severity,
/** Stable code. */ code: string,
/** The field. */ field: string,
/** Words to fill in. */ params: { [key in string]: string }, };
export type Draft = {
/** Draft id. */ id: string,
/** Patient id. */ patientId: string,
/** Visit id. */ visitId: string,
/** Stored tag of the kind. */ kind: string,
/** JSON of the kind, possibly incomplete. */ body: unknown,
/** Last change. */ updatedAt: number, };
export type EnrolState = "waiting" | "compare" | "finishing" | "done" | "expired";
export type SpaceRole = "manager" | "writer" | "reader";
export type RemoveReason = "lost" | "retired" | "compromised";
export type Decided = {
/** It is so; otherwise it is kept and carried out as soon as the relay can be reached. */ done: boolean,
/** Why it can never be, a code. */ refused: string | null, };
export type StrikeReason = "other-hand" | "other-patient" | "untrue" | "other";
export type Strike = {
/** Who decided. */ by: PersonRef | null,
/** When the relay took it. */ at: number,
/** Why. */ reason: StrikeReason | null, };
export type StrikeReach = "entry" | "since" | "all";
export type Demo = {
/** Passphrase. */ passphrase: string,
/** PIN. */ pin: string, };
export type Removed = {
/** When the relay took it, ms UTC. */ atMs: number,
/** Why. */ reason: RemoveReason,
/** Items that were handed in. */ handedIn: number,
/** Items that are still only here; the profile is kept, locked, until there are none. */ left: number, };
export type Today = {
/** The patient. */ patient: PatientRow,
/** Newest entry of today. */ at: Instant | null,
/** Written, and no draft waits. */ done: boolean,
/** Drafts: a visit begun and not signed. */ drafts: number,
/** Entries that have not left this device. */ unsent: number, };
export type Waiting = {
/** Fields of which two people wrote different values at once; a person chooses. */ conflicts: number,
/** Entries that have not left this device. */ unsent: number,
/** Drafts. */ drafts: number,
/** Entries whose picture has not arrived. */ picturesMissing: number, };
export type Unsent = {
/** The patient. */ patient: PatientRow,
/** Confirmed entries. */ entries: Array<TimelineEntry>,
/** Drafts. */ drafts: Array<Draft>, };
export type Before = {
/** Clinical time of the last line. */ at: number,
/** Its entry id. */ id: string, };
export type Facility = {
/** Team id, hex. */ id: string,
/** Name. */ name: string, };
export type Point = {
/** Clinical time. */ at: number,
/** For drawing alone. */ value: number,
/** As entered. */ text: Decimal,
/** Measured by the family. */ family: boolean,
/** The entry. */ entryId: string, };
export type Usual = {
/** Tenth percentile. */ low: number,
/** Ninetieth percentile. */ high: number,
/** Median. */ median: number, };
export type Series = {
/** Measure key. */ key: string,
/** Unit. */ unit: string,
/** Oldest first. */ points: Array<Point>,
/** Usual range. */ usual: Usual | null,
/** Personal lower limit. */ low: Decimal | null,
/** Personal upper limit. */ high: Decimal | null, };
export type Accepted = {
/** The draft. */ draftId: string,
/** Code of the finding. */ code: string,
/** Its field. */ field: string, };
export type Answered = {
/** Code of the finding. */ code: string,
/** Its field. */ field: string, };
export type ConflictValue = {
/** JSON of the field. */ value: unknown,
/** Who wrote it. */ author: PersonRef,
/** When. */ writtenAt: Instant,
/** Name of the choice for `state.resolve`. */ choice: string, };
export type Conflict = {
/** Key for `state.resolve`. */ key: string,
/** Stored tag of the kind. */ kind: string,
/** State id. */ id: string,
/** Field. */ field: string,
/** The values. */ values: Array<ConflictValue>, };
export type StruckField = {
/** Key for `state.restore`. */ key: string,
/** Stored tag of the kind. */ kind: string,
/** State id. */ id: string,
/** Field. */ field: string,
/** What stands there now; nothing when it was taken away. */ now: Array<ConflictValue>,
/** What may be put back; nothing when nothing stood there before. */ before: Array<ConflictValue>, };
export type Parked = {
/** Feed id, hex. */ space: string,
/** Patient id. */ patient: string | null,
/** Who signed it. */ author: PersonRef | null,
/** Code. */ reason: string,
/** When it came. */ at: number, };
export type Witness = {
/** Patient id, where it is about a chart. */ patient: string | null,
/** Whose device it is, where that is known. */ author: PersonRef | null, };
export type KeyFault = {
/** Patient id. */ patientId: string,
/** When the relay took the key. */ at: number,
/** Whose device made it. */ madeBy: PersonRef | null,
/** Facilities where it does not open. */ facilities: Array<string>,
/** It does not open here. */ here: boolean,
/** The next writer or an idle manager makes a new key. False where one facility could not open the one before
 * either: then the fault lies there. */ owed: boolean, };
export type NewStaff = {
/** Name. */ name: string,
/** Profession code (vocabulary C.3). */ profession: string, };
export type MemberDevice = {
/** Whose. */ person: PersonRef,
/** Last acknowledgement, as the relay says. */ lastHeardMs: number | null,
/** What it lacks: positions not acknowledged and entries that are only here; 0 for this device, null when unknown. */ lacks: number | null, };
export type MemberTeam = {
/** Team id, hex. */ facilityId: string,
/** Name. */ facility: string,
/** Role. */ role: SpaceRole,
/** Since when, by the relay's clock. */ since: number,
/** Who added it. */ addedBy: PersonRef | null,
/** Its devices. */ devices: Array<MemberDevice>, };
export type Candidate = {
/** Team id, hex. */ facilityId: string,
/** Name. */ facility: string,
/** What it is, as the directory numbers it (docs/protocol.md §2). */ facilityType: number,
/** Its public code; may be empty. */ code: string, };
export type DeviceRemoval = {
/** When the relay took it. */ at: number,
/** Who signed it. */ by: PersonRef | null,
/** Why. */ reason: RemoveReason, };
export type TeamDevice = {
/** Device id, hex. */ deviceId: string,
/** Whether it may add and remove. */ admin: boolean,
/** Whether it is this one. */ own: boolean,
/** Since when, by the relay's clock. */ since: number,
/** Who added it. */ addedBy: PersonRef | null,
/** When the relay took its newest item. */ lastHeardMs: number | null,
/** Positions it has not acknowledged; 0 for this device, null when it never acknowledged any. */ lacks: number | null,
/** Set once it was removed. */ removed: DeviceRemoval | null, };
export type TeamPerson = {
/** Who. */ person: PersonRef,
/** Whether the person left. */ removed: boolean,
/** Their devices, active ones first. */ devices: Array<TeamDevice>, };
export type LateEntry = {
/** Entry or draft id; null for changed state. */ id: string | null,
/** Stored tag, or the state's key. */ kind: string,
/** Clinical time. */ at: number,
/** One line. */ title: string,
/** A draft: shown, never applied. */ draft: boolean, };
export type LateItem = {
/** Its number. */ dseq: number,
/** When the relay took it. */ receivedMs: number,
/** What it would bring. */ brings: Array<LateEntry>,
/** Why it and what follows cannot be admitted, a code. */ problem: string | null, };
export type LateChain = {
/** Patient id. */ patientId: string,
/** Patient's name, kanji. */ patient: string,
/** Device id, hex. */ deviceId: string,
/** Whose device. */ author: PersonRef | null,
/** In their order; what is admitted is always a beginning of them. */ items: Array<LateItem>, };
export type GrantKind = "member" | "break-glass" | "role" | "admit";
export type LostGrant = {
/** What. */ what: GrantKind,
/** The facility, team id, hex; of late work that of its author. */ facilityId: string,
/** Its name. */ facility: string,
/** As what. */ role: SpaceRole | null,
/** When the relay took it. */ at: number,
/** It is void since the removal. */ void: boolean, };
export type LostGrants = {
/** Patient id. */ patientId: string,
/** Patient's name, kanji. */ patient: string,
/** Device id, hex. */ deviceId: string,
/** Whose device it was. */ person: PersonRef,
/** When it was removed. */ removedAt: number,
/** Why. */ reason: RemoveReason,
/** Newest first. */ grants: Array<LostGrant>,
/** The manager who said that they may stay. */ confirmedBy: PersonRef | null, };
export type Pending = {
/** Names it here. */ id: number,
/** What: remove-device, remove-staff, add-member, set-role, remove-member, admit, repudiate, fault, certify, renew. */ what: string,
/** Whom it is about: the name of a person or facility, where known. */ about: string,
/** Patient id, where it is about a chart. */ patientId: string | null,
/** When it was decided here. */ madeMs: number,
/** Why it can never be, a code; null while it waits for the relay. */ refused: string | null, };
export type Language = "ja" | "en";
export type Theme = "auto" | "light" | "dark";
export type Side = "left" | "right";
export type Licence = {
/** Name of the part. */ name: string,
/** Version. */ version: string,
/** SPDX expression. */ licence: string, };
/** Every error code of a command. */
export type Code = 'bad_request' | 'unknown_command' | 'refused' | 'unanswered_findings' | 'similar_name' | 'passphrase_short' | 'passphrase_weak' | 'bad_pin' | 'picture_too_large' | 'picture_too_many_pixels' | 'not_a_picture' | 'picture_heic' | 'picture_type_mismatch' | 'picture_corrupt' | 'reason_missing' | 'entry_closed' | 'bad_enrol_code' | 'enrol_expired' | 'enrol_used' | 'other_person' | 'digits_differ' | 'profile_exists' | 'bad_setup_code' | 'locked' | 'busy' | 'wrong_passphrase' | 'wrong_pin' | 'pin_wait' | 'pin_spent' | 'keystore_missing' | 'keystore_locked' | 'no_profile' | 'not_found' | 'blob_missing' | 'not_allowed' | 'removed' | 'not_enrolled' | 'offline' | 'relay_refused' | 'storage_full' | 'storage' | 'newer_profile' | 'damaged_profile' | 'bug'

/** Every command. */
export interface Rpc {
  /** Is there a profile, is it unlocked, whose is it. */
  'profile.status': { req: Record<string, never>; res: {
/** A profile is here */ exists: boolean,
/** The key is in memory */ unlocked: boolean,
/** The screens are locked */ screenLocked: boolean,
/** A PIN is set */ pinSet: boolean,
/** Misses until the passphrase is needed */ pinMissesLeft: number,
/** Wait before the next PIN */ pinWaitMs: number,
/** An OS keystore takes part */ keystore: boolean,
/** The demo's secrets; never set on a real profile */ demo: Demo | null,
/** Whose profile it is, while unlocked */ me: PersonRef | null,
/** This device was removed from its team: of the profile that is here, or of the one that was */ removed: Removed | null, } }
  /** Makes a profile with a passphrase and unlocks it. */
  'profile.create': { req: {
/** At least 8 characters with a keystore, 13 without */ passphrase: string, }; res: {
/** zxcvbn, 0 to 4 */ strength: number, } }
  /** Opens by passphrase, or a locked screen by PIN. */
  'profile.unlock': { req: {
/** The passphrase */ passphrase?: string,
/** Or the PIN */ pin?: string, }; res: Record<string, never> }
  /** Locks the screen; with `drop` forgets the key. */
  'profile.lock': { req: {
/** Forget the key too */ drop?: boolean, }; res: Record<string, never> }
  /** Sets the six digits that open a locked screen. */
  'profile.pin': { req: {
/** Six digits */ pin: string, }; res: Record<string, never> }
  /** Today, my patients, what is new, what has not left this device. */
  'home.show': { req: Record<string, never>; res: {
/** Patients of today */ today: Array<Today>,
/** My patients, those with the most entries not seen yet first, then in kana order */ patients: Array<PatientRow>,
/** Entries of others not seen yet */ news: Array<TimelineEntry>,
/** What has not left this device */ unsent: Array<Unsent>,
/** What waits, over all patients */ waiting: Waiting,
/** Whose profile it is */ me: PersonRef, } }
  /** Finds patients by kanji, kana, birth date or local id. */
  'patient.search': { req: {
/** Kanji, kana of any width, birth date, local id; empty lists all */ query: string,
/** At most 200; 50 unless told */ limit?: number, }; res: {
/** Found */ rows: Array<PatientRow>,
/** How many there are */ total: number,
/** Some were left off */ more: boolean, } }
  /** Registers a patient and founds the chart. */
  'patient.register': { req: {
/** Fields of the kind `identity` */ identity: Record<string, unknown>,
/** The similar-name warning was read */ acceptSimilar: boolean, }; res: {
/** The new patient */ patientId: string, } }
  /** The banner of a chart. */
  'patient.show': { req: {
/** The patient */ patientId: string, }; res: {
/** Address. */ address: string,
/** Telephone. */ phone: string,
/** Personal limits. */ thresholds: Array<ThresholdRow>,
/** Keys of state that a struck change wrote last: their previous values are offered. */ struck: Array<string>,
/** Patient id. */ patientId: string,
/** Kanji. */ name: NameParts,
/** Kana. */ kana: NameParts,
/** `YYYY-MM-DD`, partial allowed. */ birthDate: string,
/** Sex. */ sex: Sex,
/** Numbers at facilities. */ localIds: Array<LocalId>,
/** Patients easily confused with this one. */ similar: Array<SimilarPatient>,
/** Newest clinical time. */ lastEntryAt: number | null,
/** Entries not seen yet. */ newCount: number,
/** Entries that have not left this device. */ unsentCount: number,
/** Fields of which two people wrote different values at once; a person chooses. */ conflicts: number, } }
  /** Entries of a chart, newest first, a page at a time. */
  'chart.timeline': { req: {
/** The patient */ patientId: string,
/** Last line of the page before */ before?: Before,
/** At most 200; 50 unless told */ limit?: number,
/** Only these kinds */ kinds?: Array<string>,
/** Only these facilities */ facilityIds?: Array<string>,
/** Words */ query?: string, }; res: {
/** Newest first */ entries: Array<TimelineEntry>,
/** Older ones follow */ more: boolean,
/** How many match */ total: number,
/** Who writes in this chart */ facilities: Array<Facility>, } }
  /** One entry with its versions. */
  'chart.entry': { req: {
/** The patient */ patientId: string,
/** The entry */ entryId: string, }; res: {
/** The newest version */ entry: TimelineEntry,
/** All, oldest first */ versions: Array<TimelineEntry>, } }
  /** Measures over time with limits and usual range. */
  'chart.trend': { req: {
/** The patient */ patientId: string,
/** Measure keys (vocabulary C.1) */ keys: Array<string>,
/** First millisecond */ from: number,
/** Last millisecond */ to: number, }; res: {
/** One per key */ series: Array<Series>, } }
  /** Marks entries as seen by me. */
  'chart.seen': { req: {
/** The patient */ patientId: string,
/** Clinical time */ upTo: number, }; res: Record<string, never> }
  /** Keeps a draft on this device and checks it. */
  'draft.save': { req: {
/** Draft id; none makes one */ id?: string,
/** The patient */ patientId: string,
/** The visit */ visitId: string,
/** Stored tag */ kind: string,
/** JSON of the kind, possibly incomplete */ body: unknown,
/** Clinical time that the checks compare from; now, if none */ at?: Instant, }; res: {
/** Draft id */ id: string,
/** What the checks say */ findings: Array<Finding>, } }
  /** Drafts of a patient or all. */
  'draft.list': { req: {
/** Of this patient only */ patientId?: string, }; res: {
/** Newest first */ drafts: Array<Draft>, } }
  /** Throws a draft away. */
  'draft.discard': { req: {
/** Draft id */ id: string, }; res: Record<string, never> }
  /** Confirms drafts: they become signed entries in one step. */
  'entry.confirm': { req: {
/** The patient */ patientId: string,
/** Drafts of one visit */ draftIds: Array<string>,
/** Clinical time */ at: Instant,
/** Warnings that were answered */ accepted: Array<Accepted>, }; res: {
/** In the order of the drafts */ entryIds: Array<string>, } }
  /** Corrects an entry with a reason; both stay readable. */
  'entry.amend': { req: {
/** The patient */ patientId: string,
/** The entry */ entryId: string,
/** JSON of the kind */ body: unknown,
/** Why */ reason: string,
/** Warnings that were answered */ accepted?: Array<Answered>, }; res: {
/** The correction */ entryId: string, } }
  /** Withdraws an entry with a reason; it stays readable. */
  'entry.void': { req: {
/** The patient */ patientId: string,
/** The entry */ entryId: string,
/** Why */ reason: string, }; res: {
/** The withdrawal */ entryId: string, } }
  /** Counts what striking an entry through would take along. */
  'entry.reach': { req: {
/** The patient */ patientId: string,
/** The entry */ entryId: string, }; res: {
/** Entries sealed together with it, itself included */ entry: number,
/** Entries of its device from there on */ since: number,
/** Entries of its device in the whole chart */ all: number, } }
  /** Strikes an entry through for everybody; it stays readable. */
  'entry.strike': { req: {
/** The patient */ patientId: string,
/** The entry; what was sealed together with it is struck too */ entryId: string,
/** Why */ reason: StrikeReason,
/** How much of what its device wrote in this chart; the entry alone if absent */ reach?: StrikeReach, }; res: {
/** It is so; otherwise it is kept and carried out as soon as the relay can be reached. */ done: boolean,
/** Why it can never be, a code. */ refused: string | null, } }
  /** Sets fields of current state. */
  'state.put': { req: {
/** The patient */ patientId: string,
/** Stored tag */ kind: string,
/** State id */ id: string,
/** One put per field */ fields: Record<string, unknown>, }; res: Record<string, never> }
  /** Fields that two people changed at once. */
  'state.conflicts': { req: {
/** The patient */ patientId: string, }; res: {
/** Fields */ conflicts: Array<Conflict>, } }
  /** Chooses one of the values. */
  'state.resolve': { req: {
/** The patient */ patientId: string,
/** Key of the conflict */ key: string,
/** The chosen value */ choice: string, }; res: Record<string, never> }
  /** Fields that a struck change wrote last, with what stood there before. */
  'state.struck': { req: {
/** The patient */ patientId: string, }; res: {
/** Fields */ fields: Array<StruckField>, } }
  /** Puts a previous value back in the place of a struck one. */
  'state.restore': { req: {
/** The patient */ patientId: string,
/** Key of the field */ key: string,
/** The value to put back or, of those that stand there now, to keep; absent: the field shall be empty */ choice?: string, }; res: Record<string, never> }
  /** Cleans a picture and keeps it sealed. */
  'blob.put': { req: {
/** The patient */ patientId: string,
/** What the file says it is */ mediaType: string,
/** Small pictures; larger ones go by `PUT /blob` or a path */ base64?: string, }; res: {
/** Body of kind `photo` without caption */ photo: unknown, } }
  /** The address a picture can be shown from. */
  'blob.read': { req: {
/** Blob id, hex */ blobId: string,
/** The entry, or the draft, that holds its key */ entryId: string,
/** The small picture */ thumb?: boolean, }; res: {
/** Same-origin address, no-store */ url: string, } }
  /** Talks with the relay now. */
  'sync.now': { req: Record<string, never>; res: {
/** The state. */ state: SyncState,
/** Its parameters. */ params: { [key in string]: string },
/** Entries that have not left this device. */ unsent: number,
/** Entries whose picture has not arrived. */ picturesMissing: number,
/** Charts whose key this team still has to renew. */ rotations: number,
/** Decisions of an administrator that are not so yet. */ pending: number,
/** What this device sent and a manager has to let in first. */ quarantined: number,
/** Newest frame taken by the relay that is here. */ lastReceivedMs: number | null,
/** Last answer of the relay. */ lastContactMs: number | null,
/** Last frame of anybody else. */ lastHeardFromOthersMs: number | null, } }
  /** Where synchronisation stands. */
  'sync.status': { req: Record<string, never>; res: {
/** The state. */ state: SyncState,
/** Its parameters. */ params: { [key in string]: string },
/** Entries that have not left this device. */ unsent: number,
/** Entries whose picture has not arrived. */ picturesMissing: number,
/** Charts whose key this team still has to renew. */ rotations: number,
/** Decisions of an administrator that are not so yet. */ pending: number,
/** What this device sent and a manager has to let in first. */ quarantined: number,
/** Newest frame taken by the relay that is here. */ lastReceivedMs: number | null,
/** Last answer of the relay. */ lastContactMs: number | null,
/** Last frame of anybody else. */ lastHeardFromOthersMs: number | null, } }
  /** Puts a colleague's contradicting witness away. */
  'sync.dismiss': { req: Record<string, never>; res: Record<string, never> }
  /** Frames that wait or cannot be applied. */
  'sync.parked': { req: Record<string, never>; res: {
/** Newest first */ items: Array<Parked>,
/** A colleague's device that was shown another history than this one; until somebody has put it away */ witness: Witness | null, } }
  /** Charts whose newest key does not open somewhere, and who made it. */
  'sync.faults': { req: Record<string, never>; res: {
/** By chart */ faults: Array<KeyFault>, } }
  /** Offers a place in the team to a new device. */
  'enrol.offer': { req: {
/** Ask about this offer */ offerId?: string,
/** For this person */ staffId?: string,
/** Or for a new one */ newStaff?: NewStaff,
/** The new device may add and remove devices too */ admin?: boolean, }; res: {
/** Address for the QR code */ url: string,
/** 26 characters for the telephone */ code: string,
/** End of the ten minutes */ expiresMs: number,
/** To ask again with */ offerId: string,
/** Six digits to compare */ digits: string | null,
/** Where it stands */ state: EnrolState, } }
  /** Joins a team by code. */
  'enrol.join': { req: {
/** From the other screen */ codeOrUrl: string,
/** Of the new profile; of the open one whose device is to become another */ passphrase: string, }; res: {
/** Six digits to compare */ digits: string | null,
/** Where it stands */ state: EnrolState, } }
  /** Says whether the digits on both screens agree. */
  'enrol.approve': { req: {
/** The offer */ offerId: string,
/** Both screens show the same */ digitsMatch: boolean, }; res: Record<string, never> }
  /** Teams of a chart and what their devices have. */
  'space.members': { req: {
/** The patient */ patientId: string, }; res: {
/** Teams of the chart */ teams: Array<MemberTeam>,
/** Whether this device may change who shares it */ manager: boolean, } }
  /** Facilities that a chart could be shared with. */
  'space.candidates': { req: {
/** The patient */ patientId: string, }; res: {
/** By name */ facilities: Array<Candidate>, } }
  /** Shares a chart with a facility. */
  'space.add': { req: {
/** The patient */ patientId: string,
/** The facility, listed in the directory */ facilityId: string,
/** As what */ role: SpaceRole, }; res: {
/** It is so; otherwise it is kept and carried out as soon as the relay can be reached. */ done: boolean,
/** Why it can never be, a code. */ refused: string | null, } }
  /** Changes what a facility may do in a chart. */
  'space.role': { req: {
/** The patient */ patientId: string,
/** A facility of the chart */ facilityId: string,
/** As what */ role: SpaceRole, }; res: {
/** It is so; otherwise it is kept and carried out as soon as the relay can be reached. */ done: boolean,
/** Why it can never be, a code. */ refused: string | null, } }
  /** Takes a chart away from a facility. */
  'space.remove': { req: {
/** The patient */ patientId: string,
/** A facility of the chart */ facilityId: string, }; res: {
/** It is so; otherwise it is kept and carried out as soon as the relay can be reached. */ done: boolean,
/** Why it can never be, a code. */ refused: string | null, } }
  /** People and devices of the own team, and what each has. */
  'team.show': { req: Record<string, never>; res: {
/** The facility's name */ facility: string,
/** Whether this device may add and remove */ admin: boolean,
/** People, present ones first */ staff: Array<TeamPerson>,
/** Charts whose key this team still has to renew */ rotations: number, } }
  /** Removes a device or a person from the team. */
  'team.remove': { req: {
/** The device */ deviceId?: string,
/** The person, with all devices */ staffId?: string,
/** Why */ reason: RemoveReason, }; res: {
/** It is so; otherwise it is kept and carried out as soon as the relay can be reached. */ done: boolean,
/** Why it can never be, a code. */ refused: string | null, } }
  /** Late work in quarantine, opened on copies. */
  'late.list': { req: {
/** Only this patient's */ patientId?: string, }; res: {
/** By chart and device */ chains: Array<LateChain>, } }
  /** Takes late work into a chart. */
  'late.admit': { req: {
/** The patient */ patientId: string,
/** Whose items */ deviceId: string,
/** The last one taken; all before it are taken too */ upto: number, }; res: {
/** It is so; otherwise it is kept and carried out as soon as the relay can be reached. */ done: boolean,
/** Why it can never be, a code. */ refused: string | null, } }
  /** What a lost or compromised manager's device had granted. */
  'grant.list': { req: {
/** Only this patient's */ patientId?: string, }; res: {
/** By chart and device */ asked: Array<LostGrants>, } }
  /** Says that what a lost device had granted may stay. */
  'grant.confirm': { req: {
/** The patient */ patientId: string,
/** The lost device */ deviceId: string, }; res: Record<string, never> }
  /** Decisions that are not so yet. */
  'intent.list': { req: Record<string, never>; res: {
/** In the order made */ intents: Array<Pending>, } }
  /** Takes back a decision that is not so yet. */
  'intent.dismiss': { req: {
/** Of `intent.list` */ id: number, }; res: Record<string, never> }
  /** Settings of this profile. */
  'settings.show': { req: Record<string, never>; res: {
/** Of the screens */ language: Language,
/** Of the screens */ theme: Theme,
/** Minutes until the screen locks */ autoLockMin: number,
/** For one hand */ keypadSide: Side,
/** Japanese era first */ wareki: boolean,
/** The relay */ relayUrl: string, } }
  /** Changes settings of this profile. */
  'settings.put': { req: {
/** Of the screens */ language?: Language,
/** Of the screens */ theme?: Theme,
/** 1 to 60 */ autoLockMin?: number,
/** For one hand */ keypadSide?: Side,
/** Japanese era first */ wareki?: boolean, }; res: Record<string, never> }
  /** What helps to find a fault: versions, codes and counts, no records. */
  'about.diagnostics': { req: Record<string, never>; res: {
/** Plain text to hand on: versions, and the device log with its codes and counts */ text: string, } }
  /** Version, commit, protocol, schema, licences. */
  'about.show': { req: Record<string, never>; res: {
/** Of the app */ version: string,
/** It was built from */ commit: string,
/** Version of the protocol */ protocol: number,
/** Version of the profile's tables */ schema: number,
/** The region's number, 32 hexadecimal digits, by which an operator rebuilds a relay; where it is known and the profile
 * open */ region: string | null,
/** Of others' parts */ licences: Array<Licence>, } }
}
