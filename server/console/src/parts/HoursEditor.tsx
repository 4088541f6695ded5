import type { Hours, Span, Weekday } from '@vedette/server/lists/list'
import { weekday } from '../hours.ts'
import { useWords } from '../words.ts'
import { Button } from './Button.tsx'
import { Check } from './Field.tsx'
import { SelectField } from './SelectField.tsx'
import './hours.css'

const DAYS: readonly Weekday[] = [1, 2, 3, 4, 5, 6, 7]
const WORKING: Span = { days: [1, 2, 3, 4, 5], from: '07:00', to: '19:00' }

type HoursEditorProps = {
  legend: string
  /** What it is called where there are none. */
  none: string
  hours: Hours | null
  onChange: (hours: Hours | null) => void
}

/** Hours of the week: none, or on days from a time to a time, over midnight too. */
export function HoursEditor({ legend, none, hours, onChange }: HoursEditorProps) {
  const t = useWords('shell')
  const zone = hours?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  const zones = [...new Set([zone, 'UTC', ...Intl.supportedValuesOf('timeZone')])]
  const spans = hours?.spans ?? []
  const set = (next: Span[]) => onChange(next.length === 0 ? null : { zone, spans: next })
  const change = (at: number, change: Partial<Span>) =>
    set(spans.map((span, i) => (i === at ? { ...span, ...change } : span)))
  return (
    <fieldset class="framed hours">
      <legend>{legend}</legend>
      <Check
        label={none}
        checked={hours === null}
        onChange={(always) => set(always ? [] : [WORKING])}
      />
      {spans.map((span, i) => (
        <div key={String(i)} class="span">
          <div class="row">
            {DAYS.map((day) => (
              <label key={day} class="day">
                <input
                  type="checkbox"
                  checked={span.days.includes(day)}
                  aria-label={weekday(day, 'long')}
                  onChange={(event) => {
                    const others = span.days.filter((one) => one !== day)
                    const days = event.currentTarget.checked ? [...others, day] : others
                    if (days.length > 0) change(i, { days: days.toSorted() })
                    else event.currentTarget.checked = true
                  }}
                />
                <span aria-hidden="true">{weekday(day)}</span>
              </label>
            ))}
          </div>
          <div class="row">
            <input
              type="time"
              aria-label={t('hours.from')}
              required
              value={span.from}
              onChange={(event) => change(i, { from: event.currentTarget.value })}
            />
            –
            <input
              type="time"
              aria-label={t('hours.to')}
              required
              value={span.to === '24:00' ? '00:00' : span.to}
              onChange={(event) => {
                const { value } = event.currentTarget
                change(i, { to: value === '00:00' ? '24:00' : value })
              }}
            />
            {span.to !== '24:00' && span.to <= span.from && (
              <span class="small quiet">{t('hours.overnight')}</span>
            )}
            <Button
              kind="quiet"
              aria-label={t('hours.removeSpan', { number: i + 1 })}
              onClick={() => set(spans.filter((_, k) => k !== i))}
            >
              ×
            </Button>
          </div>
        </div>
      ))}
      {hours !== null && (
        <>
          <Button onClick={() => set([...spans, { ...WORKING, days: [6, 7] }])}>
            {t('hours.addSpan')}
          </Button>
          <SelectField
            label={t('hours.zone')}
            value={zone}
            onValue={(next) => onChange({ zone: next, spans })}
            options={zones.map((one) => [one, one])}
          />
        </>
      )}
    </fieldset>
  )
}
