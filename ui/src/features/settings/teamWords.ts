import { words } from '../../records/useWords'

export const teamWords = words(
  'team',
  {
    title: 'チームの人と端末　{{facility}}', nameless: '名前はまだ届いていません', me: '自分', left: '退職', leave: '退職…', this: 'この端末', admin: '管理者', device: '端末 {{n}}',
    since: '{{at}} から', first: 'チームの最初の端末', by: '{{name}}さんが登録', heard: '最後の送信 {{at}}', neverHeard: 'まだ送信なし', hasAll: 'すべて届いている', lacks: 'あと{{n}}件', lacksUnknown: '届きぐあいは不明',
    lost: 'なくした…', retire: '使うのをやめる…', 'was.lost': '{{at}} に紛失として外した（{{name}}）', 'was.retired': '{{at}} に使うのをやめた（{{name}}）', 'was.compromised': '{{at}} に、他人の手に渡ったものとして外した（{{name}}）',
    askDevice: '{{name}}さんの端末 {{n}} を外します', askStaff: '{{name}}さんを、端末ごとチームから外します', why: '理由', 'why.lost': 'なくした', 'why.retired': 'もう使わない', 'why.compromised': '他人の手にある',
    'then.lost': '中継サーバーはすぐに受けつけなくなり、患者さんの鍵を配りなおします。端末が見つかってつながると、送っていない記録を預けてから、中身を消します。預けた記録は「遅れて届いた記録」で確かめて受け入れます。',
    'then.retired': '送っていない記録を預けてから、端末の中身を消します。鍵は配りなおします。',
    'then.own': 'すべて送ってあることを確かめてから、この端末の中身を消します。鍵は配りなおします。',
    'then.compromised': '端末は、次につながったときに何も預けずに中身を消します。鍵は配りなおします。',
    dies: '{{at}} よりあとにその端末だけに書かれた記録と下書きは、失われます。', diesAll: 'その端末だけに書かれた記録と下書きは、失われます。', own: 'いま使っている端末です。外すと、この端末ではもう何も開けません。',
    removeDevice: 'この端末を外す', removeStaff: 'チームから外す', stop: 'やめる', cutOff: '{{name}}さんの端末を外しました。代わりの端末は、いま登録できます。', replace: '代わりの端末を登録する',
    rotating: '鍵を配りなおしています　あと{{n}}人分', refused: 'できませんでした（{{code}}）。',
  },
  {
    title: 'People and devices of the team　{{facility}}', nameless: 'name not received yet', me: 'me', left: 'left', leave: 'Leaves…', this: 'this device', admin: 'admin', device: 'Device {{n}}',
    since: 'since {{at}}', first: 'the team’s first device', by: 'added by {{name}}', heard: 'last sent {{at}}', neverHeard: 'nothing sent yet', hasAll: 'has everything', lacks: '{{n}} to go', lacksUnknown: 'delivery unknown',
    lost: 'Lost…', retire: 'Stop using…', 'was.lost': 'removed as lost {{at}} ({{name}})', 'was.retired': 'retired {{at}} ({{name}})', 'was.compromised': 'removed as in a stranger’s hands {{at}} ({{name}})',
    askDevice: 'Remove device {{n}} of {{name}}', askStaff: 'Remove {{name}} and all devices from the team', why: 'Reason', 'why.lost': 'Lost', 'why.retired': 'No longer used', 'why.compromised': 'In other hands',
    'then.lost': 'The relay cuts it off at once, and the keys of the charts are renewed. When it is found and connects, it hands in what it has not sent and then erases itself. What it handed in is looked at and admitted under “late records”.',
    'then.retired': 'It hands in what it has not sent and then erases itself. The keys are renewed.',
    'then.own': 'Makes sure that everything has been sent, then erases this device. The keys are renewed.',
    'then.compromised': 'At its next connection it erases itself without handing in anything. The keys are renewed.',
    dies: 'Records and drafts written only on it after {{at}} are lost.', diesAll: 'Records and drafts that are only on it are lost.', own: 'This is the device in your hands. Afterwards it opens nothing any more.',
    removeDevice: 'Remove this device', removeStaff: 'Remove from the team', stop: 'Stop', cutOff: 'The device of {{name}} was removed. A replacement can be enrolled now.', replace: 'Enrol a replacement',
    rotating: 'Renewing keys: {{n}} charts to go', refused: 'Could not be done ({{code}}).',
  },
)
