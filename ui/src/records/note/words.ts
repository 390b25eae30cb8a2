import { words } from '../useWords'

export const noteWords = words(
  'note',
  {
    's': 'S', 'o': 'O', 'a': 'A', 'p': 'P',
    'about.s': '本人・家族の話', 'about.o': '見たこと', 'about.a': 'どう考えるか', 'about.p': '次回まで・報告先',
    copied: '前回より複写', copy: '前回の{{part}}を写す', copyShort: '写す', last: '前回 {{at}}　{{author}}の記録', yours: 'あなた', quoted: '今日のバイタル',
    stamps: '定型文', into: '{{part}}に入れる',
    'stamp.0': '著変なし。', 'stamp.1': '浮腫の増悪あり。', 'stamp.2': '医師へ電話で報告。', 'stamp.3': '次回訪問時に再評価。', 'stamp.4': '家族へ説明した。',
    count: '{{chars}}字／{{max}}字',
  },
  {
    's': 'S', 'o': 'O', 'a': 'A', 'p': 'P',
    'about.s': 'what they say', 'about.o': 'what I saw', 'about.a': 'what I think', 'about.p': 'until next time, reported to',
    copied: 'copied from last time', copy: 'Copy {{part}} of last time', copyShort: 'Copy', last: 'Last time {{at}}, by {{author}}', yours: 'you', quoted: 'Vitals of today',
    stamps: 'Phrases', into: 'put into {{part}}',
    'stamp.0': 'No change.', 'stamp.1': 'Oedema has increased.', 'stamp.2': 'Reported to the physician by telephone.', 'stamp.3': 'To be assessed again next visit.', 'stamp.4': 'Explained to the family.',
    count: '{{chars}} of {{max}} characters',
  },
)
