import type { Channel, Settings } from './channel.ts'

/** A channel as people see it: nothing in it opens anything. */
export type ShownChannel = Omit<Channel, 'settings'> & {
  settings: Readonly<Record<string, string | number | boolean | string[] | null>>
}

/** Paths of webhooks are often a secret by themselves: only the host is told. */
export function shown({ settings: _, ...channel }: Channel, settings = _): ShownChannel {
  return { ...channel, settings: withoutSecrets(channel.kind, settings) }
}

function withoutSecrets(kind: Channel['kind'], settings: Channel['settings']) {
  switch (kind) {
    case 'webhook': {
      const { url, ca } = settings as Settings['webhook']
      const { origin, pathname, search } = new URL(url)
      const bare = pathname === '/' && search === ''
      return { url: bare ? origin : `${origin}/…`, ownCa: ca !== null }
    }
    case 'mqtt':
    case 'mail': {
      const { password, ca, ...rest } = settings as Settings['mqtt'] | Settings['mail']
      return { ...rest, hasPassword: password !== null, ownCa: ca !== null }
    }
    case 'speech':
      return { ...(settings as Settings['speech']) }
    case 'push': {
      const { subject, publicKey } = settings as Settings['push']
      return { subject, publicKey }
    }
    default:
      return kind satisfies never
  }
}
