import type { ChannelKind, Rules } from '@vedette/server/channels/channel'
import type { List } from '@vedette/server/lists/list'
import { Check, Field } from '../../parts/Field.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { HoursEditor } from '../wanted/HoursEditor.tsx'
import { ALL_KINDS, namesOf } from './draft.ts'

type RulesFieldsProps = { rules: Rules; kind: ChannelKind; onChange: (rules: Rules) => void }

const PRIORITIES = [1, 2, 3, 4, 5] as const

/** What a channel is told, and how much is said. */
export function RulesFields({ rules, kind, onChange }: RulesFieldsProps) {
  const t = useWords('channels')
  const lists = useDesk<List[]>('/lists').data ?? []
  const set = (next: Partial<Rules>) => onChange({ ...rules, ...next })
  const toggled = <T,>(all: readonly T[], one: T, on: boolean) =>
    on ? [...all, one] : all.filter((other) => other !== one)
  const chosen = rules.lists ?? lists.map(({ id }) => id)
  return (
    <>
      <fieldset class="choices">
        <legend>{t('rules.about')}</legend>
        {ALL_KINDS.map((one) => (
          <Check
            key={one}
            label={t(`kinds.${one}`)}
            checked={rules.kinds.includes(one)}
            onChange={(on) => set({ kinds: toggled(rules.kinds, one, on) })}
          />
        ))}
      </fieldset>
      <fieldset class="choices">
        <legend>{t('rules.ofLists')}</legend>
        <Check
          label={t('rules.allLists')}
          checked={rules.lists === null}
          onChange={(on) => set({ lists: on ? null : lists.map(({ id }) => id) })}
        />
        {rules.lists !== null &&
          lists.map(({ id, name }) => (
            <Check
              key={id}
              label={name}
              checked={chosen.includes(id)}
              onChange={(on) => set({ lists: toggled(chosen, id, on) })}
            />
          ))}
      </fieldset>
      <Field label={t('rules.priority')}>
        {(tied) => (
          <select
            {...tied}
            value={String(rules.priority)}
            onChange={(event) => set({ priority: Number(event.currentTarget.value) })}
          >
            {PRIORITIES.map((priority) => (
              <option key={priority} value={String(priority)}>
                {t(priority === 5 ? 'rules.anyPriority' : 'rules.priorityTo', { priority })}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={t('rules.cameras')} hint={t('rules.camerasHint')}>
        {(tied) => (
          <input
            {...tied}
            type="text"
            spellcheck={false}
            value={rules.cameras?.join(', ') ?? ''}
            onChange={(event) => {
              const names = namesOf(event.currentTarget.value)
              set({ cameras: names.length === 0 ? null : names })
            }}
          />
        )}
      </Field>
      <div>
        <Check
          label={t('rules.onlyConfirmed')}
          checked={rules.confirmed}
          onChange={(confirmed) => set({ confirmed })}
        />
        <Check
          label={t('rules.names')}
          checked={rules.names}
          onChange={(names) => set({ names })}
        />
        {kind !== 'speech' && kind !== 'push' && (
          <Check
            label={t('rules.picture')}
            checked={rules.picture}
            onChange={(picture) => set({ picture })}
          />
        )}
        {(rules.names || rules.picture) && <p class="leaves">{t('rules.leaves')}</p>}
      </div>
      <Field label={t('rules.language')}>
        {(tied) => (
          <select
            {...tied}
            value={rules.language}
            onChange={(event) => set({ language: event.currentTarget.value as Rules['language'] })}
          >
            <option value="en">English</option>
            <option value="de">Deutsch</option>
          </select>
        )}
      </Field>
      <HoursEditor
        legend={t('rules.quiet')}
        none={t('rules.neverQuiet')}
        hours={rules.quiet}
        onChange={(hours) =>
          set({ quiet: hours && { ...hours, urgent: rules.quiet?.urgent ?? 1 } })
        }
      />
      {rules.quiet && (
        <Field label={t('rules.urgent')}>
          {(tied) => (
            <select
              {...tied}
              value={String(rules.quiet?.urgent ?? '')}
              onChange={(event) => {
                const { value } = event.currentTarget
                const urgent = value === '' ? null : Number(value)
                set({ quiet: rules.quiet && { ...rules.quiet, urgent } })
              }}
            >
              <option value="">{t('rules.nothingUrgent')}</option>
              {PRIORITIES.map((priority) => (
                <option key={priority} value={String(priority)}>
                  {t('rules.priorityTo', { priority })}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
    </>
  )
}
