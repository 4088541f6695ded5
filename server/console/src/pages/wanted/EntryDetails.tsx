import { useSignal } from '@preact/signals'
import type { CountedList } from '@vedette/server/desk/answered/lists'
import type { Entry } from '@vedette/server/store/entries'
import { desk } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { may } from '../../session.ts'
import { useWords } from '../../words.ts'
import { DetailsFields, isWhole } from './DetailsFields.tsx'
import type { Said } from './enrolling.ts'
import { day } from './format.ts'

const SHOWN = ['reason', 'legalBasis', 'authority', 'caseNumber', 'note'] as const

type EntryDetailsProps = {
  entry: Entry
  list: CountedList | undefined
  /** Nothing of it can be changed any more. */
  gone: boolean
  onChanged: () => void
}

/** What is said of a person, and on whose authority; to be said otherwise. */
export function EntryDetails({ entry, list, gone, onChanged }: EntryDetailsProps) {
  const t = useWords('wanted')
  const editing = useSignal(false)
  const { id, createdAt, createdBy } = entry
  return (
    <section class="card stack">
      <div class="row spread">
        <h3>{t('details.title')}</h3>
        {!gone && may('entries.change') && (
          <Button
            onClick={() => {
              editing.value = true
            }}
          >
            {t('details.edit')}
          </Button>
        )}
      </div>
      <dl class="wanted-details">
        {SHOWN.map((field) => (
          <div key={field}>
            <dt>{t(`details.${field}`)}</dt>
            <dd class={entry[field] === '' ? 'quiet' : undefined}>
              {entry[field] || t('details.notSaid')}
            </dd>
          </div>
        ))}
        <div>
          <dt>{t('entry.enrolled')}</dt>
          <dd>
            {day(createdAt)}, {createdBy}
          </dd>
        </div>
        <div>
          <dt>{t('entry.id')}</dt>
          <dd>
            <code>{id}</code>
          </dd>
        </div>
      </dl>
      {editing.value && (
        <Edit
          entry={entry}
          list={list}
          onClose={(changed) => {
            editing.value = false
            if (changed) onChanged()
          }}
        />
      )}
    </section>
  )
}

type EditProps = {
  entry: Entry
  list: CountedList | undefined
  onClose: (changed: boolean) => void
}

function Edit({ entry, list, onClose }: EditProps) {
  const t = useWords('wanted')
  const { name } = entry
  // What somebody else says meanwhile is not said otherwise again by whoever changes something else.
  const before = useSignal(saidOf(entry)).value
  const isOther = JSON.stringify(saidOf(entry)) !== JSON.stringify(before)
  const said = useSignal<Said>(before)
  const strict = useSignal(false)
  const busy = useSignal(false)
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const demands = list?.demands ?? []

  const save = async () => {
    strict.value = true
    if (!isWhole(said.value, demands) || busy.value) return
    const fields = Object.keys(before) as (keyof Said)[]
    const changed = fields.filter((field) => said.value[field] !== before[field])
    if (changed.length === 0) return onClose(false)
    const written = (field: keyof Said) =>
      field === 'aliases'
        ? said.value.aliases.split(',').flatMap((one) => one.trim() || [])
        : said.value[field].trim()
    busy.value = true
    try {
      const body = Object.fromEntries(changed.map((field) => [field, written(field)]))
      await desk.patch(`/entries/${entry.id}`, body)
      onClose(true)
    } catch (error) {
      problem.value = asProblem(error)
      busy.value = false
    }
  }
  return (
    <Dialog
      title={t('details.editTitle', { name })}
      onClose={() => onClose(false)}
      onSubmit={() => void save()}
      footer={
        <>
          <Button onClick={() => onClose(false)}>{t('cancel')}</Button>
          <Button type="submit" kind="primary" busy={busy.value}>
            {t('save')}
          </Button>
        </>
      }
    >
      <Problem problem={problem.value} />
      <div aria-live="polite">{isOther && <p class="wanted-note">{t('details.meanwhile')}</p>}</div>
      <DetailsFields
        said={said.value}
        demands={demands}
        strict={strict.value}
        onChange={(next) => {
          said.value = next
        }}
      />
    </Dialog>
  )
}

function saidOf(entry: Entry): Said {
  const { name, aliases, reason, legalBasis, authority, caseNumber, note } = entry
  return { name, aliases: aliases.join(', '), reason, legalBasis, authority, caseNumber, note }
}
