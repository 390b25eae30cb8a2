import { words } from '../records/useWords'

export const frameWords = words(
  'frame',
  {
    nav: 'おもな画面', today: '今日', patients: '患者', reach: '届きぐあい', settings: '設定', back: 'もどる',
    unsent: '未送信 {{n}}件', lastReceived: '最後の受信 {{at}}', neverReceived: 'まだ受信なし', allSent: 'すべて送った', sending: '送信中 {{n}}件', offline: 'つながっていません', look: '見てください',
    age: '{{n}}歳', ageUnknown: '年齢不明', born: '{{date}}生', bornUnknown: '生年月日 不明',
    male: '男', female: '女', other: 'その他', unknown: '性別不明',
    similar: '似た名前', similarTo: '{{name}}さんと似た名前', chartOf: '{{patient}}さんのカルテ', conflicts: '二つの値 {{n}}', struck: '線を引かれた値 {{n}}', threshold: '個人の基準 {{n}}',
    demo: '練習用', demoSaid: '実在の患者ではありません', demoPassphrase: '合言葉 {{passphrase}}', demoPin: '番号 {{pin}}',
    again: 'もう一度', fix: '入れなおす', unlock: '開く画面へ', seeReach: '届きぐあいを見る', toPatients: '一覧を開く', loading: '開いています', unopened: 'カルテを開けません', photo: '写真なし',
    brokenTitle: '画面が止まりました', brokenBody: '保存した記録と下書きは、この端末に残っています。開きなおすと続きから使えます。', restart: '開きなおす', diagnostics: '調べるための情報を書き出す', diagnosticsNote: '患者の名前や記録は入りません。', diagnosticsKept: '{{place}} に書き出しました。患者の名前や記録は入っていません。',
    nowhere: 'この画面はありません', nowhereBody: '住所がまちがっているか、なくなった画面です。', toToday: '今日の画面へ',
    lockNow: '画面を閉じる',
  },
  {
    nav: 'Main screens', today: 'Today', patients: 'Patients', reach: 'Delivery', settings: 'Settings', back: 'Back',
    unsent: '{{n}} not sent', lastReceived: 'last received {{at}}', neverReceived: 'nothing received yet', allSent: 'All sent', sending: 'sending {{n}}', offline: 'Not connected', look: 'Please look',
    age: '{{n}} y', ageUnknown: 'age unknown', born: 'born {{date}}', bornUnknown: 'birth date unknown',
    male: 'male', female: 'female', other: 'other', unknown: 'sex unknown',
    similar: 'Similar name', similarTo: 'Name similar to {{name}}', chartOf: 'Chart of {{patient}}', conflicts: 'Two values: {{n}}', struck: 'Struck values: {{n}}', threshold: 'Personal limits: {{n}}',
    demo: 'PRACTICE', demoSaid: 'No real patients', demoPassphrase: 'Passphrase {{passphrase}}', demoPin: 'number {{pin}}',
    again: 'Try again', fix: 'Change it', unlock: 'Unlock', seeReach: 'See delivery', toPatients: 'Open the list', loading: 'Opening', unopened: 'The chart does not open', photo: 'no photo',
    brokenTitle: 'The screen stopped', brokenBody: 'Saved records and drafts are on this device. Restart and go on where you were.', restart: 'Restart', diagnostics: 'Export diagnostics', diagnosticsNote: 'No names of patients, no records.', diagnosticsKept: 'Written to {{place}}. It holds no names of patients and no records.',
    nowhere: 'There is no such screen', nowhereBody: 'The address is mistyped or the screen is gone.', toToday: 'To today',
    lockNow: 'Lock the screen',
  },
)
