/** Every screen's address. A feature is registered by the `routes.ts` in its folder. */
import { createRootRoute, createRoute, createRouter, Outlet } from '@tanstack/react-router'
import type { FeatureRoute } from '../frame/route'
import { BrokenPage } from '../frame/Broken'
import { Nowhere } from './Nowhere'

const found = import.meta.glob<{ routes: FeatureRoute[] }>('../features/*/routes.ts', { eager: true })
const root = createRootRoute({ component: Outlet, notFoundComponent: Nowhere, errorComponent: ({ error }) => <BrokenPage trouble={{ name: error instanceof Error ? error.name : 'unknown', where: '' }} /> })
const all = Object.values(found).flatMap((feature) => feature.routes).map(({ path, component }) => createRoute({ getParentRoute: () => root, path, component }))

export const router = createRouter({ routeTree: root.addChildren(all) })
