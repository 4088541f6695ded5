import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { beginning, end } from '../period.ts'
import { localTime, utcTime } from '../time.tsx'
import { useWords } from '../words.ts'
import { Button } from './Button.tsx'
import { TextField } from './TextField.tsx'
import './period.css'

/** As somebody typed it; '' is: from the beginning of time, until now. */
export type Typed = { from: string; to: string }
/** Epoch milliseconds. */
export type Period = { since: number; until: number }

const USUAL = ['today', 'yesterday', '24h', '7d', '30d'] as const

type PeriodFieldProps = { value: Typed; onChange: (typed: Typed) => void }

/** When, as people say it: taken on Enter, when the field is left, or by one press. */
export function PeriodField({ value, onChange }: PeriodFieldProps) {
  const t = useWords('shell')
  const text = useSignal(value)
  useEffect(() => {
    text.value = value
  }, [value.from, value.to])
  const now = Date.now()
  const read = { from: beginning(text.value.from, now), to: end(text.value.to, now) }
  const take = () => {
    if (periodOf(text.peek())) onChange(text.peek())
  }
  const wrong = (which: 'from' | 'to') =>
    text.value[which] !== '' && read[which] === undefined ? t('period.unread') : undefined
  const backwards =
    read.from !== undefined && read.to !== undefined && read.to <= read.from
      ? t('period.backwards')
      : undefined
  return (
    <div class="period">
      <fieldset class="row">
        <legend class="unseen">{t('period.usual')}</legend>
        {USUAL.map((name) => (
          <Button
            key={name}
            aria-pressed={value.from === name}
            onClick={() => onChange({ from: name, to: name === 'yesterday' ? name : '' })}
          >
            {t(`period.name.${name}`)}
          </Button>
        ))}
      </fieldset>
      {(['from', 'to'] as const).map((which) => (
        <TextField
          key={which}
          label={t(`period.${which}`)}
          hint={hintOf(read[which]) ?? t(which === 'to' ? 'period.now' : 'period.example')}
          error={wrong(which) ?? (which === 'to' ? backwards : undefined)}
          spellcheck={false}
          maxLength={40}
          value={text.value[which]}
          onValue={(typed) => {
            text.value = { ...text.peek(), [which]: typed }
          }}
          onBlur={take}
          onKeyDown={(event) => event.key === 'Enter' && take()}
        />
      ))}
    </div>
  )
}

/** What was typed, by the clock as it is now; undefined where it is no period. */
export function periodOf({ from, to }: Typed, now = Date.now()): Period | undefined {
  const since = beginning(from, now)
  const until = to === '' ? now : end(to, now)
  return since === undefined || until === undefined || until <= since ? undefined : { since, until }
}

function hintOf(at: number | undefined): string | undefined {
  return at === undefined ? undefined : `${localTime(at)} · ${utcTime(at)}`
}
