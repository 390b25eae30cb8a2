/** Every screen, how it is brought about, and the states it is looked at in. */

const chart = `/patients/${encodeURIComponent('p-サトウ-ハナコ')}`
const button = (page, name) => page.getByRole('button', { name, exact: true })
const type = async (page, keys) => { for (const key of keys) await button(page, key === '.' ? '小数点' : key).click() }
const toStep = (name) => async (page) => { await page.getByRole('navigation', { name: /記録の段|Steps/ }).getByRole('button', { name }).click() }
const asking = async (page) => { await type(page, '36.8'); await type(page, '138'); await type(page, '76'); await button(page, '次へ 脈拍').click(); await type(page, '96'); await button(page, '次へ SpO₂').click(); await type(page, '91'); await button(page, 'O₂ 1.0 L/分').click(); await page.getByRole('alert').first().waitFor() }
const confirming = async (page) => { await asking(page); await page.getByRole('button', { name: '91のまま記録する' }).click(); await toStep(/記録/)(page); await button(page, '著変なし').click(); await toStep(/確認/)(page); await page.getByText('この人の記録として残します').waitFor() }

const enrolAgain = async (page) => { await page.getByLabel(/登録コード|Code of/).fill('ABCD EFGH JKLM NPQR STUV WXYZ 23'); await page.locator('input[autocomplete="current-password"]').fill('yuki to sumire'); await page.getByRole('button', { name: /登録を始める|Start enrolling/ }).click(); await page.waitForTimeout(300) }

/** [name, path, states, what to do first] */
export const SCREENS = [
  ['lock', '/', ['locked', 'locked+demo', 'pin', 'locked+en', 'pin+night'], null],
  ['create', '/', ['new', 'new+en'], null],
  ['home', '/', ['', 'empty', 'error', 'long', 'conflict', 'dark', 'en'], null],
  ['patients', '/patients', ['', 'empty', 'error', 'long', 'dark', 'en'], null],
  ['register', '/register', ['', 'en', 'dark'], null],
  ['sync', '/sync', ['', 'empty', 'error', 'parked', 'late', 'fork', 'grants', 'fault', 'fault+en', 'own-key', 'own-key+en', 'long', 'dark', 'en'], null],
  ['delivery', '/sync', ['sending', 'relay-reset', 'history-being-checked', 'rotation-owed', 'rollback', 'chain-conflict', 'blob-missing', 'quota', 'version-too-old', 'clock-wrong', 'fault+dark', 'late+dark', 'relay-reset+en'], null],
  ['late', '/late', ['', 'empty', 'error', 'dark', 'en'], null],
  ['admitted', '/late', ['offline', 'refused'], async (page) => { await page.getByRole('button', { name: /件を受け入れる/ }).first().click(); await page.waitForTimeout(200) }],
  ['lost', '/settings', ['', 'dark', 'en'], async (page) => { await page.getByRole('button', { name: /なくした…|Lost…/ }).first().click() }],
  ['stolen', '/settings', [''], async (page) => { await page.getByRole('button', { name: 'なくした…' }).first().click(); await button(page, '他人の手にある').click() }],
  ['cut-off', '/settings', ['', 'refused', 'dark'], async (page) => { await page.getByRole('button', { name: 'なくした…' }).first().click(); await button(page, 'この端末を外す').click(); await page.waitForTimeout(200) }],
  ['retire', '/settings', [''], async (page) => { await button(page, '使うのをやめる…').click() }],
  ['retired', '/settings', ['unsent', 'no-admin', 'unsent+dark'], async (page) => { await button(page, '使うのをやめる…').click(); await button(page, 'この端末を外す').click(); await page.waitForTimeout(200) }],
  ['leave', '/settings', ['', 'long', 'en+dark'], async (page) => { await page.getByRole('button', { name: /^(退職…|Leaves…)$/ }).last().click() }],
  ['members', `${chart}/members`, ['', 'member', 'grants', 'late', 'long', 'error', 'dark', 'en'], null],
  ['role', `${chart}/members`, ['', 'dark', 'en', 'long'], async (page) => { await page.getByRole('button', { name: /役割を変える…|Change role…/ }).first().click(); await page.getByRole('dialog').getByRole('button', { name: /^(管理する|manages)$/ }).click() }],
  ['takeoff', `${chart}/members`, ['', 'en'], async (page) => { await page.getByRole('button', { name: /^(外す…|Take off…)$/ }).last().click() }],
  ['share', `${chart}/members`, ['', 'empty', 'long', 'dark', 'en'], async (page) => { await page.getByRole('button', { name: /施設を加える…|Add a facility…/ }).click(); await page.waitForTimeout(300); const second = page.getByRole('radio').nth(1); if (await second.count()) await second.check() }],
  ['grants', '/grants', ['grants', 'grants+dark', 'grants+en', '', 'error'], null],
  ['undo', '/grants', ['grants', 'grants+dark'], async (page) => { await page.getByRole('button', { name: /^外す…/ }).first().click() }],
  ['struck', `${chart}/struck`, ['struck', 'struck+dark', 'struck+en', ''], null],
  ['strike', chart, ['', 'dark', 'en'], async (page) => { await page.locator('[data-entry]').nth(3).getByRole('button').first().click(); await page.getByRole('button', { name: /線を引く…|Strike through…/ }).click(); await page.getByRole('radio').first().check() }],
  ['removed', '/', ['removed', 'new+removed', 'removed+empty', 'removed+en', 'removed+night'], null],
  ['enrol', '/enrol', ['', 'en', 'dark'], null],
  ['enrol-team', '/enrol?staff=a7', ['', 'dark'], null],
  ['enrol-code', '/enrol?staff=a7', ['', 'dark', 'en'], async (page) => { await page.getByRole('button', { name: /コードを出す|Show a code/ }).click(); await page.waitForTimeout(2_000) }],
  ['again', '/again', ['own-key', 'empty', 'dark', 'en'], null],
  ['again-digits', '/again', ['own-key', 'joined', 'other', 'own-key+en+dark'], enrolAgain],
  ['settings', '/settings', ['', 'late', 'member', 'long', 'error', 'dark', 'en'], null],
  ['about', '/about', ['', 'dark', 'long', 'error'], null],
  ['nowhere', '/no-such-screen', [''], null],
  ['chart', chart, ['', 'dark', 'en', 'empty', 'error', 'many', 'conflict', 'struck', 'struck+dark'], null],
  ['chart-long', `/patients/${encodeURIComponent('p-テシガワラ-セイエモンサノスケ')}`, ['long'], null],
  ['summary', `${chart}/summary`, [''], null],
  ['entry', chart, ['', 'dark'], async (page) => { await page.locator('[data-entry]').nth(4).getByRole('button').first().click() }],
  ['amend', chart, [''], async (page) => { await page.locator('[data-entry]').nth(3).getByRole('button').first().click(); await button(page, '訂正する').click() }],
  ['trends', `${chart}/trends`, ['', 'dark', 'en', 'empty', 'error'], async (page) => { await page.waitForTimeout(200) }],
  ['visit', `${chart}/visit`, ['', 'en', 'error'], null],
  ['asking', `${chart}/visit`, ['', 'dark'], asking],
  ['slip', `${chart}/visit`, [''], async (page) => { await type(page, '365'); await button(page, '次へ 血圧').click(); await page.getByRole('alert').first().waitFor() }],
  ['whynot', `${chart}/visit`, [''], async (page) => { await button(page, '測っていない…').click() }],
  ['note', `${chart}/visit`, ['', 'en'], toStep(/記録|Note/)],
  ['photo', `${chart}/visit`, ['', 'en'], async (page) => { await toStep(/写真|Photo/)(page); await page.waitForTimeout(300) }],
  ['confirm', `${chart}/visit`, ['', 'dark'], confirming],
  ['viewer', `${chart}/photos/none`, [''], async (page) => { await page.getByRole('button', { name: '2枚をくらべる' }).click() }],
  ['conflict', `${chart}/conflicts`, ['conflict', 'conflict+en', 'conflict+dark'], null],
  ['states', '/dev/words.html', ['', 'en', 'dark'], null],
]
