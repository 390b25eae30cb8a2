import type { FeatureRoute } from '../../frame/route'
import { Enrol } from './Enrol'

export const routes: FeatureRoute[] = [{ path: '/enrol', component: Enrol }]
