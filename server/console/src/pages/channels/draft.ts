import type { ChannelKind, Rules } from '@vedette/server/channels/channel'
import type { ChannelStatus } from '@vedette/server/desk/routes/channels'
import { namesOf } from '../../names.ts'

/** What is being said of a channel; numbers are as they were typed. */
export type Draft = {
  kind: ChannelKind
  name: string
  rules: Rules
  settings: Record<string, string>
}

export const ALL_KINDS: Rules['kinds'] = [
  'new',
  'confirmed',
  'escalated',
  'acknowledged',
  'withdrawn',
  'resolved',
  'reopened',
  'camera',
  'canary',
]

const USUAL: Record<ChannelKind, Record<string, string>> = {
  webhook: { url: '', ca: '' },
  mqtt: { url: 'mqtts://', username: '', password: '', topic: 'vedette', ca: '' },
  mail: {
    ...{ host: '', port: '587', security: 'starttls', username: '', password: '', from: '' },
    ...{ to: '', apart: '30', ca: '' },
  },
  speech: { speed: '150', repeat: '30', most: '20' },
  push: { subject: 'mailto:' },
}

export function newDraft(kind: ChannelKind, language: Rules['language']): Draft {
  const rules: Rules = {
    ...{ lists: null, priority: 5, cameras: null, quiet: null, confirmed: false },
    ...{ kinds: [...ALL_KINDS], names: false, picture: false, language },
  }
  return { kind, name: '', rules, settings: USUAL[kind] }
}

/** Of one that there is: what is secret is empty, and stays as it is unless it is said anew. */
export function draftOf({ kind, name, rules, settings }: ChannelStatus): Draft {
  const shown = Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [key, textOf(key, value)]),
  )
  const known = Object.keys(USUAL[kind]).map((key) => [key, shown[key] ?? ''])
  const own = Object.fromEntries(known) as Record<string, string>
  if (kind === 'webhook') own.url = ''
  return { kind, name, rules, settings: own }
}

/** What the desk is told; of one that there is, only what differs from `before`. */
export function settingsOf({ kind, settings }: Draft, before?: Draft): Record<string, unknown> {
  const said = Object.entries(settings).filter(
    ([key, value]) => before === undefined || value !== before.settings[key],
  )
  return Object.fromEntries(
    said.flatMap(([key, text]) => {
      const value = saidAs(kind, key, text)
      return value === undefined ? [] : [[key, value]]
    }),
  )
}

const SECONDS = new Set(['apart', 'repeat'])
const NUMBERS = new Set(['port', 'speed', 'most'])
const NOTHING = new Set(['username', 'password', 'ca'])

function textOf(key: string, value: unknown): string {
  if (value === null || value === undefined) return ''
  if (SECONDS.has(key)) return String(Number(value) / 1000)
  return Array.isArray(value) ? value.join(', ') : String(value)
}

function saidAs(kind: ChannelKind, key: string, text: string): unknown {
  const trimmed = text.trim()
  if (key === 'repeat') return trimmed === '' ? null : Number(trimmed) * 1000
  if (SECONDS.has(key)) return Number(trimmed) * 1000
  if (NUMBERS.has(key)) return Number(trimmed)
  if (kind === 'mail' && key === 'to') return namesOf(trimmed)
  if (NOTHING.has(key)) return trimmed === '' ? null : key === 'password' ? text : trimmed
  return trimmed
}
