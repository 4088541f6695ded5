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

/** Where a page begins that has others below it. */
export function startOf({ path }: Page): string {
  return path.split('/:', 1)[0] ?? path
}

type Module = { default: ComponentType }

const view = (name: Namespace, load: () => Promise<Module>): ComponentType =>
  lazy(async () => (await Promise.all([load(), loadWords(name)]))[0])

/** Every page of the console, as the rail shows them; each is fetched when it is first opened. */
export const PAGES: readonly Page[] = [
  {
    name: 'alerts',
    path: '/alerts',
    needs: 'alerts.view',
    icon: 'alerts',
    view: view('alerts', () => import('./pages/alerts/index.tsx')),
  },
  {
    name: 'wall',
    path: '/wall',
    needs: 'alerts.view',
    bare: true,
    view: view('wall', () => import('./pages/wall/index.tsx')),
  },
  {
    name: 'map',
    path: '/map',
    icon: 'map',
    needs: 'cameras.view',
    view: view('map', () => import('./pages/map/index.tsx')),
  },
  {
    name: 'live',
    path: '/live',
    needs: 'cameras.watch',
    icon: 'live',
    view: view('live', () => import('./pages/live/index.tsx')),
  },
  {
    name: 'wanted',
    path: '/wanted/:rest*',
    needs: 'entries.view',
    icon: 'wanted',
    view: view('wanted', () => import('./pages/wanted/index.tsx')),
  },
  {
    name: 'history',
    path: '/history/:view?',
    needs: 'alerts.view',
    icon: 'history',
    view: view('history', () => import('./pages/history/index.tsx')),
  },
  {
    name: 'fleet',
    path: '/fleet',
    icon: 'fleet',
    needs: 'cameras.view',
    view: view('fleet', () => import('./pages/fleet/index.tsx')),
  },
  {
    name: 'figures',
    path: '/figures/:view?',
    needs: 'thresholds.view',
    icon: 'figures',
    view: view('figures', () => import('./pages/figures/index.tsx')),
  },
  {
    name: 'record',
    path: '/record/:view?',
    needs: 'audit.view',
    icon: 'record',
    view: view('record', () => import('./pages/record/index.tsx')),
  },
  {
    name: 'channels',
    path: '/channels',
    needs: 'channels.view',
    icon: 'channels',
    view: view('channels', () => import('./pages/channels/index.tsx')),
  },
  {
    name: 'people',
    path: '/people',
    needs: 'operators.view',
    icon: 'people',
    view: view('people', () => import('./pages/people/index.tsx')),
  },
  {
    name: 'profile',
    path: '/profile',
    view: view('profile', () => import('./pages/profile/index.tsx')),
  },
  {
    name: 'start',
    path: '/start',
    icon: 'start',
    view: view('start', () => import('./pages/start/index.tsx')),
  },
  {
    name: 'docs',
    path: '/docs',
    icon: 'docs',
    view: view('docs', () => import('./pages/docs/index.tsx')),
  },
]

/** Shown at every path while nobody is signed in. */
export const SignIn = view('sign-in', () => import('./pages/sign-in/index.tsx'))
/** Shown at every path while whoever signed in has something to put right. */
export const Owed = view('profile', () => import('./pages/profile/owed.tsx'))
