import { words } from './useWords'

/** Words about any entry: who wrote it, where it is, what happened to it. */
export const recordWords = words(
  'record',
  {
    'kind.vitals': 'バイタル', 'kind.note': '経過記録', 'kind.photo': '写真', 'kind.prescription': '処方', 'kind.dispensing': '調剤', 'kind.procedure': '処置',
    'kind.lab': '検査', 'kind.file': '文書ファイル', 'kind.order': '指示', 'kind.explanation': '説明・同意', 'kind.event': 'できごと', 'kind.watch-over': '見守り',
    'kind.visit': '訪問記録', 'kind.wound': '創の記録', 'kind.pain': '痛み', 'kind.intake-output': '水分出納', 'kind.conference': 'カンファレンス', 'kind.notebook-post': '連絡ノート',
    'kind.unknown': '新しい種類の記録（{{tag}}）',
    you: 'あなた', forOther: '{{name}}の代わりに', familyWrote: '{{name}}さん（家族）が記入', nameUnknown: '名前はまだ届いていません',
    onlyHere: '未送信・この端末だけ', sent: '送信済み・届くのを待っています', partly: '届いた {{have}}/{{all}}施設', everyone: '{{have}}/{{all}}施設',
    late: '遅れて届いた（{{at}}）', tampered: 'あとから書きかえようとした跡があります', pending: '承認を待っています', struck: '管理者が線を引いた記録', withdrawn: '取り下げ',
    corrected: '訂正', reason: '理由', correctedLine: '訂正：{{reason}}', withdrawnLine: '取り下げ：{{reason}}', noReason: '理由なし', isNew: '新しい',
    unknownBody: 'この端末のMeguriはまだこの種類を表示できません。内容は失われていません。',
    photoAlt: '{{site}}の写真', photoAltPlain: '写真', picture: '写真を開く', noPicture: '写真はまだ届いていません', before: '前', after: '今',
  },
  {
    'kind.vitals': 'Vitals', 'kind.note': 'Progress note', 'kind.photo': 'Photo', 'kind.prescription': 'Prescription', 'kind.dispensing': 'Dispensing', 'kind.procedure': 'Procedure',
    'kind.lab': 'Laboratory', 'kind.file': 'Document', 'kind.order': 'Order', 'kind.explanation': 'Explanation and consent', 'kind.event': 'Event', 'kind.watch-over': 'Watch-over',
    'kind.visit': 'Visit record', 'kind.wound': 'Wound', 'kind.pain': 'Pain', 'kind.intake-output': 'Intake and output', 'kind.conference': 'Conference', 'kind.notebook-post': 'Family notebook',
    'kind.unknown': 'A newer kind of record ({{tag}})',
    you: 'you', forOther: 'on behalf of {{name}}', familyWrote: 'written by {{name}} (family)', nameUnknown: 'name has not arrived yet',
    onlyHere: 'not sent · on this device only', sent: 'sent · waiting to arrive', partly: 'arrived at {{have}} of {{all}}', everyone: '{{have}} of {{all}}',
    late: 'arrived late ({{at}})', tampered: 'Somebody tried to change this later', pending: 'waits for approval', struck: 'struck through by a manager', withdrawn: 'Withdrawn',
    corrected: 'Corrected', reason: 'Reason', correctedLine: 'Corrected: {{reason}}', withdrawnLine: 'Withdrawn: {{reason}}', noReason: 'no reason given', isNew: 'new',
    unknownBody: 'This version of Meguri cannot show this kind yet. Nothing of it is lost.',
    photoAlt: 'Photo: {{site}}', photoAltPlain: 'Photo', picture: 'Open the photo', noPicture: 'The photo has not arrived yet', before: 'before', after: 'now',
  },
)

/** Kind tags that have a word. Anything else is a kind from a newer app. */
const NAMED = ['vitals', 'note', 'photo', 'prescription', 'dispensing', 'procedure', 'lab', 'file', 'order', 'explanation', 'event', 'watch-over', 'visit', 'wound', 'pain', 'intake-output', 'conference', 'notebook-post'] as const

export function kindWord(say: (key: `kind.${(typeof NAMED)[number]}` | 'kind.unknown', params?: Record<string, string>) => string, tag: string): string {
  const named = NAMED.find((each) => each === tag)
  return named ? say(`kind.${named}`) : say('kind.unknown', { tag })
}
