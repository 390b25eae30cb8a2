import { words } from '../../records/useWords'

export const enrolWords = words(
  'enrol',
  {
    title: '端末をふやす', forPerson: '{{name}}さんの端末をふやす', forAdmin: '{{name}}さんの端末をふやす（管理者）', whoTitle: 'だれの端末ですか', ofTeam: 'チームの人', another: '新しい人', me: '自分', name: '名前', profession: '職種', offer: 'コードを出す', admin: 'この端末も管理者にする', adminNote: '端末をふやしたり外したり、遅れて届いた記録を受け入れたりできます。',
    scan: '新しい端末で読みとる', scanBody: '新しい端末の Meguri でこのQRコードを写すか、下のつなぎ先と26文字を入れます。', address: 'つなぎ先', qr: '登録用のQRコード', code: '登録コード', left: 'あと {{m}}分{{s}}秒で使えなくなります', compare: '両方の数字をくらべる', compareBody: '新しい端末にも、同じ6つの数字が出ていますか。', same: '同じ数字です', different: 'ちがう、出ていない', waiting: '新しい端末が読みとるのを待っています', finishing: '鍵を渡しています', done: '登録できました', expired: 'コードの10分が過ぎました', again: '新しいコードを出す', note: '鍵は2つの端末のあいだだけで渡します。中継サーバーは見られません。', stop: 'やめる',
  },
  {
    title: 'Add a device', forPerson: 'A device for {{name}}', forAdmin: 'A device for {{name}} (admin)', whoTitle: 'Whose device is it', ofTeam: 'somebody of the team', another: 'a new person', me: 'me', name: 'Name', profession: 'Profession', offer: 'Show a code', admin: 'This device is an admin too', adminNote: 'May add and remove devices and admit late records.',
    scan: 'Read it on the new device', scanBody: 'Scan this QR code with Meguri on the new device, or enter address and 26 characters below.', address: 'Address', qr: 'QR code for enrolling', code: 'Code', left: 'Works for {{m}} min {{s}} s more', compare: 'Compare the digits', compareBody: 'Does the new device show the same six digits?', same: 'The digits are the same', different: 'Different, or none shown', waiting: 'Waiting for the new device', finishing: 'Handing over the keys', done: 'Enrolled', expired: 'The ten minutes are over', again: 'Show a new code', note: 'Keys pass between the two devices alone. The relay cannot see them.', stop: 'Stop',
  },
)
