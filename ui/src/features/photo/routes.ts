import type { FeatureRoute } from '../../frame/route'
import { PhotoScreen } from './PhotoScreen'

export const routes: FeatureRoute[] = [{ path: '/patients/$patientId/photos/$entryId', component: PhotoScreen }]
