import type { ChannelKind, Rules } from '@vedette/server/channels/channel'
import type { List } from '@vedette/server/lists/list'
import { Check } from '../../parts/Field.tsx'
import { HoursEditor } from '../../parts/HoursEditor.tsx'
import { NamesField } from '../../parts/NamesField.tsx'
import { SelectField } from '../../parts/SelectField.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { ALL_KINDS } from './draft.ts'

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
      <SelectField
        label={t('rules.priority')}
        value={rules.priority}
        onValue={(priority) => set({ priority })}
        options={PRIORITIES.map((priority) => [
          priority,
          t(priority === 5 ? 'rules.anyPriority' : 'rules.priorityTo', { priority }),
        ])}
      />
      <NamesField
        label={t('rules.cameras')}
        hint={t('rules.camerasHint')}
        names={rules.cameras ?? []}
        onNames={(names) => set({ cameras: names.length === 0 ? null : names })}
      />
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
      <SelectField
        label={t('rules.language')}
        value={rules.language}
        onValue={(language) => set({ language })}
        options={[
          ['en', 'English'],
          ['de', 'Deutsch'],
        ]}
      />
      <HoursEditor
        legend={t('rules.quiet')}
        none={t('rules.neverQuiet')}
        hours={rules.quiet}
        onChange={(hours) =>
          set({ quiet: hours && { ...hours, urgent: rules.quiet?.urgent ?? 1 } })
        }
      />
      {rules.quiet && (
        <SelectField
          label={t('rules.urgent')}
          value={rules.quiet.urgent}
          onValue={(urgent) => set({ quiet: rules.quiet && { ...rules.quiet, urgent } })}
          options={[
            [null, t('rules.nothingUrgent')],
            ...PRIORITIES.map(
              (priority) => [priority, t('rules.priorityTo', { priority })] as const,
            ),
          ]}
        />
      )}
    </>
  )
}
