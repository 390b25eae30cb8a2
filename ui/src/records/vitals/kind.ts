import type { VitalsBody } from '../bodies'
import type { RecordKind } from '../kind'
import { VitalsForm } from './Form'
import { sayWith } from '../useWords'
import { lineOfVitals } from './quote'
import { VitalsSummary } from './Summary'
import { EMPTY, isEmptyVitals, parseVitals, tidyVitals } from './values'
import { vitalsWords } from './words'

export const vitals: RecordKind<VitalsBody> = {
  parse: parseVitals,
  empty: () => EMPTY,
  isEmpty: isEmptyVitals,
  tidy: tidyVitals,
  line: (body, words) => lineOfVitals(body, sayWith(words, vitalsWords)),
  Form: VitalsForm,
  Summary: VitalsSummary,
}
