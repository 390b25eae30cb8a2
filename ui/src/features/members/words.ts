import { words } from '../../records/useWords'

export const membersWords = words(
  'members',
  {
    title: 'このカルテを共有している施設', count: '{{n}}施設', lead: 'だれと共有するかは、管理する施設が決めます。', leadOther: 'だれと共有するかを変えられるのは、管理する施設だけです。', loading: '読んでいます',
    manager: '管理する', writer: '書く', reader: '読む', own: '自分の施設', since: '{{at}} から', by: '{{name}}さんが追加', byOther: '{{name}}さん（{{facility}}）が追加', devices: '端末 {{n}}台', heard: '最後の送信 {{at}}', neverHeard: 'まだ送信なし',
    change: '役割を変える…', take: '外す…', onlyManager: '管理する施設が1つは要るので、変えられません。ほかの施設を先に「管理する」にしてください。',
    add: '施設を加える…', stop: 'やめる', refused: 'できませんでした（{{code}}）。',
    roleTitle: '{{facility}}の役割', role: '役割', roleNow: '今の役割は「{{role}}」です。', roleDo: 'この役割にする',
    'then.reader': 'このカルテを読めますが、これからは書けません。これまでに書いた記録は残ります。', 'then.writer': 'このカルテを読み、記録を書けます。', 'then.manager': '記録を書くほかに、だれと共有するかを決め、遅れて届いた記録を受け入れ、記録に線を引けます。ほかの管理する施設を外すこともできます。',
    takeTitle: '{{facility}}をカルテから外します', takeThen: '新しい鍵に変わり、これから書くものはこの施設に届きません。これまでに届いたものは、この施設の端末に残ります。', takeDo: 'カルテから外す',
    addTitle: '施設を加える', addFind: '名前でさがす', addWhich: '地域の名簿の施設', addNone: '加えられる施設はありません。地域の名簿にのっている施設は、すべてこのカルテを共有しています。', addNoMatch: '合う施設がありません。', addMore: 'ほかに{{n}}施設あります。名前でしぼってください。',
    addThen: '{{facility}}は、これまでの記録をすべて読み、これからの記録も受け取ります。ご本人かご家族の同意を確かめてから加えてください。', addPick: '施設を選んでください。', addDo: '加える',
    grantsTitle: 'なくした端末が決めたこと', grantsLead: '紛失として外した端末が、外される前に決めたことです。持ち主が決めたものかを確かめてください。確かめた結果は、管理する施設どうしで共有されます。', grantsNone: '確かめることはありません', grantsNoneBody: 'なくした端末がだれかをカルテに加えていると、ここに出ます。',
    lostOf: '{{name}}さんの端末（{{at}} に紛失として外した）', voidOf: '{{name}}さんの端末は、{{at}} に他人の手に渡ったものとして外されました。その端末が最後に決めた次のことは、無効になりました。',
    'grant.member': '{{facility}}を加えた（{{role}}）', 'grant.role': '{{facility}}の役割を「{{role}}」にした', 'grant.break-glass': '{{facility}}に、緊急時の閲覧を開いた', 'grant.admit': '{{facility}}の遅れて届いた記録を受け入れた',
    'void.member': '{{facility}}を加えた：外れました', 'void.role': '{{facility}}の役割を「{{role}}」にした：元に戻りました', 'void.break-glass': '{{facility}}に緊急時の閲覧を開いた：閉じました', 'void.admit': '{{facility}}の記録を受け入れた：取り消しました',
    stays: 'このままでよい', staysNote: 'ほかの管理する施設にも、もう尋ねません。', strike: '記録に線を引くのは、カルテの記録から行います。', confirmed: '{{name}}さんが「このままでよい」と確かめました。',
  },
  {
    title: 'Facilities that share this chart', count: '{{n}} facilities', lead: 'Managing facilities decide who shares it.', leadOther: 'Only managing facilities can change who shares it.', loading: 'Reading',
    manager: 'manages', writer: 'writes', reader: 'reads', own: 'yours', since: 'since {{at}}', by: 'added by {{name}}', byOther: 'added by {{name}} ({{facility}})', devices: 'devices: {{n}}', heard: 'last sent {{at}}', neverHeard: 'nothing sent yet',
    change: 'Change role…', take: 'Take off…', onlyManager: 'Some facility has to manage the chart, so this one cannot be changed. Let another one manage it first.',
    add: 'Add a facility…', stop: 'Stop', refused: 'Could not be done ({{code}}).',
    roleTitle: 'What {{facility}} may do', role: 'Role', roleNow: 'Now it {{role}}.', roleDo: 'Set this role',
    'then.reader': 'It can read this chart and write nothing from now on. What it wrote stays.', 'then.writer': 'It can read this chart and write records.', 'then.manager': 'Besides writing, it decides who shares the chart, admits late records and strikes records through. It can also take other managing facilities off.',
    takeTitle: 'Take {{facility}} off the chart', takeThen: 'The key changes, and nothing written from now on reaches it. What has arrived stays on its devices.', takeDo: 'Take off the chart',
    addTitle: 'Add a facility', addFind: 'Find by name', addWhich: 'Facilities of the region', addNone: 'There is no facility to add: all that the region lists share this chart.', addNoMatch: 'No facility matches.', addMore: '{{n}} more. Narrow them by name.',
    addThen: '{{facility}} will read everything written so far and receive what is written from now on. Make sure of the consent of the patient or the family first.', addPick: 'Choose a facility.', addDo: 'Add',
    grantsTitle: 'What a lost device decided', grantsLead: 'Decided by a device before it was removed as lost. Make sure that it was its owner. What you find is shared with everyone who manages the chart.', grantsNone: 'Nothing to look into', grantsNoneBody: 'When a lost device had let somebody into a chart, it stands here.',
    lostOf: 'Device of {{name}} (removed as lost {{at}})', voidOf: 'The device of {{name}} was removed as in a stranger’s hands {{at}}. What it had decided last became void:',
    'grant.member': 'added {{facility}} ({{role}})', 'grant.role': 'set the role of {{facility}} to “{{role}}”', 'grant.break-glass': 'let {{facility}} read in an emergency', 'grant.admit': 'admitted late records of {{facility}}',
    'void.member': 'added {{facility}}: taken off', 'void.role': 'set the role of {{facility}} to “{{role}}”: as before again', 'void.break-glass': 'let {{facility}} read in an emergency: closed', 'void.admit': 'admitted records of {{facility}}: undone',
    stays: 'It may stay', staysNote: 'Nobody else who manages the chart is asked again.', strike: 'Records are struck through from the chart itself.', confirmed: '{{name}} made sure that it may stay.',
  },
)
export type MembersWord = keyof typeof membersWords.ja
