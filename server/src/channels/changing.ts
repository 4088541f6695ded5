import { v7 as newId } from 'uuid'
import type { Channel, ChannelKind, Rules } from './channel.ts'
import { changedSettings, newSecret, newSettings } from './settings.ts'

/** What a person says of a new one. */
export type NewChannel = { kind: ChannelKind; name: string; rules: Rules; settings: unknown }
export type ChannelChange = {
  name?: string | undefined
  on?: boolean | undefined
  rules?: { [K in keyof Rules]?: Rules[K] | undefined } | undefined
  settings?: Record<string, unknown> | undefined
  /** Another secret in the place of the one it signs with. */
  newSecret?: true | undefined
}

/** A new one. Throws Refusal `channel.invalid`. */
export function madeChannel(said: NewChannel, at: number, by: string): Channel {
  const { kind, name, rules } = said
  const settings = newSettings(kind, said.settings)
  const own = { id: newId(), on: true, createdAt: at, createdBy: by, version: 1 }
  return { ...own, kind, name, rules, settings } as Channel
}

/** The same one, as it is to be from now on. Throws Refusal `channel.invalid`. */
export function changedChannel(channel: Channel, change: ChannelChange): Channel {
  const { name, on, rules, settings, newSecret: renew } = change
  const changed = changedSettings(channel, settings ?? {})
  const signs = renew && channel.kind === 'webhook'
  return {
    ...channel,
    name: name ?? channel.name,
    on: on ?? channel.on,
    rules: { ...channel.rules, ...said(rules ?? {}) },
    settings: { ...changed, ...(signs && { secret: newSecret() }) },
  } as Channel
}

/** Without what nothing was said of. */
function said(rules: object): Partial<Rules> {
  return Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined))
}
