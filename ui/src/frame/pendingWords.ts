import { words } from '../records/useWords'

export const pendingWords = words(
  'pending',
  {
    title: 'まだ行われていないこと', kept: 'つながると行います。', refused: 'できませんでした（{{code}}）。', putAway: '消す', takeBack: '取りやめる',
    'intent.remove-device': '{{about}}さんの端末を外す', 'intent.remove-staff': '{{about}}さんをチームから外す', 'intent.add-member': '{{about}}を加える', 'intent.set-role': '{{about}}の役割を変える', 'intent.remove-member': '{{about}}をカルテから外す', 'intent.admit': '遅れて届いた記録を受け入れる（{{about}}）', 'intent.repudiate': '記録に線を引く（{{about}}）', 'intent.certify': '{{about}}さんの端末を登録しなおす',
  },
  {
    title: 'Not done yet', kept: 'Will be done once connected.', refused: 'Could not be done ({{code}}).', putAway: 'Put away', takeBack: 'Take back',
    'intent.remove-device': 'Remove a device of {{about}}', 'intent.remove-staff': 'Remove {{about}} from the team', 'intent.add-member': 'Add {{about}}', 'intent.set-role': 'Change the role of {{about}}', 'intent.remove-member': 'Take {{about}} off the chart', 'intent.admit': 'Admit late records ({{about}})', 'intent.repudiate': 'Strike records through ({{about}})', 'intent.certify': 'Enrol a device of {{about}} again',
  },
)
