import type live from './en/live.json'
import type shell from './en/shell.json'
import type signIn from './en/sign-in.json'
import type start from './en/start.json'

/** The words of the shell and of every page: `messages/LANGUAGE/NAME.json`. */
export type Namespaces = {
  shell: typeof shell
  live: typeof live
  'sign-in': typeof signIn
  start: typeof start
}

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'shell'
    resources: Namespaces
  }
}
