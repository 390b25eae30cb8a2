import type { FeatureRoute } from '../../frame/route'
import { ChartScreen, SummaryScreen } from './ChartScreen'

export const routes: FeatureRoute[] = [
  { path: '/patients/$patientId', component: ChartScreen },
  { path: '/patients/$patientId/summary', component: SummaryScreen },
]
