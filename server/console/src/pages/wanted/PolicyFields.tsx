import type { ListPolicy, Sound } from '@vedette/server/lists/list'
import { Field } from '../../parts/Field.tsx'
import { NamesField } from '../../parts/NamesField.tsx'
import { NumberField } from '../../parts/NumberField.tsx'
import { SelectField } from '../../parts/SelectField.tsx'
import { TextField } from '../../parts/TextField.tsx'
import { useWords } from '../../words.ts'
import { DAY_MS } from './format.ts'

const MINUTE_MS = 60_000
const SOUNDS: readonly Sound[] = ['repeat', 'once', 'off']
const PRIORITIES = [1, 2, 3, 4, 5] as const

export type PolicyProps = { policy: ListPolicy; onChange: (change: Partial<ListPolicy>) => void }

/** What a list is called, how urgent it is, how long entries last and who sees them. */
export function PolicyFields({ policy, onChange }: PolicyProps) {
  const t = useWords('wanted')
  return (
    <>
      <TextField
        label={t('policy.name')}
        required
        maxLength={100}
        value={policy.name}
        onValue={(name) => onChange({ name })}
      />
      <SelectField
        label={t('policy.priority')}
        hint={t('lists.priorityHint')}
        value={policy.priority}
        onValue={(priority) => onChange({ priority })}
        options={PRIORITIES.map((one) => [one, one])}
      />
      <Field label={t('policy.colour')}>
        {(tied) => (
          <input
            {...tied}
            type="color"
            value={policy.colour}
            onInput={(event) => onChange({ colour: event.currentTarget.value })}
          />
        )}
      </Field>
      <NumberField
        label={t('policy.usualLife')}
        error={livesFit(policy) ? undefined : t('lists.lifeWrong')}
        min={1}
        max={3650}
        value={Math.round(policy.usualLife / DAY_MS)}
        onValue={(days) => onChange({ usualLife: days * DAY_MS })}
      />
      <NumberField
        label={t('policy.longestLife')}
        hint={t('lists.longestHint')}
        min={1}
        max={3650}
        value={Math.round(policy.longestLife / DAY_MS)}
        onValue={(days) => onChange({ longestLife: days * DAY_MS })}
      />
      <NumberField
        label={t('policy.escalateAfter')}
        hint={t('lists.escalateHint')}
        min={1}
        max={1440}
        placeholder={t('lists.usual')}
        value={policy.escalateAfter === null ? Number.NaN : policy.escalateAfter / MINUTE_MS}
        onValue={(minutes) =>
          onChange({ escalateAfter: Number.isNaN(minutes) ? null : minutes * MINUTE_MS })
        }
      />
      <SelectField
        label={t('policy.sound')}
        value={policy.sound}
        onValue={(sound) => onChange({ sound })}
        options={SOUNDS.map((one) => [one, t(`lists.sounds.${one}`)])}
      />
      <NumberField
        label={t('policy.keepFor')}
        hint={t('lists.keepHint')}
        min={0}
        max={720}
        value={policy.keepFor}
        onValue={(hours) => onChange({ keepFor: hours || 0 })}
      />
      <NamesField
        label={t('policy.viewers')}
        hint={t('lists.viewersHint')}
        placeholder={t('lists.everybody')}
        names={policy.viewers ?? []}
        onNames={(names) => onChange({ viewers: names.length === 0 ? null : names })}
      />
    </>
  )
}

export function livesFit({ usualLife, longestLife }: ListPolicy): boolean {
  return usualLife <= longestLife
}
