import { words } from '../../records/useWords'

export const homeWords = words(
  'home',
  {
    find: '患者をさがす（かな・漢字・生年月日・番号）', findShort: '患者をさがす',
    today: '今日の訪問　{{n}}件（済 {{done}}）', noToday: '今日の記録はまだありません', noTodayBody: '患者を選ぶと、訪問を始められます。', choose: '患者を選ぶ',
    read: 'カルテを読む', visit: '訪問を始める', goOn: '訪問を続ける', choices: 'どちらかを選ぶもの　{{n}}', twoValues: '{{n}}項目に二つの値', pictures: '写真 {{n}}枚がまだ届いていません。つながると届きます。', news: 'あなたへ届いたもの　{{n}}', noNews: '新しく届いたものはありません', unsent: 'まだこの端末だけにあるもの　{{n}}', reach: '届きぐあい',
    draft: '下書き', drafts: '下書き {{n}}件', newOnes: '新着 {{n}}', unsentN: '未送信 {{n}}', patients: '受け持ち　{{n}}人', all: 'すべて', none: 'まだ患者がいません', noneBody: 'カルテを作るか、ほかの施設から届くのを待ちます。', register: '患者を登録する',
    patient: '患者', born: '生年月日', last: '最後の記録', news2: '新着', left: '未送信', never: '記録なし', known: 'この端末が知っているのは {{at}} までのことです。そのあとの記録は、つながると届きます。', about: '{{name}}のカルテ',
  },
  {
    find: 'Find a patient (kana, kanji, birth date, number)', findShort: 'Find a patient',
    today: 'Visits today: {{n}} ({{done}} done)', noToday: 'Nothing recorded today yet', noTodayBody: 'Choose a patient to begin a visit.', choose: 'Choose a patient',
    read: 'Read the chart', visit: 'Begin the visit', goOn: 'Go on with the visit', choices: 'For you to choose: {{n}}', twoValues: 'two values in {{n}}', pictures: '{{n}} pictures have not arrived yet. They come once there is a connection.', news: 'Arrived for you: {{n}}', noNews: 'Nothing new has arrived', unsent: 'Still on this device only: {{n}}', reach: 'Delivery',
    draft: 'draft', drafts: 'drafts: {{n}}', newOnes: '{{n}} new', unsentN: '{{n}} not sent', patients: 'My patients: {{n}}', all: 'All', none: 'No patients yet', noneBody: 'Open a chart, or wait for one to arrive from another facility.', register: 'Register a patient',
    patient: 'Patient', born: 'Birth date', last: 'Last entry', news2: 'New', left: 'Not sent', never: 'no entry', known: 'This device knows what happened until {{at}}. Later records arrive once there is a connection.', about: 'Chart of {{name}}',
  },
)
