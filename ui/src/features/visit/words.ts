import { words } from '../../records/useWords'

export const visitWords = words(
  'visit',
  {
    title: '訪問の記録', steps: '記録の段', 'step.vitals': 'バイタル', 'step.note': '記録', 'step.photo': '写真', 'step.confirm': '確認', done: 'すみ',
    kept: '下書きはこの端末に残っています', keeping: '下書きを残しています', notKept: '下書きを残せていません', resumed: '{{at}} からの下書きの続きです', startNew: '消して新しく始める', startNewSure: '下書きを消します', loading: '下書きを読んでいます',
    leave: '残して出る', toNote: '記録へ進む', toPhoto: '写真へ', toConfirm: '確認へ', backVitals: 'バイタル', backNote: '記録', backPhoto: '写真',
    sure: 'この人の記録として残します', age: '{{n}}歳', ageUnknown: '年齢不明', born: '{{date}}生', notHim: '{{names}}さんではありません', female: '女', male: '男', other: 'その他', unknown: '性別不明',
    edit: '直す', editOf: '{{what}}を直す', nothing: '書いていません', noPhoto: '撮っていません', readers: '見る人', time: '時刻', now: '今（{{at}}）',
    forever: '確定した記録は消えません。あとで直すときは、直した跡が残ります。', confirm: '確定してこの端末に保存する', confirming: '保存しています', empty: 'まだ何も書いていません。',
    openAsk: '確かめていない値があります', refusedLine: 'このままでは残せません', answerAll: 'このまま記録する', goBack: '{{step}}へもどって直す', blocked: 'できないわけ：{{why}}',
    savedTitle: '{{count}}件をこの端末に保存しました', savedText: 'つながったときに、チームの端末へ届きます。', toChart: 'カルテを見る',
  },
  {
    title: 'Visit', steps: 'Steps', 'step.vitals': 'Vitals', 'step.note': 'Note', 'step.photo': 'Photo', 'step.confirm': 'Confirm', done: 'done',
    kept: 'The draft is kept on this device', keeping: 'Keeping the draft', notKept: 'The draft could not be kept', resumed: 'Going on with the draft of {{at}}', startNew: 'Discard and begin anew', startNewSure: 'Discard the draft', loading: 'Reading drafts',
    leave: 'Keep and leave', toNote: 'Go on to the note', toPhoto: 'To the photo', toConfirm: 'To the last check', backVitals: 'Vitals', backNote: 'Note', backPhoto: 'Photo',
    sure: 'This is kept as the record of', age: '{{n}} years', ageUnknown: 'age unknown', born: 'born {{date}}', notHim: 'Not {{names}}', female: 'female', male: 'male', other: 'other', unknown: 'sex unknown',
    edit: 'Change', editOf: 'Change {{what}}', nothing: 'nothing written', noPhoto: 'no photo taken', readers: 'Who can read it', time: 'Time', now: 'now ({{at}})',
    forever: 'Confirmed records do not disappear. Later corrections stay visible.', confirm: 'Confirm and save on this device', confirming: 'Saving', empty: 'Nothing has been written yet.',
    openAsk: 'Some values have not been checked', refusedLine: 'This cannot be kept as it is', answerAll: 'Record as it is', goBack: 'Back to {{step}}', blocked: 'Not yet: {{why}}',
    savedTitle: '{{count}} saved on this device', savedText: 'They reach the team’s devices when there is a network.', toChart: 'To the chart',
  },
)
export type VisitWord = keyof typeof visitWords.ja
