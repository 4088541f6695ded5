import { SelectField } from '../../parts/SelectField.tsx'
import { TextArea, TextField } from '../../parts/TextField.tsx'
import { useWords } from '../../words.ts'
import type { Draft } from './draft.ts'

type SettingsFieldsProps = {
  draft: Draft
  isNew: boolean
  onChange: (settings: Draft['settings']) => void
}

const SECURITY = ['starttls', 'tls', 'none'] as const
const NUMBERS = new Set(['port', 'apart', 'speed', 'repeat', 'most'])
const COUNT = { type: 'number', min: 0 } as const
const SECRET = { type: 'password', autocomplete: 'new-password' } as const
const LONG = new Set(['to', 'ca'])

/** Where a channel goes to; what is secret is never shown, only said anew. */
export function SettingsFields({ draft, isNew, onChange }: SettingsFieldsProps) {
  const t = useWords('channels')
  const { kind, settings } = draft
  return (
    <>
      {(Object.keys(settings) as Key[]).map((key) => {
        const shared = {
          label: t(`setting.${key}`),
          hint: hintOf(t, kind, key, isNew),
          value: settings[key] ?? '',
          onValue: (next: string) => onChange({ ...settings, [key]: next }),
        }
        if (key === 'security') {
          const options = SECURITY.map((one) => [one, t(`security.${one}`)] as const)
          return <SelectField key={key} {...shared} options={options} />
        }
        if (LONG.has(key)) return <TextArea key={key} {...shared} rows={2} spellcheck={false} />
        const kept = key === 'password' && SECRET
        const counted = NUMBERS.has(key) && COUNT
        return <TextField key={key} {...shared} spellcheck={false} {...kept} {...counted} />
      })}
    </>
  )
}

type Key =
  | ('url' | 'ca' | 'username' | 'password' | 'topic' | 'host' | 'port' | 'security')
  | ('from' | 'to' | 'apart' | 'speed' | 'repeat' | 'most' | 'subject')

function hintOf(
  t: ReturnType<typeof useWords<'channels'>>,
  kind: Draft['kind'],
  key: Key,
  isNew: boolean,
): string | undefined {
  if (!isNew && (key === 'password' || key === 'ca' || (kind === 'webhook' && key === 'url'))) {
    return t('hint.stays')
  }
  if (key === 'url') return t(kind === 'webhook' ? 'hint.webhook' : 'hint.mqtt')
  if (key === 'ca' || key === 'to' || key === 'apart' || key === 'repeat' || key === 'subject') {
    return t(`hint.${key}`)
  }
  return undefined
}
