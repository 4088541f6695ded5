import { useSignal } from '@preact/signals'
import type { CountedList } from '@vedette/server/desk/answered/lists'
import type { EntryCount } from '@vedette/server/store/entry-counts'
import { desk } from '../../desk.ts'
import { confirm } from '../../parts/ask.tsx'
import { Button } from '../../parts/Button.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { Tag } from '../../parts/Tag.tsx'
import { toast } from '../../parts/toast.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { may } from '../../session.ts'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { STATES, TONES } from './format.ts'
import { ListForm } from './ListForm.tsx'
import { ListName } from './ListName.tsx'
import { policyWords } from './policy-words.ts'
import { useNews } from './use-news.ts'

const SHOWN = ['cameras', 'hours', 'usualLife', 'longestLife', 'demands', 'viewers'] as const

/** Lists, what holds for whoever is on them, and how many are. */
export function Lists() {
  const t = useWords('wanted')
  const lists = useDesk<CountedList[]>('/lists')
  const counts = useDesk<EntryCount[]>(may('entries.view') ? '/entries/counts' : undefined)
  /** A list, or `new`. */
  const edited = useSignal<CountedList | 'new' | undefined>(undefined)
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const reload = () => void Promise.all([lists.reload(), counts.reload()])
  useNews(['lists', 'entry'], reload)

  const remove = async ({ id, name }: CountedList) => {
    const sure = await confirm(t('lists.removeTitle', { name }), {
      text: t('lists.removeText'),
      yes: t('lists.remove'),
    })
    if (!sure) return
    problem.value = undefined
    try {
      await desk.delete(`/lists/${id}`)
      toast(t('lists.removed', { name }))
      reload()
    } catch (error) {
      problem.value = asProblem(error)
    }
  }
  return (
    <>
      {may('lists.manage') && (
        <div class="row">
          <Button
            kind="primary"
            onClick={() => {
              edited.value = 'new'
            }}
          >
            {t('lists.add')}
          </Button>
        </div>
      )}
      <Problem problem={problem.value ?? lists.problem ?? counts.problem} onRetry={reload} />
      <ul class="wanted-lists">
        {lists.data?.map((list) => {
          const own = counts.data?.filter((one) => one.list === list.id) ?? []
          const expiring = own.find(({ state }) => state === 'live')?.expiring ?? 0
          return (
            <li key={list.id} class="card stack" aria-label={list.name}>
              <div class="row spread">
                <h2>
                  <ListName id={list.id} list={list} />
                </h2>
                <Tag>{t('lists.priority', { priority: list.priority })}</Tag>
              </div>
              <div class="row">
                {STATES.flatMap((state) => {
                  const entries = own.find((one) => one.state === state)?.entries ?? 0
                  return entries === 0 ? (
                    []
                  ) : (
                    <a key={state} href={`/wanted?list=${list.id}&state=${state}`}>
                      <Tag tone={TONES[state]}>
                        {t(`states.${state}`)} {entries}
                      </Tag>
                    </a>
                  )
                })}
                {expiring > 0 && (
                  <a href={`/wanted?list=${list.id}&state=soon`}>
                    <Tag tone="warn">
                      {t('states.soon')} {expiring}
                    </Tag>
                  </a>
                )}
                {own.length === 0 && <span class="quiet">{t('lists.empty')}</span>}
              </div>
              <div class="row">
                {list.approvals === 2 && <Tag tone="accent">{t('lists.twoApproveShort')}</Tag>}
                {list.confirmations === 2 && <Tag tone="accent">{t('lists.twoConfirmShort')}</Tag>}
                {list.keepFor > 0 && <Tag>{t('lists.keeps', { count: list.keepFor })}</Tag>}
              </div>
              <dl class="wanted-details">
                {SHOWN.map((field) => (
                  <div key={field}>
                    <dt>{t(`policy.${field}`)}</dt>
                    <dd>{policyWords(field, list[field], t)}</dd>
                  </div>
                ))}
              </dl>
              <div class="row">
                <a class="button" href={`/wanted?list=${list.id}`}>
                  {t('lists.people')}
                </a>
                {may('lists.manage') && (
                  <>
                    <Button
                      onClick={() => {
                        edited.value = list
                      }}
                    >
                      {t('lists.edit')}
                    </Button>
                    <Button onClick={() => remove(list)}>{t('lists.remove')}</Button>
                  </>
                )}
              </div>
            </li>
          )
        })}
      </ul>
      {edited.value && (
        <ListForm
          list={edited.value === 'new' ? undefined : edited.value}
          onClose={(changed) => {
            edited.value = undefined
            if (changed) reload()
          }}
        />
      )}
    </>
  )
}
