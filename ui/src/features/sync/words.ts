import { words } from '../../records/useWords'

export const syncWords = words(
  'sync',
  {
    title: '届きぐあい', onlyHere: '{{n}}件は、まだこの端末だけにあります', kept: '記録は封をしてここに残してあり、電源を切っても消えません。', all: 'この端末の記録は、すべて送りました', checked: '{{at}} に確かめました。', connect: '今すぐつなぐ', connecting: 'つないでいます', care: '気をつけること', parked: '読めないので、わきに置きました（{{reason}}）。ほかは届いています。', from: '{{name}} {{facility}}', someChart: 'カルテ不明',
    received: '最後に受け取った', contact: '最後に中継サーバーが答えた', heard: '最後にほかの人から届いた', never: 'まだありません', who: '{{name}}さんのカルテは、だれに', choose: '患者', thisDevice: 'この端末', allHere: 'すべて', lacks: 'あと{{n}}件', unknown: '分かりません', noAnswer: 'まだ答えがありません', note: '数は、相手の端末が「受け取った」と答えたものだけです。中継サーバーに置かれただけでは数えません。', manager: '管理', writer: '書く', reader: '読む', drafts: '下書き {{n}}件',
    legendHere: 'この端末だけ', legendPart: '途中まで届いた', legendAll: 'すべて届いた',
  },
  {
    title: 'Delivery', onlyHere: '{{n}} still on this device only', kept: 'Records are sealed here and survive switching off.', all: 'Every record of this device has been sent', checked: 'Checked at {{at}}.', connect: 'Connect now', connecting: 'Connecting', care: 'Please look', parked: 'Could not be read and was put aside ({{reason}}). Everything else has arrived.', from: '{{name}} {{facility}}', someChart: 'chart unknown',
    received: 'Last received', contact: 'Last answer of the relay', heard: 'Last heard from others', never: 'not yet', who: 'Who has the chart of {{name}}', choose: 'Patient', thisDevice: 'this device', allHere: 'all', lacks: '{{n}} to go', unknown: 'not known', noAnswer: 'no answer yet', note: 'Counted is only what the other device has acknowledged, not what merely lies at the relay.', manager: 'manages', writer: 'writes', reader: 'reads', drafts: 'drafts: {{n}}',
    legendHere: 'this device only', legendPart: 'arrived in part', legendAll: 'arrived everywhere',
  },
)
