import type { FeatureRoute } from '../../frame/route'
import { TrendScreen } from './TrendScreen'

export const routes: FeatureRoute[] = [{ path: '/patients/$patientId/trends', component: TrendScreen }]
