import { Field } from '../../parts/Field.tsx'
import { useWords } from '../../words.ts'
import type { Draft } from './draft.ts'

type SettingsFieldsProps = {
  draft: Draft
  isNew: boolean
  onChange: (settings: Draft['settings']) => void
}

const SECURITY = ['starttls', 'tls', 'none'] as const
const NUMBERS = new Set(['port', 'apart', 'speed', 'repeat', 'most'])
const LONG = new Set(['to', 'ca'])

/** Where a channel goes to; what is secret is never shown, only said anew. */
export function SettingsFields({ draft, isNew, onChange }: SettingsFieldsProps) {
  const t = useWords('channels')
  const { kind, settings } = draft
  const set = (key: string) => (event: { currentTarget: HTMLInputElement | HTMLTextAreaElement }) =>
    onChange({ ...settings, [key]: event.currentTarget.value })
  const keys = Object.keys(settings) as Key[]
  return (
    <>
      {keys.map((key) => (
        <Field key={key} label={t(`setting.${key}`)} hint={hintOf(t, kind, key, isNew)}>
          {(tied) => {
            const shared = { ...tied, value: settings[key] ?? '' }
            if (key === 'security') {
              return (
                <select
                  {...shared}
                  onChange={(event) => onChange({ ...settings, [key]: event.currentTarget.value })}
                >
                  {SECURITY.map((one) => (
                    <option key={one} value={one}>
                      {t(`security.${one}`)}
                    </option>
                  ))}
                </select>
              )
            }
            if (LONG.has(key)) {
              return <textarea {...shared} rows={2} spellcheck={false} onInput={set(key)} />
            }
            const typed = { ...shared, spellcheck: false, onInput: set(key) }
            if (key === 'password') {
              return <input {...typed} type="password" autocomplete="new-password" />
            }
            return NUMBERS.has(key) ? (
              <input {...typed} type="number" min={0} />
            ) : (
              <input {...typed} type="text" autocomplete="off" />
            )
          }}
        </Field>
      ))}
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
