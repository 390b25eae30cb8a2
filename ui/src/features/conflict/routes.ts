import type { FeatureRoute } from '../../frame/route'
import { ConflictScreen } from './ConflictScreen'

export const routes: FeatureRoute[] = [{ path: '/patients/$patientId/conflicts', component: ConflictScreen }]
