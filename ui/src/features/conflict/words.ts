import { words } from '../../records/useWords'

export const conflictWords = words(
  'conflict',
  {
    title: '{{field}}、どちらにしますか', lead: '電波がない間に、別々に直されました。選ぶまで両方が残ります。選ばれなかった値も履歴に残ります。', written: '{{at}} に記入', you: 'あなた',
    choose: 'こちらにする', both: '両方とも正しい', bothWhy: 'この欄には値を1つだけ残せます。もう1つは、選んだあとに記録へ書いてください。', later: 'まだ決めない', empty: '（空らん）',
    noneTitle: '2つの値がある欄はありません', laterTitle: 'あとで決める欄が{{count}}か所あります', laterBody: '決めるまで、どちらの値も残ります。', decide: 'つづけて決める', toChart: 'カルテを見る', loading: '読んでいます', left: 'あと{{count}}か所',
    struckTitle: '線を引かれた値が{{count}}か所あります', struckLead: '管理する施設の人が線を引いた記録といっしょに、書き換えられていました。前の値に戻すか、今の値を残すかを選んでください。', noStruck: '線を引かれた値はありません', previous: '前の値', struckNow: '今の値（線を引かれた）', putBack: '前の値に戻す', keepNow: '今の値を残す', nothingBefore: '前は何も書かれていませんでした。', makeEmpty: '空らんに戻す', takenAway: '値が消されました。', keepEmpty: '空らんのままにする',
    'field.name': '氏名', 'field.kana': 'かな', 'field.birthDate': '生年月日', 'field.sex': '性別', 'field.address': '住所', 'field.phone': '電話番号', 'field.limit': 'しきい値', 'field.localId': '施設の患者番号', 'field.other': '{{field}}',
    male: '男', female: '女', other: 'その他', unknown: '不明', low: '{{value}} 未満', high: '{{value}} 超',
  },
  {
    title: '{{field}}: which one is right?', lead: 'It was changed separately while there was no network. Both stay until somebody chooses. The other value stays in the history.', written: 'written {{at}}', you: 'you',
    choose: 'Take this one', both: 'Both are right', bothWhy: 'This field holds one value. Choose one, then write the other into a note.', later: 'Not yet', empty: '(empty)',
    noneTitle: 'No field has two values', laterTitle: 'Left for later: {{count}}', laterBody: 'Both values stay until somebody chooses.', decide: 'Choose now', toChart: 'To the chart', loading: 'Reading', left: '{{count}} more',
    struckTitle: 'Struck values in {{count}} places', struckLead: 'They were changed together with records that a manager struck through. Put the previous value back, or keep the present one.', noStruck: 'No value is struck', previous: 'Previous value', struckNow: 'Present value (struck)', putBack: 'Put it back', keepNow: 'Keep the present one', nothingBefore: 'Nothing stood there before.', makeEmpty: 'Make it empty again', takenAway: 'The value was taken away.', keepEmpty: 'Leave it empty',
    'field.name': 'Name', 'field.kana': 'Kana', 'field.birthDate': 'Birth date', 'field.sex': 'Sex', 'field.address': 'Address', 'field.phone': 'Telephone', 'field.limit': 'Limit', 'field.localId': 'Number at the facility', 'field.other': '{{field}}',
    male: 'male', female: 'female', other: 'other', unknown: 'unknown', low: 'below {{value}}', high: 'above {{value}}',
  },
)
