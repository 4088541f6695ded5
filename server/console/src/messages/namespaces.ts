import type cameras from './en/cameras.json'
import type fleet from './en/fleet.json'
import type map from './en/map.json'
import type shell from './en/shell.json'
import type signIn from './en/sign-in.json'
import type start from './en/start.json'

/** The words of the shell and of every page: `messages/LANGUAGE/NAME.json`. */
export type Namespaces = {
  cameras: typeof cameras
  fleet: typeof fleet
  map: typeof map
  shell: typeof shell
  'sign-in': typeof signIn
  start: typeof start
}

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'shell'
    resources: Namespaces
  }
}
