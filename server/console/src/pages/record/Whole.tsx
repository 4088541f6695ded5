import { useSignal } from '@preact/signals'
import type { HeadLine } from '@vedette/server/audit/head'
import type { Verdict } from '@vedette/server/audit/verify'
import type { RecordStanding } from '@vedette/server/desk/answered/audit'
import { useEffect, useRef } from 'preact/hooks'
import { desk } from '../../desk.ts'
import { askReason } from '../../parts/ask.tsx'
import { Button } from '../../parts/Button.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { Progress } from '../../parts/Progress.tsx'
import { Scroll } from '../../parts/Scroll.tsx'
import { toast } from '../../parts/toast.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { save } from '../../save.ts'
import { may } from '../../session.ts'
import { Time } from '../../time.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { Judged } from './Judged.tsx'
import { verify } from './verify.ts'

/** Heads shown; the others are in the export and in the log. */
const LATEST = 20

/** Whether the record is whole, how far it is signed, and all of it to take away. */
export function Whole() {
  const t = useWords('record')
  const standing = useDesk<RecordStanding>('/audit/standing')
  const heads = useDesk<HeadLine[]>('/audit/heads')
  const at = useSignal<{ seq: number; of: number } | undefined>(undefined)
  const verdict = useSignal<Verdict | undefined>(undefined)
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const exporting = useSignal(false)
  const leaving = useRef(new AbortController())
  useEffect(() => () => leaving.current.abort(), [])
  const begin = async () => {
    problem.value = undefined
    verdict.value = undefined
    at.value = { seq: 0, of: standing.data?.last ?? 1 }
    try {
      verdict.value = await verify(leaving.current.signal, (progress) => {
        at.value = progress
      })
    } catch (error) {
      if (leaving.current.signal.aborted) return
      problem.value = asProblem(error)
    }
    at.value = undefined
    await Promise.all([standing.reload(), heads.reload()])
  }
  const take = async () => {
    const reason = await askReason(t('export.title'), t('export.text'))
    if (reason === undefined) return
    exporting.value = true
    problem.value = undefined
    try {
      const answer = await desk.ask('GET', '/audit/export', undefined, { reason })
      const name = `vedette-record-${new Date().toISOString().slice(0, 10)}.jsonl`
      save(name, await answer.blob())
      toast(t('export.saved', { file: name }))
    } catch (error) {
      problem.value = asProblem(error)
    }
    exporting.value = false
  }
  const { head, last, verified } = standing.data ?? {}
  return (
    <>
      <Problem problem={standing.problem} onRetry={standing.reload} />
      {standing.data && (
        <section class="card stack" aria-label={t('tab.whole')}>
          <p>
            {t('standing.acts', { count: last ?? 0 })}{' '}
            {head ? (
              <>
                {t('standing.signed', { seq: head.seq })} <Time at={head.at} />
              </>
            ) : (
              t('standing.unsigned')
            )}
          </p>
          <p class="quiet">
            {verified?.at === null || verified === undefined ? (
              t('standing.notVerified')
            ) : (
              <>
                {t(verified.intact ? 'standing.intact' : 'standing.broken')}{' '}
                <Time at={verified.at} />
              </>
            )}
          </p>
          <div class="row">
            <Button kind="primary" busy={at.value !== undefined} onClick={begin}>
              {t('verify')}
            </Button>
            {may('audit.export') && (
              <Button busy={exporting.value} onClick={take}>
                {t('export.do')}
              </Button>
            )}
          </div>
          {at.value && (
            <Progress label={t('verifying')} value={at.value.seq} most={Math.max(1, at.value.of)}>
              {t('verified', at.value)}
            </Progress>
          )}
          <Problem problem={problem.value} />
          {verdict.value && <Judged verdict={verdict.value} head={head ?? null} />}
        </section>
      )}
      {heads.data && (
        <section class="card stack">
          <h2>{t('heads.title')}</h2>
          <p class="quiet">{t('heads.text')}</p>
          <Scroll label={t('heads.title')}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{t('column.when')}</th>
                  <th scope="col">{t('column.number')}</th>
                  <th scope="col">{t('heads.hash')}</th>
                  <th scope="col">{t('heads.signer')}</th>
                </tr>
              </thead>
              <tbody>
                {heads.data
                  .slice(-LATEST)
                  .reverse()
                  .map((one) => (
                    <tr key={`${one.seq} ${one.at}`}>
                      <td>
                        <Time at={one.at} />
                      </td>
                      <td class="number">{one.seq}</td>
                      <td>
                        <code class="hash">{one.hash}</code>
                      </td>
                      <td>
                        <code>{one.signer}</code>
                      </td>
                    </tr>
                  ))}
              </tbody>
            </table>
          </Scroll>
          <div class="row">
            <Button
              onClick={() => {
                const lines = heads.data?.map((one) => `${JSON.stringify(one)}\n`) ?? []
                save('audit.heads', new Blob(lines, { type: 'application/jsonl' }))
              }}
            >
              {t('heads.save', { count: heads.data.length })}
            </Button>
          </div>
        </section>
      )}
    </>
  )
}
