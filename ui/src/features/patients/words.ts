import { words } from '../../records/useWords'

export const patientWords = words(
  'patients',
  {
    title: '患者', find: '名前・かな・生年月日・番号', register: '患者を登録する', found: '{{n}}人', more: 'ほかにもいます。もう1字入れると絞れます。', nobody: '「{{query}}」は見つかりません', nobodyBody: 'この端末にあるカルテから探しました。かな、生年月日（1942-03-14）、番号でも探せます。', none: 'まだ患者がいません', noneBody: 'カルテを作るか、ほかの施設から届くのを待ちます。', newOnes: '新着 {{n}}', unsent: '未送信 {{n}}',
    family: '姓', given: '名', familyKana: '姓（カナ）', givenKana: '名（カナ）', born: '生年月日', era: '元号', year: '年', month: '月', day: '日', seireki: '西暦', r: '令和', h: '平成', s: '昭和', t: '大正', m: '明治', read: '{{date}}', badDate: 'この日付はありません。年・月・日を確かめてください。',
    sex: '性別', male: '男', female: '女', other: 'その他', unknown: '不明', address: '住所', phone: '電話', submit: '登録してカルテを作る', partial: '日や月が分からないときは、空けておけます。', need: '姓と名が要ります。',
    similarTitle: 'よく似た方がいます：{{names}}', similarBody: '同じ方なら、そのカルテを開きます。別の方なら、名前の違いを確かめて登録します。', different: '別の方として登録する', look: '同じ方か確かめる',
  },
  {
    title: 'Patients', find: 'Name, kana, birth date, number', register: 'Register a patient', found: '{{n}} found', more: 'There are more. One more character narrows it down.', nobody: 'No “{{query}}” found', nobodyBody: 'Searched the charts on this device. Kana, birth date (1942-03-14) and number work too.', none: 'No patients yet', noneBody: 'Open a chart, or wait for one to arrive from another facility.', newOnes: '{{n}} new', unsent: '{{n}} not sent',
    family: 'Family name', given: 'Given name', familyKana: 'Family name (kana)', givenKana: 'Given name (kana)', born: 'Birth date', era: 'Era', year: 'Year', month: 'Month', day: 'Day', seireki: 'Western', r: 'Reiwa', h: 'Heisei', s: 'Showa', t: 'Taisho', m: 'Meiji', read: '{{date}}', badDate: 'There is no such date. Check year, month and day.',
    sex: 'Sex', male: 'male', female: 'female', other: 'other', unknown: 'unknown', address: 'Address', phone: 'Telephone', submit: 'Register and open a chart', partial: 'Leave day or month empty when unknown.', need: 'Family and given name are needed.',
    similarTitle: 'Somebody is very similar: {{names}}', similarBody: 'If it is the same person, open that chart. If not, check how the names differ, then register.', different: 'Register as another person', look: 'Check whether it is the same',
  },
)
