import { useState } from 'react'
import { asRefusal } from '../api/refusal'
import { useWords } from '../records/useWords'
import { exportDiagnostics, type Trouble } from './diagnostics'
import { errorWords } from './errorWords'
import { frameWords } from './words'

/** What a button writes, and the line beside it: what is in the file, then where it is or why there is none. */
export function useDiagnostics(trouble: Trouble): { write(): void; told: string } {
  const say = useWords(frameWords)
  const sentence = useWords(errorWords)
  const [told, setTold] = useState('')
  const write = () => void exportDiagnostics(trouble).then(
    (place) => setTold(place && say('diagnosticsKept', { place })),
    (thrown: unknown) => setTold(sentence(asRefusal(thrown).code)),
  )
  return { write, told: told || say('diagnosticsNote') }
}
