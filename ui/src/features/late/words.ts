import { words } from '../../records/useWords'

export const lateWords = words(
  'late',
  {
    title: '遅れて届いた記録', lead: '外された端末が、外されたあとに預けた記録です。まだカルテには入っていません。受け入れると、書かれた時刻の位置に「遅れて」の印をつけて入ります。', none: '遅れて届いた記録はありません', noneBody: '外した端末が記録を預けると、ここに出ます。',
    unknown: '書いた人は、まだ分かりません', received: '預かった {{at}}', problem: 'ここから先は受け入れられません（{{code}}）', upto: 'ここまで受け入れる', admitAll: '{{n}}件を受け入れる', close: '確かめたことにする', leave: '受け入れないものは、ここに残ります。', draft: '下書き（見るだけで、カルテには入りません）', state: '基本の情報の変更', card: '書いた人の名札', kept: 'つながると受け入れます。', refused: '受け入れられませんでした（{{code}}）。',
  },
  {
    title: 'Late records', lead: 'Handed in by removed devices after their removal. Not in a chart yet. Admitted, they go to the time they were written at, marked as late.', none: 'No late records', noneBody: 'When a removed device hands something in, it stands here.',
    unknown: 'The author is not known yet', received: 'handed in {{at}}', problem: 'Nothing from here on can be admitted ({{code}})', upto: 'Admit up to here', admitAll: 'Admit {{n}}', close: 'Mark as looked at', leave: 'What is not admitted stays here.', draft: 'draft (to look at; never part of the chart)', state: 'change of basic facts', card: 'name card of the writer', kept: 'Will be admitted once connected.', refused: 'Could not be admitted ({{code}}).',
  },
)
