import { words } from '../../records/useWords'

export const chartWords = words(
  'chart',
  {
    title: '経過', sinceVisit: '前回の訪問 {{day}}から {{count}}件', sinceNone: '新しい記録 {{count}}件', known: '{{at}} までに届いた分。', knownNever: 'まだ受け取っていません。',
    silent: '{{facility}}は {{day}} から未着', seen: '見ました', late: '遅れて届いた', moreNew: 'ほか {{count}}件',
    filter: 'しぼりこみ', all: 'すべて', facility: '施設', allFacilities: 'すべての施設', search: 'このカルテの中をさがす', total: '{{count}}件', clear: '条件を消す',
    today: '今日', myVisit: '前回のあなたの訪問 {{at}}', loading: '記録を読んでいます', older: '前の記録を読んでいます', end: 'ここが最初の記録です', readAgain: 'もう一度読む',
    emptyTitle: 'まだ記録がありません', emptyText: '最初の訪問を記録すると、ここに並びます。', noneTitle: '合う記録がありません', noneText: 'この端末にある記録から探しました。',
    open: 'くわしく', close: '閉じる', entryOf: '{{kind}} {{at}}',
    written: '記入', received: '届いた', measuredFor: '記録の時刻', notReceived: 'まだ送っていません', have: '届いた施設', lack: 'まだの施設', nobody: 'なし', versions: 'これまでの版', version: '{{n}}版', present: '今の版',
    amend: '訂正する', void: '取り下げる', reasonFor: '理由', amendWhy: 'なぜ訂正しますか', voidWhy: 'なぜ取り下げますか', reasonHint: '例：書きまちがい', amendDo: '訂正を残す', voidDo: '取り下げを残す', cancel: 'やめる',
    amendNote: '前の値は消えません。線を引いて残ります。', voidNote: '記録は消えません。取り下げた跡と理由が残ります。', reasonNeeded: '理由を書くと残せます。', unchanged: '何も変わっていません。', closed: 'この記録は、もう直せません。', toReason: '理由へ進む',
    summary: '要約', lastVitals: '最後のバイタル', noVitals: '90日のあいだ、記録がありません', limits: 'この人のしきい値', limitLow: '{{value}} 未満', limitHigh: '{{value}} 超', conflict: '2つの値があります', conflictCount: '{{count}}か所に2つの値があります',
    drafts: '書きかけ', draftGo: '続きを書く', draftLine: '書きかけの記録が {{count}}件あります', usual: 'いつも {{range}}', week: '7日で {{change}}',
    who: 'だれに届いているか', upTo: '{{at}} まで', lacks: 'あと{{count}}件', all_: 'すべて', unheard: 'まだ届いていません', thisDevice: 'この端末', contact: '連絡先', phone: '電話', address: '住所', none: '登録がありません',
  },
  {
    title: 'Timeline', sinceVisit: '{{count}} since the visit of {{day}}', sinceNone: '{{count}} new', known: 'What arrived until {{at}}. ', knownNever: 'Nothing has been received yet. ',
    silent: '{{facility}} silent since {{day}}', seen: 'I have seen these', late: 'arrived late', moreNew: '{{count}} more',
    filter: 'Filter', all: 'All', facility: 'Facility', allFacilities: 'All facilities', search: 'Search in this chart', total: '{{count}} entries', clear: 'Clear the filter',
    today: 'Today', myVisit: 'Your last visit {{at}}', loading: 'Reading the chart', older: 'Reading older entries', end: 'This is the first entry', readAgain: 'Read again',
    emptyTitle: 'No entries yet', emptyText: 'They appear here once the first visit is recorded.', noneTitle: 'No entry matches', noneText: 'Searched the entries on this device.',
    open: 'Details', close: 'Close', entryOf: '{{kind}}, {{at}}',
    written: 'Written', received: 'Received', measuredFor: 'Time of the record', notReceived: 'not sent yet', have: 'Arrived at', lack: 'Not yet at', nobody: 'nobody', versions: 'Earlier versions', version: 'Version {{n}}', present: 'present version',
    amend: 'Correct', void: 'Withdraw', reasonFor: 'Reason', amendWhy: 'Why do you correct it?', voidWhy: 'Why do you withdraw it?', reasonHint: 'e.g. slip of the pen', amendDo: 'Keep the correction', voidDo: 'Keep the withdrawal', cancel: 'Leave it',
    amendNote: 'The old value stays, struck through.', voidNote: 'The entry stays, with the withdrawal and its reason.', reasonNeeded: 'It can be kept once there is a reason.', unchanged: 'Nothing has changed.', closed: 'This entry can no longer be changed.', toReason: 'Go on to the reason',
    summary: 'Summary', lastVitals: 'Last vitals', noVitals: 'None within 90 days', limits: 'Limits of this person', limitLow: 'below {{value}}', limitHigh: 'above {{value}}', conflict: 'has two values', conflictCount: 'Two values in {{count}} places',
    drafts: 'Drafts', draftGo: 'Go on writing', draftLine: '{{count}} unfinished', usual: 'usual {{range}}', week: '{{change}} in 7 days',
    who: 'Who has this chart', upTo: 'until {{at}}', lacks: '{{count}} missing', all_: 'everything', unheard: 'not heard yet', thisDevice: 'this device', contact: 'Contact', phone: 'Telephone', address: 'Address', none: 'not registered',
  },
)
export type ChartWord = keyof typeof chartWords.ja
