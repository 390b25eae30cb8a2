import type { FeatureRoute } from '../../frame/route'
import { VisitScreen } from './VisitScreen'

export const routes: FeatureRoute[] = [{ path: '/patients/$patientId/visit', component: VisitScreen }]
