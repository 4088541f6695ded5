import type alerts from './en/alerts.json'
import type cameras from './en/cameras.json'
import type channels from './en/channels.json'
import type device from './en/device.json'
import type docs from './en/docs.json'
import type figures from './en/figures.json'
import type fleet from './en/fleet.json'
import type history from './en/history.json'
import type live from './en/live.json'
import type map from './en/map.json'
import type people from './en/people.json'
import type profile from './en/profile.json'
import type record from './en/record.json'
import type shell from './en/shell.json'
import type signIn from './en/sign-in.json'
import type start from './en/start.json'
import type wall from './en/wall.json'
import type wanted from './en/wanted.json'

/** The words of the shell and of every page: `messages/LANGUAGE/NAME.json`. */
export type Namespaces = {
  cameras: typeof cameras
  fleet: typeof fleet
  map: typeof map
  alerts: typeof alerts
  wall: typeof wall
  channels: typeof channels
  device: typeof device
  docs: typeof docs
  figures: typeof figures
  history: typeof history
  record: typeof record
  people: typeof people
  profile: typeof profile
  shell: typeof shell
  live: typeof live
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
