import type { FeatureRoute } from '../../frame/route'
import { Home } from './Home'

export const routes: FeatureRoute[] = [{ path: '/', component: Home }]
