import { useSignal } from '@preact/signals'
import type { CountedList } from '@vedette/server/desk/answered/lists'
import type { Changed } from '@vedette/server/entries/register'
import type { Entry } from '@vedette/server/store/entries'
import { desk } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { Progress } from '../../parts/Progress.tsx'
import { ReasonField } from '../../parts/ReasonField.tsx'
import { named, SelectField } from '../../parts/SelectField.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { useWords } from '../../words.ts'
import { DAY_MS } from './format.ts'
import { Until } from './Until.tsx'

type BulkProps = {
  entries: readonly Entry[]
  lists: readonly CountedList[]
  /** Ids of those that were changed. */
  onDone: (ids: string[]) => void
  onNone: () => void
}

const WHATS = ['extend', 'move', 'expire'] as const
type What = (typeof WHATS)[number]

/** One change to many entries. */
export function Bulk({ entries, lists, onDone, onNone }: BulkProps) {
  const t = useWords('wanted')
  const what = useSignal<What | undefined>(undefined)
  return (
    <section class="wanted-bulk card" aria-label={t('bulk.label')}>
      <strong>{t('bulk.marked', { count: entries.length })}</strong>
      <div class="row">
        {WHATS.map((one) => (
          <Button
            key={one}
            onClick={() => {
              what.value = one
            }}
          >
            {t(`bulk.${one}`)}
          </Button>
        ))}
        <Button kind="quiet" onClick={onNone}>
          {t('bulk.none')}
        </Button>
      </div>
      {what.value && (
        <BulkDialog
          what={what.value}
          entries={entries}
          lists={lists}
          onClose={(done) => {
            what.value = undefined
            onDone(done)
          }}
        />
      )}
    </section>
  )
}

type Failure = { entry: Entry; problem: DeskProblem }
type BulkDialogProps = {
  what: What
  entries: readonly Entry[]
  lists: readonly CountedList[]
  onClose: (done: string[]) => void
}

function BulkDialog({ what, entries: given, lists, onClose }: BulkDialogProps) {
  const t = useWords('wanted')
  // They leave the choice as they are changed: these stay.
  const entries = useSignal(given).value
  const until = useSignal<number | undefined>(undefined)
  const list = useSignal('')
  const reason = useSignal('')
  const state = useSignal<'asking' | 'working' | 'over'>('asking')
  const done = useSignal<string[]>([])
  const waits = useSignal(0)
  const failures = useSignal<Failure[]>([])
  const theirs = lists.filter(({ id }) => entries.some((entry) => entry.list === id))
  const shortest = Math.min(...theirs.map(({ longestLife }) => longestLife), 3650 * DAY_MS)
  const usual = Math.min(...theirs.map(({ usualLife }) => usualLife), 90 * DAY_MS)
  const ready = what !== 'move' || list.value !== ''

  const run = async () => {
    state.value = 'working'
    const body = what === 'move' ? { list: list.value } : { expiresAt: until.value }
    for (const entry of entries) {
      try {
        const path = `/entries/${entry.id}/${what}`
        const options = { reason: reason.value.trim() || undefined }
        const made = await desk.post<Partial<Changed>>(path, what === 'expire' ? {} : body, options)
        if (made.request !== undefined) waits.value++
        done.value = [...done.value, entry.id]
      } catch (error) {
        failures.value = [...failures.value, { entry, problem: asProblem(error) }]
      }
    }
    state.value = 'over'
  }
  const close = () => state.value !== 'working' && onClose(done.value)
  const tried = done.value.length + failures.value.length
  return (
    <Dialog
      title={t(`bulk.${what}Title`, { count: entries.length })}
      onClose={close}
      onSubmit={() => state.value === 'asking' && ready && void run()}
      footer={
        state.value === 'over' ? (
          <Button kind="primary" onClick={close}>
            {t('close')}
          </Button>
        ) : (
          <>
            <Button onClick={close} disabled={state.value === 'working'}>
              {t('cancel')}
            </Button>
            <Button
              type="submit"
              kind={what === 'expire' ? 'danger' : 'primary'}
              busy={state.value === 'working'}
              disabled={!ready}
            >
              {t(`bulk.${what}Do`)}
            </Button>
          </>
        )
      }
    >
      {state.value === 'asking' ? (
        <>
          {what === 'expire' && <p>{t('bulk.expireText')}</p>}
          {what === 'extend' && (
            <Until
              label={t('details.expires')}
              usualLife={usual}
              longestLife={shortest}
              value={until.value}
              onChange={(next) => {
                until.value = next
              }}
            />
          )}
          {what === 'move' && (
            <SelectField
              label={t('move.to')}
              field={list}
              options={[['', t('move.choose')], ...named(lists)]}
            />
          )}
          <ReasonField reason={reason} />
        </>
      ) : (
        <>
          <Progress label={t('bulk.working')} value={tried} most={entries.length}>
            {tried} / {entries.length}
          </Progress>
          {waits.value > 0 && <p>{t('bulk.waits', { count: waits.value })}</p>}
          {failures.value.length > 0 && (
            <ul class="wanted-failures">
              {failures.value.map(({ entry, problem }) => (
                <li key={entry.id}>
                  <strong>{entry.name}</strong>: {problem.message}{' '}
                  {problem.hint && <span class="quiet">{problem.hint}</span>}
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </Dialog>
  )
}
