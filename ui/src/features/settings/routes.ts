import type { FeatureRoute } from '../../frame/route'
import { About } from './About'
import { Settings } from './Settings'

export const routes: FeatureRoute[] = [{ path: '/settings', component: Settings }, { path: '/about', component: About }]
