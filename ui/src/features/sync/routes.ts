import type { FeatureRoute } from '../../frame/route'
import { Sync } from './Sync'

export const routes: FeatureRoute[] = [{ path: '/sync', component: Sync }]
