import { words } from '../../records/useWords'

export const syncWords = words(
  'sync',
  {
    title: '届きぐあい', onlyHere: '{{n}}件は、まだこの端末だけにあります', kept: '記録は封をしてここに残してあり、電源を切っても消えません。', all: 'この端末の記録は、すべて送りました', checked: '{{at}} に確かめました。', connect: '今すぐつなぐ', connecting: 'つないでいます', care: '気をつけること', parked: '読めないので、わきに置きました（{{reason}}）。ほかは届いています。', from: '{{name}} {{facility}}', someChart: 'カルテ不明', witness: 'この人の端末には、中継サーバーがちがう順の記録を見せていました。記録は届いています。中継サーバーを運営する人に確かめてください。', witnessSeen: '確かめた',
    received: '最後に受け取った', contact: '最後に中継サーバーが答えた', heard: '最後にほかの人から届いた', never: 'まだありません', who: '{{name}}さんのカルテは、だれに', choose: '患者', thisDevice: 'この端末', allHere: 'すべて', lacks: 'あと{{n}}件', unknown: '分かりません', noAnswer: 'まだ答えがありません', note: '数は、相手の端末が「受け取った」と答えたものだけです。中継サーバーに置かれただけでは数えません。', manager: '管理', writer: '書く', reader: '読む', drafts: '下書き {{n}}件',
    seeLate: '確かめる', seeVersion: '版を見る', writeFile: '知らせる資料を書き出す', rotating: '鍵を配りなおしています　あと{{n}}人分', pending: 'つながると行うことが{{n}}件あります', seePending: '見る', since: '{{at}} から', by: '{{name}}さんが追加', take: 'カルテから外す…', takeAsk: '{{facility}}をこのカルテから外しますか。これまでに届いたものは残ります。新しい鍵に変わり、これから書くものは届きません。', takeYes: '外す', takeNo: 'やめる', legendHere: 'この端末だけ', legendPart: '途中まで届いた', legendAll: 'すべて届いた',
  },
  {
    title: 'Delivery', onlyHere: '{{n}} still on this device only', kept: 'Records are sealed here and survive switching off.', all: 'Every record of this device has been sent', checked: 'Checked at {{at}}.', connect: 'Connect now', connecting: 'Connecting', care: 'Please look', parked: 'Could not be read and was put aside ({{reason}}). Everything else has arrived.', from: '{{name}} {{facility}}', someChart: 'chart unknown', witness: 'The relay showed this person’s device records in another order. Their records have arrived. Ask whoever runs the relay.', witnessSeen: 'Done',
    received: 'Last received', contact: 'Last answer of the relay', heard: 'Last heard from others', never: 'not yet', who: 'Who has the chart of {{name}}', choose: 'Patient', thisDevice: 'this device', allHere: 'all', lacks: '{{n}} to go', unknown: 'not known', noAnswer: 'no answer yet', note: 'Counted is only what the other device has acknowledged, not what merely lies at the relay.', manager: 'manages', writer: 'writes', reader: 'reads', drafts: 'drafts: {{n}}',
    seeLate: 'Look', seeVersion: 'See the version', writeFile: 'Write a file to hand on', rotating: 'Renewing keys: {{n}} charts to go', pending: '{{n}} decisions wait for a connection', seePending: 'See them', since: 'since {{at}}', by: 'added by {{name}}', take: 'Take off the chart…', takeAsk: 'Take {{facility}} off this chart? What has arrived stays with them. The key changes, and nothing written from now on reaches them.', takeYes: 'Take off', takeNo: 'Stop', legendHere: 'this device only', legendPart: 'arrived in part', legendAll: 'arrived everywhere',
  },
)
