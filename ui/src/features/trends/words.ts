import { words } from '../../records/useWords'

export const trendWords = words(
  'trends',
  {
    range: '期間', 'days.7': '7日', 'days.30': '30日', 'days.90': '90日', 'days.365': '1年', staff: '職員', family: '家族', usualBand: 'いつもの幅', limit: 'この人のしきい値', gapKey: '記録なし',
    gap: '{{from}}〜{{to}} 記録なし', usual: 'いつも {{range}}', noUsual: 'いつもは、まだ分かりません', weekUp: '▲7日で＋{{change}}', weekDown: '▼7日で−{{change}}', none: 'この期間の記録はありません',
    graphOf: 'バイタルのうつり変わり', table: '表で見る', graph: 'グラフで見る', when: '日時', by: '測った人', alt: '{{name}}のうつり変わり。{{count}}回。最後は {{last}}。', emptyTitle: 'この期間の記録はありません', emptyText: '期間を長くすると見つかるかもしれません。', loading: '記録を読んでいます',
    at: '{{at}} の値', over: '{{value}} 超', under: '{{value}} 未満',
  },
  {
    range: 'Period', 'days.7': '7 days', 'days.30': '30 days', 'days.90': '90 days', 'days.365': '1 year', staff: 'staff', family: 'family', usualBand: 'usual range', limit: 'limit of this person', gapKey: 'no records',
    gap: '{{from}}–{{to}} no records', usual: 'usual {{range}}', noUsual: 'usual range not known yet', weekUp: '▲ +{{change}} in 7 days', weekDown: '▼ −{{change}} in 7 days', none: 'none in this period',
    graphOf: 'Vitals over time', table: 'As a table', graph: 'As a graph', when: 'When', by: 'Measured by', alt: '{{name}} over time. {{count}} values. Last {{last}}.', emptyTitle: 'No records in this period', emptyText: 'A longer period may show some.', loading: 'Reading the records',
    at: 'values at {{at}}', over: 'above {{value}}', under: 'below {{value}}',
  },
)
