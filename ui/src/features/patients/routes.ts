import type { FeatureRoute } from '../../frame/route'
import { Register } from './Register'
import { Search } from './Search'

export const routes: FeatureRoute[] = [{ path: '/patients', component: Search }, { path: '/register', component: Register }]
