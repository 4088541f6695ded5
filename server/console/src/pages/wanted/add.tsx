import { useSignal } from '@preact/signals'
import type { CountedList } from '@vedette/server/desk/routes/lists'
import type { AddedTo, EnrolAnswer } from '@vedette/server/gallery/enrolment-answer'
import type { Entry } from '@vedette/server/store/entries'
import type { EvidenceFrame } from '@vedette/server/store/evidence'
import { useEffect, useMemo } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { desk, urlOf } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { Check, Field } from '../../parts/Field.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { toast } from '../../parts/toast.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { DetailsFields, isWhole } from './DetailsFields.tsx'
import { DropZone } from './DropZone.tsx'
import { Enrolled } from './Enrolled.tsx'
import { type Checked, check, enrol, NOTHING_SAID, type Said, type Sighting } from './enrolling.ts'
import { FaceCut } from './FaceCut.tsx'
import { Findings } from './Findings.tsx'
import { ShotCard } from './ShotCard.tsx'
import { MOST_SHOTS, Shots } from './shots.ts'
import { Until } from './Until.tsx'
import { Webcam } from './Webcam.tsx'

/** What is asked about is asked this long after the last change, milliseconds. */
const SETTLED_MS = 150
const NOTHING_FOUND: Checked = { findings: undefined, problem: undefined }

/** Puts somebody on a list, or adds photographs to somebody: `?to=ENTRY`, `?alert=ID&shot=N`. */
export function Add() {
  const t = useWords('wanted')
  const { query } = useLocation()
  const into = query.to
  const lists = useDesk<CountedList[]>('/lists')
  const owner = useDesk<Entry>(into === undefined ? undefined : `/entries/${into}`)
  const shots = useMemo(() => new Shots(), [])
  const checked = useSignal(NOTHING_FOUND)
  const checking = useSignal(false)
  const filming = useSignal(false)
  const said = useSignal<Said>(NOTHING_SAID)
  const list = useSignal(query.list ?? '')
  const until = useSignal<number | undefined>(undefined)
  const anyway = useSignal(false)
  const why = useSignal('')
  const strict = useSignal(false)
  const busy = useSignal(false)
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const answer = useSignal<EnrolAnswer | AddedTo | undefined>(undefined)
  const key = useSignal(crypto.randomUUID())

  const sighting = useMemo<Sighting | undefined>(
    () => (query.alert === undefined ? undefined : { alert: query.alert, shot: query.shot }),
    [query.alert, query.shot],
  )
  const usual = lists.data?.find(({ id }) => id === 'wanted') ?? lists.data?.[0]
  const chosen = owner.data?.list ?? (list.value || usual?.id)
  const policy = lists.data?.find(({ id }) => id === chosen)
  const all = shots.all.value
  const askable = all.filter(({ obstacle }) => obstacle === undefined)
  const open = askable.some(({ verdict }) => verdict === undefined)
  // What a verdict is about; that it has come changes nothing.
  const about = JSON.stringify([askable.map(({ id, face, url }) => [id, face, url]), chosen, into])

  useEffect(() => {
    const leaving = new AbortController()
    if (sighting) void addSighting(sighting, leaving.signal)
    return () => {
      leaving.abort()
      shots.clear()
    }
  }, [sighting])

  useEffect(() => {
    key.value = crypto.randomUUID()
    checked.value = NOTHING_FOUND
    if (askable.length === 0 || chosen === undefined) {
      checking.value = false
      return
    }
    const leaving = new AbortController()
    checking.value = true
    const timer = setTimeout(async () => {
      try {
        const asking = { shots: askable, list: chosen, sighting, into }
        const found = await check(asking, leaving.signal)
        for (const [i, verdict] of (found.findings?.photos ?? []).entries()) {
          const shot = askable[i]
          if (shot) shots.change(shot.id, { verdict })
        }
        checked.value = found
        checking.value = false
      } catch {
        // Something was changed meanwhile: that is asked about.
      }
    }, SETTLED_MS)
    return () => {
      clearTimeout(timer)
      leaving.abort()
    }
  }, [about])

  const good = askable.filter(({ verdict }) => verdict?.accepted)
  const { findings } = checked.value
  const doubles = findings?.lookalikes.filter(({ same, entry }) => same && entry !== into) ?? []
  const objects =
    doubles.length > 0 ||
    findings?.behaviour?.kind === 'wolf' ||
    checked.value.problem?.code === 'photo.other-person'
  const demands = policy?.demands ?? []
  const whole = into !== undefined || isWhole(said.value, demands)
  const agreed = !objects || (anyway.value && why.value.trim() !== '')
  const ready = good.length > 0 && !open && !checking.value && agreed

  const change = <T,>(signal: { value: T }) => {
    return (next: T) => {
      signal.value = next
      // Something else is asked for: another key, or it would be refused.
      key.value = crypto.randomUUID()
    }
  }
  const addSighting = async ({ alert, shot }: Sighting, signal: AbortSignal) => {
    try {
      const url = await pictureOf(alert, shot, signal)
      if (!signal.aborted) shots.addSighting(t('shot.sighting'), url)
    } catch (error) {
      if (!signal.aborted) problem.value = asProblem(error)
    }
  }
  const take = async (files: { file: Blob; name: string; source?: string }[]) => {
    const left = await shots.add(files)
    if (left > 0) toast(t('add.tooMany', { count: left, most: MOST_SHOTS }))
  }
  const submit = async () => {
    strict.value = true
    if (!ready || !whole || busy.value || chosen === undefined) return
    busy.value = true
    problem.value = undefined
    try {
      answer.value = await enrol({
        ...{ shots: good, list: chosen, sighting, into, said: said.value },
        ...{ expiresAt: until.value, key: key.value },
        anyway: objects ? why.value.trim() : undefined,
      })
    } catch (error) {
      problem.value = asProblem(error)
    } finally {
      busy.value = false
    }
  }
  const again = () => {
    shots.clear()
    said.value = NOTHING_SAID
    answer.value = undefined
    anyway.value = false
    why.value = ''
    strict.value = false
    key.value = crypto.randomUUID()
  }

  if (answer.value) return <Enrolled answer={answer.value} into={into} onAgain={again} />
  const goodIds = good.map(({ id }) => id)
  return (
    <div class="wanted-add">
      <section class="stack" aria-labelledby="wanted-photos">
        <h2 id="wanted-photos">
          {into === undefined
            ? t('add.photos')
            : t('add.morePhotos', { name: owner.data?.name ?? '' })}
        </h2>
        <Problem problem={owner.problem ?? lists.problem} onRetry={lists.reload} />
        <DropZone onFiles={take}>
          <Button
            onClick={() => {
              filming.value = true
            }}
          >
            {t('add.webcam')}
          </Button>
        </DropZone>
        {all.length === 0 && <p class="quiet">{t('add.advice')}</p>}
        <ul class="wanted-shots">
          {all.map((shot) => (
            <ShotCard
              key={shot.id}
              shot={shot}
              shots={shots}
              checking={checking.value}
              agreement={findings?.agreement[goodIds.indexOf(shot.id)]}
            />
          ))}
        </ul>
        {checked.value.problem && !findings && <Problem problem={checked.value.problem} />}
        {findings && !checking.value && good.length > 0 && (
          <Findings
            findings={findings}
            objection={checked.value.problem}
            mine={<FaceCut shot={good[0]} alt={t('alike.mine')} />}
            into={into}
          />
        )}
      </section>
      <form
        class="stack card"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        {into === undefined && (
          <>
            <h2>{t('add.who')}</h2>
            <Field
              label={t('people.list')}
              hint={policy?.approvals === 2 ? t('add.twoPersons') : undefined}
            >
              {(tied) => (
                <select
                  {...tied}
                  value={chosen}
                  onChange={(event) => change(list)(event.currentTarget.value)}
                >
                  {lists.data?.map(({ id, name }) => (
                    <option key={id} value={id}>
                      {name}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            <DetailsFields
              said={said.value}
              demands={demands}
              strict={strict.value}
              onChange={change(said)}
            />
            {policy && (
              <Until
                label={t('details.expires')}
                usualLife={policy.usualLife}
                longestLife={policy.longestLife}
                value={until.value}
                onChange={change(until)}
              />
            )}
          </>
        )}
        {objects && (
          <div class="wanted-anyway">
            <Check
              label={t(doubles.length > 0 ? 'add.somebodyElse' : 'add.anyway')}
              checked={anyway.value}
              onChange={change(anyway)}
            />
            {anyway.value && (
              <Field label={t('add.why')} hint={t('reason.hint')}>
                {(tied) => (
                  <input
                    {...tied}
                    maxLength={500}
                    value={why.value}
                    onInput={(event) => change(why)(event.currentTarget.value)}
                  />
                )}
              </Field>
            )}
          </div>
        )}
        <Problem problem={problem.value} />
        <p class="small quiet" aria-live="polite">
          {good.length < all.length && good.length > 0 && !open && !checking.value
            ? t('add.leftOut', { count: all.length - good.length })
            : ''}
        </p>
        <Button type="submit" kind="primary" busy={busy.value} disabled={!ready}>
          {busy.value
            ? t('add.busy')
            : t(into === undefined ? 'add.do' : 'add.doMore', { count: good.length })}
        </Button>
        {!ready && <p class="small quiet">{t(nextStep(all.length, good.length, open, agreed))}</p>}
      </form>
      {filming.value && (
        <Webcam
          onClose={() => {
            filming.value = false
          }}
          onTaken={(blobs) => {
            filming.value = false
            const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '-')
            void take(
              blobs.map((file, i) => ({
                file,
                name: `webcam-${stamp}-${i + 1}.jpg`,
                source: t('webcam.source'),
              })),
            )
          }}
        />
      )}
    </div>
  )
}

/** Where the browser finds the picture of a sighting, or of its frame `shot`, 1 is the first. */
async function pictureOf(
  alert: string,
  shot: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  const path = `/alerts/${encodeURIComponent(alert)}`
  if (shot === undefined) return urlOf(`${path}/chip`)
  const frames = await desk.get<EvidenceFrame[]>(`${path}/frames`, { signal })
  const frame = frames[Number(shot) - 1]
  return urlOf(frame ? `${path}/frames/${frame.track}/${frame.shot}` : `${path}/chip`)
}

function nextStep(all: number, good: number, open: boolean, agreed: boolean) {
  if (all === 0) return 'add.next.photo'
  if (open) return 'add.next.wait'
  if (good === 0) return 'add.next.better'
  return agreed ? 'add.next.wait' : 'add.next.decide'
}
