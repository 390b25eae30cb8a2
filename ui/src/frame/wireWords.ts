/** Why a record or a decision was not taken, in words; what has none keeps its code. */
import { words, type Say } from '../records/useWords'

export const wireWords = words(
  'wire',
  {
    gap: '前の記録が欠けています', bad_previous: '前の記録とつながりません', chain_conflict: '同じ番号の別の記録があります', key: '鍵がまだありません', does_not_open: '鍵が合いません', bad_bytes: '読めない形です', bad_signature: '署名が合いません', change: '元になる記録が欠けています',
    unknown_target: '対象がもうありません', role_too_low: '役割が足りません', not_member: 'この施設はカルテを共有していません', no_admin: '管理者の端末がなくなります', removed: 'この端末は外されています', compromised: '他人の手に渡ったものとして外されています', archived: 'カルテは閉じられています', already_so: 'すでにそうなっています', not_listed: '地域の名簿にありません', suspended: '地域の名簿で止められています', stale: 'ほかの人が先に変えました',
    unknown_author: '書いた人の端末が分かりません', removed_for_ever: '一度外したものは、もう加えられません', epoch_old: '鍵が新しくなりました', epoch_unknown: '鍵がまだありません', not_owed: '鍵を替える時ではありません', too_large: '大きすぎます', version_too_old: 'Meguriの版が古すぎます', missing_attachment: '添えるものが欠けています', missing_blob: '写真がまだ届いていません', quota: '置き場所がいっぱいです', rate: '短い間に多すぎます', storage: '中継サーバーに書けません', not_found: '見つかりません', forbidden: 'この端末には許されていません', pins: '前に見せたものと合いません',
  },
  {
    gap: 'an earlier record is missing', bad_previous: 'it does not continue the record before', chain_conflict: 'another record carries the same number', key: 'the key is not here yet', does_not_open: 'the key does not fit', bad_bytes: 'it cannot be read', bad_signature: 'the signature does not fit', change: 'a record it builds on is missing',
    unknown_target: 'it is not there any more', role_too_low: 'the role does not allow it', not_member: 'the facility does not share the chart', no_admin: 'no admin device would be left', removed: 'this device was removed', compromised: 'removed as in a stranger’s hands', archived: 'the chart is closed', already_so: 'it is so already', not_listed: 'not listed in the region', suspended: 'suspended in the region', stale: 'somebody else was first',
    unknown_author: 'whose device wrote it is not known', removed_for_ever: 'what was removed is never added again', epoch_old: 'there is a newer key', epoch_unknown: 'the key is not here yet', not_owed: 'no new key is owed', too_large: 'it is too large', version_too_old: 'this Meguri is too old', missing_attachment: 'something that belongs to it is missing', missing_blob: 'the photo has not arrived', quota: 'there is no room left', rate: 'too much in a short time', storage: 'the relay cannot write', not_found: 'it is not there', forbidden: 'this device may not', pins: 'it contradicts what it showed before',
  },
)

export function wireWord(say: Say<keyof typeof wireWords.ja>, code: string): string {
  return code in wireWords.ja ? say(code as keyof typeof wireWords.ja) : code.replaceAll('_', ' ')
}
