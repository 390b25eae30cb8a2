import type { FeatureRoute } from '../../frame/route'
import { ConflictScreen } from './ConflictScreen'
import { StruckScreen } from './StruckScreen'

export const routes: FeatureRoute[] = [
  { path: '/patients/$patientId/conflicts', component: ConflictScreen },
  { path: '/patients/$patientId/struck', component: StruckScreen },
]
