import { words } from '../../records/useWords'

export const settingsWords = words(
  'settings',
  {
    title: '設定', screen: '画面', language: '言語', ja: '日本語', en: 'English', theme: '明るさ', auto: '端末と同じ', light: '明るい', dark: '暗い', lock: '閉じるまでの時間', minutes: '{{n}}分', keypad: 'テンキーの側', left: '左', right: '右', wareki: '和暦', first: '先に和暦', second: '先に西暦',
    device: '端末', add: '端末をふやす', addNote: '新しい端末に鍵を手渡します', again: '登録しなおす', againNote: '中継サーバーがこの端末を知らなくなったとき', pin: '6けたの番号', pinNote: '閉じた画面を開く番号です。123456のような並びは使えません。', show: '見せる', setPin: '番号を決める', pinSet: '番号を決めました', lockNow: '今すぐ閉じる', lockHard: '鍵も忘れて閉じる', relay: '中継サーバー', diagnostics: '困ったときの資料', write: '書き出す', about: 'このMeguriについて', version: '版', commit: '作られた元', protocol: '決まりの版', schema: '表の版', region: '地域の番号', licences: '使っている部品　{{n}}',
  },
  {
    title: 'Settings', screen: 'Screen', language: 'Language', ja: '日本語', en: 'English', theme: 'Brightness', auto: 'as device', light: 'light', dark: 'dark', lock: 'Lock after', minutes: '{{n}} min', keypad: 'Keypad side', left: 'left', right: 'right', wareki: 'Japanese era', first: 'era first', second: 'Western first',
    device: 'Device', add: 'Add a device', addNote: 'Hands the keys to a new device', again: 'Enrol again', againNote: 'When the relay no longer knows this device', pin: 'Six digits', pinNote: 'Opens a locked screen. Runs such as 123456 do not work.', show: 'Show', setPin: 'Set the number', pinSet: 'The number is set', lockNow: 'Lock now', lockHard: 'Lock and forget the key', relay: 'Relay', diagnostics: 'Diagnostics', write: 'Write the file', about: 'About this Meguri', version: 'Version', commit: 'Built from', protocol: 'Protocol', schema: 'Tables', region: 'Region number', licences: 'Parts of others: {{n}}',
  },
)
