/** A file with what helps to find a fault: the app's versions, codes and counts, and where the screen stopped. No records. */
import { keepDiagnostics, rpc } from '../api/rpc'
import { asRefusal } from '../api/refusal'

/** Only an error's name and the names of components: messages may quote what was on screen. */
export interface Trouble {
  name: string
  where: string
}

/** What the app does not answer is left out, with the code in its place: the file comes in any case. */
export async function diagnosticsText(trouble: Trouble, at: Date): Promise<string> {
  const app = await rpc('about.diagnostics', {}).then(({ text }) => text, (thrown: unknown) => `about.diagnostics: ${asRefusal(thrown).code}`)
  const screen = { at: at.toISOString(), agent: navigator.userAgent, frame: [innerWidth, innerHeight], ...trouble }
  return `${app.trimEnd()}\n\nscreen\n${JSON.stringify(screen, null, 2)}\n`
}

/** Answers where the file is; nothing where the browser shows that by itself. Rejects with a Refusal. */
export async function exportDiagnostics(trouble: Trouble): Promise<string> {
  const text = await diagnosticsText(trouble, new Date())
  const kept = await keepDiagnostics(text)
  if (kept !== null) return kept
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }))
  link.download = 'meguri-diagnostics.txt'
  link.click()
  // The browser may still be reading it when the click returns.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
  return ''
}
