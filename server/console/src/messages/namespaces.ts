import type shell from './en/shell.json'
import type signIn from './en/sign-in.json'
import type start from './en/start.json'
import type wanted from './en/wanted.json'

/** The words of the shell and of every page: `messages/LANGUAGE/NAME.json`. */
export type Namespaces = {
  shell: typeof shell
  'sign-in': typeof signIn
  start: typeof start
  wanted: typeof wanted
}

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'shell'
    resources: Namespaces
  }
}
