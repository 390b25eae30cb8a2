import type { FeatureRoute } from '../../frame/route'
import { LateScreen } from './LateScreen'

export const routes: FeatureRoute[] = [{ path: '/late', component: LateScreen }]
