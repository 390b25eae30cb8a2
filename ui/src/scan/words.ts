import { words } from '../records/useWords'

export const scanWords = words(
  'scan',
  {
    start: 'カメラで読みとる', stop: 'カメラを止める', file: '写真から読みとる', live: 'カメラの映像', aim: 'QRコードを枠いっぱいに写してください', starting: 'カメラを準備しています', nothing: '写真の中にQRコードが見つかりません。近くから写してください。',
    none: 'この端末のカメラが使えません。写真から読みとるか、コードを入れてください。', busy: 'ほかのアプリがカメラを使っています。閉じてからもう一度押すか、コードを入れてください。', 'not-allowed': 'カメラの使用が許されていません。端末の設定で許すか、コードを入れてください。', elsewhere: '「写真から読みとる」を押すと、この端末のカメラで撮れます。', broken: '読みとりの部品を開けませんでした。コードを入れてください。',
  },
  {
    start: 'Scan with the camera', stop: 'Stop the camera', file: 'Read from a photo', live: 'Picture of the camera', aim: 'Let the QR code fill the frame', starting: 'Preparing the camera', nothing: 'No QR code was found in the photo. Take it from nearer.',
    none: 'The camera of this device cannot be used. Read from a photo, or enter the code.', busy: 'Another program uses the camera. Close it and try again, or enter the code.', 'not-allowed': 'The camera is not permitted. Permit it in the settings of the device, or enter the code.', elsewhere: '“Read from a photo” opens the camera of this device.', broken: 'The reader could not be opened. Enter the code.',
  },
)
