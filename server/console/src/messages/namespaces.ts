import type alerts from './en/alerts.json'
import type shell from './en/shell.json'
import type signIn from './en/sign-in.json'
import type start from './en/start.json'
import type wall from './en/wall.json'

/** The words of the shell and of every page: `messages/LANGUAGE/NAME.json`. */
export type Namespaces = {
  alerts: typeof alerts
  shell: typeof shell
  'sign-in': typeof signIn
  start: typeof start
  wall: typeof wall
}

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'shell'
    resources: Namespaces
  }
}
