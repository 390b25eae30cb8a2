import { words } from '../../records/useWords'

export const lockWords = words(
  'lock',
  {
    kept: '記録は、封をしてこの端末に残してあります', passphrase: '合言葉', open: '開く', opening: '開いています', pinTitle: '6けたの番号', entered: '6けたのうち{{n}}けたを入れました',
    erase: '1字消す', usePassphrase: '合言葉で開く', usePin: '番号で開く', forgot: '番号を忘れても、記録は消えません。', forgotPass: '合言葉を忘れたら、管理者の端末で登録しなおします。届いた記録は戻ります。',
    wait: 'あと{{n}}秒で入れられます', show: '見せる', demo: '練習用の合言葉は {{passphrase}} です', demoPin: '練習用の番号は {{pin}} です', fill: '入れる',
    newTitle: 'この端末で始める', joinTitle: '同僚の端末から登録する', joinBody: '同じチームの人が「設定 → 端末をふやす」で出したQRコードを読みとるか、つなぎ先とコードを入れます。', address: 'つなぎ先', addressAbout: '相手の画面で、コードの上に出ています', addressMissing: 'つなぎ先も入れてください。コードだけでは、どの中継サーバーに聞けばよいか分かりません。', code: '登録コード（26文字）', restTitle: 'チームへの登録が残っています', restBody: 'この端末の合言葉は決まっていますが、まだどのチームにも登録されていません。', newPassphrase: '新しい合言葉', newAgain: '合言葉をもう一度',
    minimum: '{{n}}文字以上。忘れられない、人に言わない言葉にします。', differs: '二つの合言葉がちがいます。', join: '登録を始める', createTitle: '合言葉だけ先に決める', createBody: 'チームへの登録はあとで行います。', create: '合言葉を決める',
    removedTitle: 'この端末はチームから外されました', removedAt: '{{at}} に管理者が外しました。', handingIn: '送っていなかった {{n}}件を預けています。電源と通信を入れたままにしてください。終わると、この端末の中身は消えます。', handedIn: 'まだ送っていなかった {{n}}件は、中継サーバーに預けました。管理者が確かめると、カルテに入ります。この端末の中身は消しました。', nothingLeft: '送っていない記録はありませんでした。この端末の中身は消しました。', burnt: 'この端末の中身は、何も預けずに消しました。', waiting: '相手の端末の答えを待っています', compareTitle: '両方の数字をくらべる', compare: '相手の端末にも、同じ6つの数字が出ていますか。答えは相手の端末で押します。', finishing: '数字が合いました。記録を受け取っています。', done: '登録できました', doneBody: 'チームの患者さんの記録を、いま受け取っています。', unlike: '数字がちがうときは、相手の端末で「ちがう」を押してもらい、新しいコードでやりなおします。', expired: '登録コードの10分が過ぎました。新しいコードを出してもらってください。', again: 'やりなおす', enter: '始める',
    relayBlind: '鍵は2つの端末のあいだだけで渡します。中継サーバーは見られません。', or: 'または',
  },
  {
    kept: 'Records are sealed on this device', passphrase: 'Passphrase', open: 'Open', opening: 'Opening', pinTitle: 'Six digits', entered: '{{n}} of 6 digits entered',
    erase: 'Erase one', usePassphrase: 'Open with the passphrase', usePin: 'Open with the number', forgot: 'Forgetting the number loses no record.', forgotPass: 'If the passphrase is lost, enrol again from a manager’s device. Records that were sent come back.',
    wait: 'Next try in {{n}} s', show: 'Show', demo: 'Practice passphrase: {{passphrase}}', demoPin: 'Practice number: {{pin}}', fill: 'Fill in',
    newTitle: 'Begin on this device', joinTitle: 'Enrol from a colleague’s device', joinBody: 'Scan the QR code that somebody of your team shows under “Settings → Add a device”, or enter address and code.', address: 'Address', addressAbout: 'It stands above the code on the other screen', addressMissing: 'Enter the address too. The code alone does not say which relay to ask.', code: 'Code of 26 characters', restTitle: 'Not yet in a team', restBody: 'This device has its passphrase, but belongs to no team yet.', newPassphrase: 'New passphrase', newAgain: 'Passphrase once more',
    minimum: 'At least {{n}} characters. Something you will not forget and tell nobody.', differs: 'The two passphrases differ.', join: 'Start enrolling', createTitle: 'Only choose a passphrase', createBody: 'Enrol in a team later.', create: 'Choose passphrase',
    removedTitle: 'This device was removed from its team', removedAt: 'A manager removed it {{at}}.', handingIn: 'Handing in {{n}} that had not been sent. Keep it switched on and connected. Then this device erases itself.', handedIn: '{{n}} that had not been sent were handed in at the relay. Once a manager has looked at them they enter the charts. This device has been erased.', nothingLeft: 'Nothing was unsent. This device has been erased.', burnt: 'This device was erased without handing in anything.', waiting: 'Waiting for the other device', compareTitle: 'Compare the digits', compare: 'Does the other device show the same six digits? The answer is given there.', finishing: 'The digits agree. Receiving the records.', done: 'Enrolled', doneBody: 'The records of the team’s patients are being received.', unlike: 'If the digits differ, have “Different” pressed on the other device and start again with a new code.', expired: 'The ten minutes of this code are over. Ask for a new one.', again: 'Start again', enter: 'Begin',
    relayBlind: 'Keys pass between the two devices alone. The relay cannot see them.', or: 'or',
  },
)
