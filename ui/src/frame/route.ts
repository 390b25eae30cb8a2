/** What a feature registers: `export const routes: FeatureRoute[]` in `features/<job>/routes.ts`. */
import type { RouteComponent } from '@tanstack/react-router'

export interface FeatureRoute {
  /** `/patients/$patientId`; read parameters with `useParams({ strict: false })`. */
  path: string
  component: RouteComponent
}
