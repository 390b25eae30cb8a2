/** The closed map from code to sentence: what is, then what one can do. The record types fail to compile when a code has none. */
import type { SyncState, SyncStatus } from '../api/generated'
import type { Refusal, ScreenCode } from '../api/transport'
import { words, type Say } from '../records/useWords'
import { wireWord, wireWords } from './wireWords'

/** Where the reason changes the sentence. */
type Reasoned = 'refused.unsent' | 'not_allowed.no_admin' | 'not_allowed.no_manager' | 'not_allowed.manager' | 'not_allowed.archived' | 'relay_refused.told'

const ja: Record<ScreenCode | Reasoned, string> = {
  bad_request: 'この操作は受けつけられませんでした。画面を開きなおしてください。',
  unknown_command: '画面と本体の版が合いません。Meguriを終了して、もう一度開いてください。',
  refused: '「{{field}}」をこのままでは残せません。入れた内容を確かめてください。',
  unanswered_findings: '確かめていない値があります。答えてから確定してください。',
  similar_name: 'よく似た名前の方がいます。同じ方でないことを確かめてください。',
  passphrase_short: '合言葉が短すぎます。{{min}}文字以上にしてください。',
  passphrase_weak: 'この合言葉は当てられやすいものです。関係のない言葉を4つほど並べてください。',
  bad_pin: '番号は6けたで、123456のような並びは使えません。',
  picture_too_large: '写真が大きすぎます（64 MBまで）。小さい写真を選んでください。',
  picture_too_many_pixels: '写真の画素が多すぎます。カメラの設定を下げて撮りなおしてください。',
  not_a_picture: 'このファイルは写真ではありません。写真を選んでください。',
  picture_heic: 'HEICの写真は読めません。カメラの設定を「互換性優先（JPEG）」にしてください。',
  picture_type_mismatch: 'ファイルの名前と中身が合いません。別の写真を選んでください。',
  picture_corrupt: '写真がこわれています。撮りなおしてください。',
  reason_missing: '訂正と取り下げには、理由が要ります。',
  entry_closed: 'この記録は、すでに訂正または取り下げられています。新しい版を開いてください。',
  bad_enrol_code: '登録コードに打ちまちがいがあります。もう一度見くらべてください。',
  enrol_expired: '登録コードの10分が過ぎました。新しいコードを出してもらってください。',
  enrol_used: 'この登録コードは使われました。新しいコードを出してもらってください。',
  other_person: 'この登録コードは、別の人のためのものです。管理者に、あなたの名前を選んだコードを出してもらってください。',
  digits_differ: '数字がちがったので、登録をやめました。新しいコードでやりなおしてください。',
  profile_exists: 'この端末には、もう登録があります。合言葉で開いてください。',
  bad_setup_code: '開設コードが合いません。地域の事務局に確かめてください。',
  locked: '閉じています。合言葉で開いてください。',
  busy: '別のMeguriがこの記録を開いています。そちらを終了してください。',
  wrong_passphrase: '合言葉がちがいます。大文字・小文字とかな入力を確かめてください。',
  wrong_pin: '番号がちがいます。あと{{left}}回入れられます。',
  pin_wait: 'もう一度入れるまで、少し待ってください。',
  pin_spent: '番号を5回まちがえました。合言葉で開いてください。',
  keystore_missing:
    'この端末の鍵の保管庫に、この登録の鍵がありません。記録は消えていません。作ったときと同じ利用者で開くか、管理者の端末で登録しなおしてください。',
  keystore_locked: 'この端末の鍵の保管庫が閉じています。記録は消えていません。保管庫を開いてから、もう一度お試しください。',
  no_profile: 'この端末には、まだ登録がありません。',
  not_found: '見つかりません。一覧からもう一度選んでください。',
  blob_missing: '写真はまだ届いていません。つながると届きます。',
  not_allowed: 'このカルテでは、あなたの役割では行えません。管理者に頼んでください。',
  removed: 'この端末はチームから外されました。管理者に確かめてください。',
  not_enrolled: 'この端末は、まだどのチームにも登録されていません。',
  offline: '中継サーバーにつながりません。記録はこの端末に残っています。',
  relay_refused: '中継サーバーが受けつけませんでした。記録はこの端末に残っています。',
  'relay_refused.told': '中継サーバーが受けつけませんでした（{{reason}}）。記録はこの端末に残っています。',
  'refused.unsent': 'まだ送っていない記録が{{n}}件あります。つないですべて送ってから、使うのをやめてください。',
  'not_allowed.no_admin': 'チームに管理者の端末がなくなるので、外せません。先に、ほかの端末を管理者として登録してください。',
  'not_allowed.no_manager': 'このカルテを管理する施設がなくなるので、できません。先に、ほかの施設を「管理する」にしてください。',
  'not_allowed.manager': 'これを決められるのは、このカルテを管理する施設だけです。管理する施設に頼んでください。',
  'not_allowed.archived': 'このカルテは閉じられています。読むことだけができます。',
  storage_full: '端末の空きがありません。写真などを片づけて、もう一度保存してください。',
  storage: '端末の中の記録を読み書きできませんでした。保存の途中だったものは、まだ保存されていません。もう一度ためしてください。',
  newer_profile: 'この記録は新しい版のMeguriで書かれています。Meguriを新しくしてください。',
  damaged_profile: '記録のファイルがこわれています。電源を切らず、管理者に連絡してください。',
  bug: 'Meguriの中で思わぬことが起きました。開きなおしてください。',
  app_silent: 'Meguriの本体が答えません。Meguriを開きなおしてください。',
  session_ended: 'この画面の通行証が切れました。Meguriを開きなおして、表示された住所から入ってください。',
}

const en: Record<ScreenCode | Reasoned, string> = {
  bad_request: 'This could not be accepted. Open the screen again.',
  unknown_command: 'Screens and app are of different versions. Quit Meguri and open it again.',
  refused: '“{{field}}” cannot be kept as it is. Check what was entered.',
  unanswered_findings: 'Some values have not been checked yet. Answer them, then confirm.',
  similar_name: 'There is somebody with a very similar name. Make sure it is not the same person.',
  passphrase_short: 'The passphrase is too short. Use at least {{min}} characters.',
  passphrase_weak: 'This passphrase is easy to guess. String together about four unrelated words.',
  bad_pin: 'The number has six digits and may not be a run such as 123456.',
  picture_too_large: 'The photo is too large (64 MB at most). Choose a smaller one.',
  picture_too_many_pixels: 'The photo has too many pixels. Lower the camera setting and take it again.',
  not_a_picture: 'This file is not a photo. Choose a photo.',
  picture_heic: 'HEIC photos cannot be read. Set the camera to “most compatible (JPEG)”.',
  picture_type_mismatch: 'The name and the content of the file do not match. Choose another photo.',
  picture_corrupt: 'The photo is damaged. Take it again.',
  reason_missing: 'Correcting and withdrawing need a reason.',
  entry_closed: 'This entry was corrected or withdrawn already. Open the newest version.',
  bad_enrol_code: 'There is a typing mistake in the code. Compare it once more.',
  enrol_expired: 'The ten minutes of this code are over. Ask for a new one.',
  enrol_used: 'This code has been used. Ask for a new one.',
  other_person: 'This code is for somebody else. Ask the manager for a code with your name chosen.',
  digits_differ: 'The digits differed, so enrolment was stopped. Start again with a new code.',
  profile_exists: 'This device is enrolled already. Open it with the passphrase.',
  bad_setup_code: 'The setup code does not fit. Check with the regional office.',
  locked: 'It is locked. Open it with the passphrase.',
  busy: 'Another Meguri has these records open. Quit the other one.',
  wrong_passphrase: 'Wrong passphrase. Check capitals and the input method.',
  wrong_pin: 'Wrong number. {{left}} more tries.',
  pin_wait: 'Wait a moment before the next try.',
  pin_spent: 'Five wrong numbers. Open it with the passphrase.',
  keystore_missing:
    'The key store of this device lacks this profile’s key. The records are still here. Open it as the user who made it, or enrol again from a manager’s device.',
  keystore_locked: 'The key store of this device is locked. The records are still here. Unlock the key store, then try again.',
  no_profile: 'This device is not enrolled yet.',
  not_found: 'Not found. Choose again from the list.',
  blob_missing: 'The photo has not arrived yet. It comes once there is a connection.',
  not_allowed: 'Your role in this chart does not allow it. Ask a manager.',
  removed: 'This device was removed from its team. Check with a manager.',
  not_enrolled: 'This device belongs to no team yet.',
  offline: 'The relay cannot be reached. The records stay on this device.',
  relay_refused: 'The relay did not accept it. The records stay on this device.',
  'relay_refused.told': 'The relay did not accept it ({{reason}}). The records stay on this device.',
  'refused.unsent': '{{n}} have not been sent yet. Connect and send everything, then stop using it.',
  'not_allowed.no_admin': 'The team would have no admin device left. Enrol another device as an admin first.',
  'not_allowed.no_manager': 'Nobody would manage the chart any more. Let another facility manage it first.',
  'not_allowed.manager': 'Only facilities that manage the chart decide this. Ask one of them.',
  'not_allowed.archived': 'This chart is closed. It can be read.',
  storage_full: 'The device is full. Make room, then save again.',
  storage: 'The device could not read or write its records. What was being saved is not saved yet. Try again.',
  newer_profile: 'These records were written by a newer Meguri. Update Meguri.',
  damaged_profile: 'The files of the records are damaged. Leave the device on and call a manager.',
  bug: 'Something unforeseen happened inside Meguri. Open it again.',
  app_silent: 'Meguri does not answer. Open Meguri again.',
  session_ended: 'The pass of this page has ended. Start Meguri again and use the address it shows.',
}

export const errorWords = words('error', ja, en)

/** The sentence of a refusal, with its reason where a person can do something else about it. */
export function refusalSentence(sentence: Say<keyof typeof ja>, wire: Say<keyof typeof wireWords.ja>, { code, params }: Refusal): string {
  const reason = params['reason'] ?? ''
  const key = code === 'relay_refused' && reason ? 'relay_refused.told' : `${code}.${reason}`
  return sentence(key in ja ? (key as keyof typeof ja) : code, { field: '', min: '', left: '', n: '', ...params, reason: wireWord(wire, reason) })
}

/** What is waited for, where that changes the sentence. */
type Waiting = 'waiting.own-key' | 'waiting.role' | 'waiting.item' | 'waiting.removal' | 'waiting.key'

const syncJa: Record<SyncState | Waiting, string> = {
  'waiting.own-key': '中継サーバーが、この端末をあなたの端末として知りません。登録した管理者の端末がつながると戻ります。戻らないときは、登録しなおしてください。記録はこの端末に残っています。',
  'waiting.removal': '中継サーバーは「この端末は外された」と言いますが、その証しを示しません。記録はこの端末に残り、書き続けられます。管理者に確かめてください。',
  'waiting.role': 'あるカルテで、この施設は読むだけになりました。書いた記録はこの端末に残っています。管理する施設に役割を確かめてください。',
  'waiting.item': 'ある記録が、その前に書かれた記録を待っています。書いた人の端末がつながると読めます。',
  'waiting.key': '新しい鍵がまだ届いていません。同じカルテの人がつながると届きます。',
  'up-to-date': 'この端末の記録は、すべて送りました',
  sending: '{{unsent}}件を送っています',
  offline: '中継サーバーが答えません。つながると自分で送ります。',
  waiting: '前の記録が届くのを待っています。届くと自分で進みます。',
  'rotation-owed': '人が外れたあとの新しい鍵を、これから配ります。つないだままにしてください。',
  removed: 'この端末はチームから外されました。新しい記録は届きません。管理者に確かめてください。',
  'late-items': '外した端末から、遅れて届いた記録が{{n}}件あります。確かめて受け入れると読めます。',
  parked: '読めない記録を、わきに置きました。ほかは届いています。',
  'history-being-checked': '届いた記録の並びを確かめています。読み書きはできます。',
  'relay-reset': '中継サーバーが新しくなりました。この端末の記録で作りなおします。',
  rollback: '中継サーバーが古い状態に戻っています。管理者に知らせてください。記録はこの端末に残っています。',
  fork: '中継サーバーが人によってちがう記録を見せています。このまま書いてかまいません。書いたものはこの端末に残ります。管理者に知らせてください。',
  'chain-conflict': '写した端末が同じ番号で書いています。この端末の記録を新しい番号で送りなおします。',
  'blob-missing': '写真の一部がまだ届いていません。',
  quota: '中継サーバーの置き場所がいっぱいです。事務局に知らせてください。記録はこの端末に残っています。',
  'version-too-old': 'このMeguriは古くて送れません。新しくしてください。記録はこの端末に残っています。',
  'clock-wrong': '端末の時計がずれています。時計を直してください。',
}

const syncEn: Record<SyncState | Waiting, string> = {
  'waiting.own-key': 'The relay does not know this device as yours. When the device of the manager who enrolled it connects, it is known again; if not, enrol it again. The records stay on this device.',
  'waiting.removal': 'The relay says that this device was removed, and shows no proof. The records stay on this device and you can write on. Ask a manager.',
  'waiting.role': 'In one chart this facility may only read now. What was written stays on this device. Ask the facility that manages the chart.',
  'waiting.item': 'A record waits for the one before it. It can be read once its author’s device connects.',
  'waiting.key': 'A new key has not arrived yet. It comes when somebody of the same chart connects.',
  'up-to-date': 'Every record of this device has been sent',
  sending: 'Sending {{unsent}}',
  offline: 'The relay does not answer. Sending goes on by itself once there is a connection.',
  waiting: 'Waiting for earlier records. It goes on by itself when they arrive.',
  'rotation-owed': 'Somebody left: new keys are about to be handed out. Stay connected.',
  removed: 'This device was removed from its team. No new records arrive. Check with a manager.',
  'late-items': '{{n}} late records of removed devices wait. They can be read once admitted.',
  parked: 'Unreadable records were put aside. Everything else has arrived.',
  'history-being-checked': 'The order of the records is being checked. Reading and writing work.',
  'relay-reset': 'The relay is new. It is rebuilt from the records on this device.',
  rollback: 'The relay went back to an older state. Tell a manager. The records stay on this device.',
  fork: 'The relay shows different records to different people. Go on writing: what you write stays on this device. Tell a manager.',
  'chain-conflict': 'A copy of this device writes under the same number. The records of this one are being sent again under new numbers.',
  'blob-missing': 'Parts of photos have not arrived yet.',
  quota: 'The relay is full. Tell the regional office. The records stay on this device.',
  'version-too-old': 'This Meguri is too old to send. Update it. The records stay on this device.',
  'clock-wrong': 'The clock of this device is wrong. Set it right.',
}

export const syncStateWords = words('syncState', syncJa, syncEn)

/** The sentence of a state; a wait says what it waits for. */
export function syncSentence(sentence: Say<keyof typeof syncJa>, sync: SyncStatus): string {
  const what = sync.state === 'waiting' ? `waiting.${sync.params['what'] ?? ''}` : sync.state
  const key = what in syncJa ? (what as keyof typeof syncJa) : sync.state
  return sentence(key, { unsent: sync.unsent, ...sync.params })
}
