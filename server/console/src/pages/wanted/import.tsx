import { useSignal } from '@preact/signals'
import type { OpenedImport } from '@vedette/server/desk/answered/imports'
import type { CountedList } from '@vedette/server/desk/answered/lists'
import type { Import as Leave } from '@vedette/server/store/imports'
import { useEffect, useRef } from 'preact/hooks'
import { desk } from '../../desk.ts'
import { askReason, confirm } from '../../parts/ask.tsx'
import { Button } from '../../parts/Button.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { Progress } from '../../parts/Progress.tsx'
import { asProblem, DeskProblem } from '../../problem.ts'
import { session } from '../../session.ts'
import { Time } from '../../time.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { ImportFiles } from './ImportFiles.tsx'
import { Outcomes } from './ImportOutcomes.tsx'
import { ImportSettings } from './ImportSettings.tsx'
import { type Begun, Journal, type Usual } from './import-journal.ts'
import type { Found } from './import-rows.ts'
import { ImportRun } from './import-run.ts'

/** How often it is looked whether somebody has approved, milliseconds. */
const LOOK_MS = 2000
const NOTHING: Usual = {
  list: '',
  expires: '',
  reason: '',
  legalBasis: '',
  authority: '',
  caseNumber: '',
  source: '',
  skipBad: false,
}

/** Puts many people on a list, from a folder, a ZIP or a table; goes on where it was. */
export function Import() {
  const t = useWords('wanted')
  const lists = useDesk<CountedList[]>('/lists')
  const journal = useRef<Journal | undefined>(undefined)
  const found = useSignal<Found | undefined>(undefined)
  const usual = useSignal<Usual>(NOTHING)
  const unfinished = useSignal<Begun[]>([])
  const resumed = useSignal<Begun | undefined>(undefined)
  const asked = useSignal<OpenedImport | undefined>(undefined)
  const run = useSignal<ImportRun | undefined>(undefined)
  const isDry = useSignal(true)
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const gone = useRef(false)

  useEffect(() => {
    void open().catch((error) => {
      problem.value = asProblem(error)
    })
    return () => {
      gone.current = true
      run.peek()?.stop()
    }
  }, [])

  const open = async () => {
    journal.current = await Journal.open()
    const leaves = await desk.get<Leave[]>('/imports')
    const going = new Set(
      leaves.flatMap(({ id, state }) => (state === 'open' || state === 'pending' ? id : [])),
    )
    const mine = (await journal.current.all()).filter(({ by }) => by === session.peek()?.name)
    for (const { grant } of mine) if (!going.has(grant)) await journal.current.forget(grant)
    unfinished.value = mine.filter(({ grant }) => going.has(grant))
  }
  const start = async (dry: boolean) => {
    problem.value = undefined
    isDry.value = dry
    try {
      await (dry ? carryOut(undefined, Date.now()) : carryOutWithLeave())
    } catch (error) {
      problem.value = asProblem(error)
    }
  }
  const carryOut = async (grant: string | undefined, startedAt: number) => {
    const rows = found.peek()?.rows ?? []
    const known = grant === undefined ? new Map() : await journal.current!.notes(grant)
    const next = new ImportRun({
      ...{ rows, grant, startedAt, known },
      usual: usual.peek(),
      journal: journal.current,
    })
    run.value = next
    await next.run()
    const failed = next.outcomes.peek().some(({ state }) => state === 'failed')
    if (grant === undefined || failed || next.state.peek() !== 'over') return
    await desk.post(`/imports/${grant}/close`, {}).catch(() => {})
    await journal.current?.forget(grant)
    unfinished.value = unfinished.peek().filter((one) => one.grant !== grant)
    resumed.value = undefined
  }
  const carryOutWithLeave = async () => {
    const rows = found.peek()?.rows ?? []
    let begun = resumed.peek()
    if (begun === undefined) {
      const photos = rows.reduce((sum, { photos }) => sum + photos.length, 0)
      const reason = await askReason(t('import.askTitle', { count: photos }), t('import.askText'))
      if (!reason) return
      const opened = await desk.post<OpenedImport>('/imports', { photos }, { reason })
      asked.value = opened
      const by = session.peek()?.name ?? ''
      begun = { grant: opened.id, by, startedAt: Date.now(), photos, usual: usual.peek() }
      await journal.current?.begin(begun)
      resumed.value = begun
    }
    const leave = await approved(begun.grant)
    if (leave === undefined) return
    asked.value = undefined
    await carryOut(begun.grant, begun.startedAt)
  }
  /** Waits for a second person; undefined where the page was left meanwhile. */
  const approved = async (id: string): Promise<Leave | undefined> => {
    for (;;) {
      const leave = await desk.get<OpenedImport>(`/imports/${id}`)
      if (leave.state === 'open') return leave
      if (leave.state !== 'pending') {
        asked.value = undefined
        await journal.current?.forget(id)
        resumed.value = undefined
        throw new DeskProblem({
          code: 'import.wrong-state',
          status: 409,
          detail: t('import.ended', { state: t(`import.states.${leave.state}`) }),
        })
      }
      asked.value = leave
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
      if (gone.current) return undefined
    }
  }
  const abandon = async (begun: Begun) => {
    const sure = await confirm(t('import.abandonTitle'), {
      text: t('import.abandonText'),
      yes: t('import.abandon'),
    })
    if (!sure) return
    await desk.post(`/imports/${begun.grant}/close`, {}).catch(() => {})
    await journal.current?.forget(begun.grant)
    unfinished.value = unfinished.peek().filter((one) => one !== begun)
    if (resumed.peek()?.grant === begun.grant) resumed.value = undefined
  }

  const rows = found.value?.rows ?? []
  const going = run.value?.state.value === 'running' || run.value?.state.value === 'paused'
  return (
    <>
      <p>{t('import.text')}</p>
      <Problem problem={problem.value ?? lists.problem} />
      {unfinished.value.map((begun) => (
        <section key={begun.grant} class="wanted-note">
          <p>
            {t('import.unfinished', { count: begun.photos })} <Time at={begun.startedAt} />
          </p>
          <div class="row">
            <Button
              disabled={going}
              aria-pressed={resumed.value?.grant === begun.grant}
              onClick={() => {
                resumed.value = begun
                usual.value = begun.usual
              }}
            >
              {t('import.resume')}
            </Button>
            <Button disabled={going} onClick={() => abandon(begun)}>
              {t('import.abandon')}
            </Button>
          </div>
        </section>
      ))}
      {resumed.value && !found.value && <p role="status">{t('import.chooseAgain')}</p>}
      <ImportFiles
        found={found.value}
        disabled={going}
        onFound={(next) => {
          run.value = undefined
          found.value = next
        }}
      />
      {rows.length > 0 && (
        <>
          <ImportSettings
            usual={usual.value}
            lists={lists.data ?? []}
            disabled={going || resumed.value !== undefined}
            onChange={(next) => {
              usual.value = next
            }}
          />
          {!going && asked.value === undefined && (
            <div class="row">
              <Button onClick={() => start(true)}>{t('import.check')}</Button>
              <Button kind="primary" onClick={() => start(false)}>
                {t(resumed.value ? 'import.goOn' : 'import.start')}
              </Button>
            </div>
          )}
        </>
      )}
      {asked.value?.state === 'pending' && (
        <section class="wanted-note" role="status">
          <Progress label={t('import.waits')} />
          <p>
            {asked.value.approvers.length > 0
              ? t('import.approvers', { names: asked.value.approvers.join(', ') })
              : t('import.noApprovers')}
          </p>
        </section>
      )}
      {run.value && <Outcomes run={run.value} isDry={isDry.value} all={rows.length} />}
    </>
  )
}
