import type { Permission } from '@vedette/server/operators/permissions'
import type { ComponentType } from 'preact'
import { lazy } from 'preact-iso'
import type { IconName } from './parts/icons.tsx'
import { loadWords, type Namespace } from './words.ts'

export type Page = {
  /** Also the name of its words and of its folder. */
  name: Namespace
  /** As preact-iso reads it. */
  path: string
  /** Who may open it; undefined: everybody who is signed in. */
  needs?: Permission
  /** In the rail; a page without one is reached from others. */
  icon?: IconName
  /** Without the shell around it. */
  bare?: true
  view: ComponentType
}

type Module = { default: ComponentType }

const view = (name: Namespace, load: () => Promise<Module>): ComponentType =>
  lazy(async () => (await Promise.all([load(), loadWords(name)]))[0])

/** Every page of the console, as the rail shows them; each is fetched when it is first opened. */
export const PAGES: readonly Page[] = [
  {
    name: 'map',
    path: '/map',
    icon: 'map',
    needs: 'cameras.view',
    view: view('map', () => import('./pages/map/index.tsx')),
  },
  {
    name: 'fleet',
    path: '/fleet',
    icon: 'fleet',
    needs: 'cameras.view',
    view: view('fleet', () => import('./pages/fleet/index.tsx')),
  },
  {
    name: 'start',
    path: '/start',
    icon: 'start',
    view: view('start', () => import('./pages/start/index.tsx')),
  },
]

/** Shown at every path while nobody is signed in. */
export const SignIn = view('sign-in', () => import('./pages/sign-in/index.tsx'))
