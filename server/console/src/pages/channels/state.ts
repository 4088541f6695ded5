import type { ChannelStatus } from '@vedette/server/desk/routes/channels'
import type { TFunction } from 'i18next'

/** How a channel does, the worst that can be said of it. */
export function stateOf({ on, tally }: ChannelStatus) {
  if (!on) return 'off' as const
  if (tally.trouble !== null) return 'failing' as const
  if (tally.dead > 0) return 'dead' as const
  if (tally.waiting > 0) return 'waiting' as const
  return tally.sentAt === null ? ('unused' as const) : ('well' as const)
}

/** Where it goes, in a line. */
export function endOf({ kind, settings }: ChannelStatus, t: TFunction<'channels'>): string {
  switch (kind) {
    case 'webhook':
    case 'mqtt':
      return String(settings.url)
    case 'mail':
      return `${(settings.to as string[]).join(', ')} (${settings.host}:${settings.port})`
    case 'speech':
      return t('end.speech')
    case 'push':
      return t('end.push')
    default:
      return kind satisfies never
  }
}
