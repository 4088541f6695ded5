import type { Tied } from '../../parts/Field.tsx'
import { Field } from '../../parts/Field.tsx'
import { useWords } from '../../words.ts'
import { DAY_MS, dateOf, day, endOf } from './format.ts'

type UntilProps = {
  label: string
  /** Of the list: what is usual, and the most, milliseconds. */
  usualLife: number
  longestLife: number
  /** Epoch milliseconds; undefined: as is usual. */
  value: number | undefined
  onChange: (until: number | undefined) => void
}

const DAYS = [1, 7, 30, 90, 180]

/** Until when somebody is looked for: as is usual for the list, so many days, or a day. */
export function Until({ label, usualLife, longestLife, value, onChange }: UntilProps) {
  const t = useWords('wanted')
  const now = Date.now()
  const usual = Math.round(usualLife / DAY_MS)
  const least = dateOf(now)
  const most = dateOf(now + longestLife - DAY_MS)
  const offered = DAYS.filter((days) => days * DAY_MS <= longestLife && days !== usual)
  const early = value !== undefined && value <= now
  const late = value !== undefined && value > now + longestLife
  return (
    <Field
      label={label}
      hint={t('until.most', {
        count: Math.floor(longestLife / DAY_MS),
        day: day(now + longestLife),
      })}
      error={late ? t('until.late') : early ? t('until.early') : undefined}
    >
      {(tied: Tied) => (
        <div class="wanted-until">
          <input
            {...tied}
            type="date"
            min={least}
            max={most}
            value={dateOf(value ?? now + usualLife)}
            onChange={(event) => {
              const until = endOf(event.currentTarget.value)
              if (!Number.isNaN(until)) onChange(until)
            }}
          />
          <div class="row">
            <button
              type="button"
              class="button"
              aria-pressed={value === undefined}
              onClick={() => onChange(undefined)}
            >
              {t('until.usual', { count: usual })}
            </button>
            {offered.map((days) => (
              <button
                type="button"
                class="button"
                key={days}
                aria-pressed={value === endOf(dateOf(now + days * DAY_MS))}
                onClick={() => onChange(endOf(dateOf(now + days * DAY_MS)))}
              >
                {t('until.days', { count: days })}
              </button>
            ))}
          </div>
        </div>
      )}
    </Field>
  )
}
