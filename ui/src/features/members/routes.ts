import type { FeatureRoute } from '../../frame/route'
import { GrantsScreen } from './GrantsScreen'
import { MembersScreen } from './MembersScreen'

export const routes: FeatureRoute[] = [
  { path: '/patients/$patientId/members', component: MembersScreen },
  { path: '/grants', component: GrantsScreen },
]
