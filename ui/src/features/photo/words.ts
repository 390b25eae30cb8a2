import { words } from '../../records/useWords'

export const viewerWords = words(
  'photo-viewer',
  {
    one: '1枚で見る', two: '2枚をくらべる', left: '左の写真', right: '右の写真', in: '大きくする', out: '小さくする', whole: '全体を見る', zoom: '{{percent}}%', back: 'カルテを見る',
    none: '写真はまだありません', missing: 'この写真はまだこの端末に届いていません。', together: '2枚をいっしょに動かす', by: '{{name}}　{{facility}}', loading: '写真を読んでいます', scale: 'ものさしあり', pan: '写真。矢印キーで動かし、＋と−で大きさを変えます',
  },
  {
    one: 'One photo', two: 'Compare two', left: 'Photo at the left', right: 'Photo at the right', in: 'Larger', out: 'Smaller', whole: 'Whole picture', zoom: '{{percent}}%', back: 'To the chart',
    none: 'No photos yet', missing: 'This photo has not reached this device yet.', together: 'Move both together', by: '{{name}}, {{facility}}', loading: 'Reading the photos', scale: 'ruler in view', pan: 'Photo. Arrow keys move it, + and − change its size',
  },
)
