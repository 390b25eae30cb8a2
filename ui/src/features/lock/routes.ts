import type { FeatureRoute } from '../../frame/route'
import { Again } from './Again'

export const routes: FeatureRoute[] = [{ path: '/again', component: Again }]
