import type { VitalsBody } from '../bodies'
import type { RecordKind } from '../kind'
import { VitalsForm } from './Form'
import { VitalsSummary } from './Summary'
import { EMPTY, isEmptyVitals, parseVitals, tidyVitals } from './values'

export const vitals: RecordKind<VitalsBody> = {
  parse: parseVitals,
  empty: () => EMPTY,
  isEmpty: isEmptyVitals,
  tidy: tidyVitals,
  Form: VitalsForm,
  Summary: VitalsSummary,
}
