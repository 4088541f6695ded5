import { useSignal } from '@preact/signals'
import type { CountedList } from '@vedette/server/desk/answered/lists'
import type { AddedTo, EnrolAnswer } from '@vedette/server/gallery/enrolment-answer'
import type { Entry } from '@vedette/server/store/entries'
import { useEffect, useMemo } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { Button } from '../../parts/Button.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { named, SelectField } from '../../parts/SelectField.tsx'
import { toast } from '../../parts/toast.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { Anyway } from './Anyway.tsx'
import { DetailsFields, isWhole } from './DetailsFields.tsx'
import { DropZone } from './DropZone.tsx'
import { Enrolled } from './Enrolled.tsx'
import { enrol, NOTHING_SAID, type Said, type Sighting } from './enrolling.ts'
import { FaceCut } from './FaceCut.tsx'
import { Findings } from './Findings.tsx'
import { ShotCard } from './ShotCard.tsx'
import { MOST_SHOTS, Shots } from './shots.ts'
import { pictureOf } from './sighting-picture.ts'
import { Until } from './Until.tsx'
import { useChecked } from './use-checked.ts'
import { WebcamButton } from './WebcamButton.tsx'

/** Puts somebody on a list, or adds photographs to somebody: `?to=ENTRY`, `?alert=ID&shot=N`. */
export function Add() {
  const t = useWords('wanted')
  const { query } = useLocation()
  const into = query.to
  const lists = useDesk<CountedList[]>('/lists')
  const owner = useDesk<Entry>(into === undefined ? undefined : `/entries/${into}`)
  const shots = useMemo(() => new Shots(), [])
  const said = useSignal<Said>(NOTHING_SAID)
  const list = useSignal(query.list ?? '')
  const until = useSignal<number | undefined>(undefined)
  const anyway = useSignal(false)
  const why = useSignal('')
  const strict = useSignal(false)
  const busy = useSignal(false)
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const answer = useSignal<EnrolAnswer | AddedTo | undefined>(undefined)

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
  const { checked, checking, about } = useChecked({ shots, askable, list: chosen, sighting, into })
  // The same asked for again has the same key; anything else another, or it would be refused.
  const key = useMemo(
    () => crypto.randomUUID(),
    [about, said.value, until.value, anyway.value, why.value],
  )

  useEffect(() => {
    const leaving = new AbortController()
    if (sighting) void addSighting(sighting, leaving.signal)
    return () => {
      leaving.abort()
      shots.clear()
    }
  }, [sighting])

  const good = askable.filter(({ verdict }) => verdict?.accepted)
  const { findings } = checked
  const doubles = findings?.lookalikes.filter(({ same, entry }) => same && entry !== into) ?? []
  const objects =
    doubles.length > 0 ||
    findings?.behaviour?.kind === 'wolf' ||
    checked.problem?.code === 'photo.other-person'
  const demands = policy?.demands ?? []
  const whole = into !== undefined || isWhole(said.value, demands)
  const agreed = !objects || (anyway.value && why.value.trim() !== '')
  const ready = good.length > 0 && !open && !checking && agreed

  const addSighting = async (sighting: Sighting, signal: AbortSignal) => {
    try {
      const url = await pictureOf(sighting, signal)
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
        ...{ expiresAt: until.value, key },
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
          <WebcamButton onTaken={take} />
        </DropZone>
        {all.length === 0 && <p class="quiet">{t('add.advice')}</p>}
        <ul class="wanted-shots">
          {all.map((shot) => (
            <ShotCard
              key={shot.id}
              shot={shot}
              shots={shots}
              checking={checking}
              agreement={findings?.agreement[goodIds.indexOf(shot.id)]}
            />
          ))}
        </ul>
        {checked.problem && !findings && <Problem problem={checked.problem} />}
        {findings && !checking && good.length > 0 && (
          <Findings
            findings={findings}
            objection={checked.problem}
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
            <SelectField
              label={t('people.list')}
              hint={policy?.approvals === 2 ? t('add.twoPersons') : undefined}
              value={chosen ?? ''}
              onValue={(next) => {
                list.value = next
              }}
              options={named(lists.data ?? [])}
            />
            <DetailsFields
              said={said.value}
              demands={demands}
              strict={strict.value}
              onChange={(next) => {
                said.value = next
              }}
            />
            {policy && (
              <Until
                label={t('details.expires')}
                usualLife={policy.usualLife}
                longestLife={policy.longestLife}
                value={until.value}
                onChange={(next) => {
                  until.value = next
                }}
              />
            )}
          </>
        )}
        {objects && (
          <Anyway
            label={t(doubles.length > 0 ? 'add.somebodyElse' : 'add.anyway')}
            sure={anyway}
            why={why}
          />
        )}
        <Problem problem={problem.value} />
        <p class="small quiet" aria-live="polite">
          {good.length < all.length && good.length > 0 && !open && !checking
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
    </div>
  )
}

function nextStep(all: number, good: number, open: boolean, agreed: boolean) {
  if (all === 0) return 'add.next.photo'
  if (open) return 'add.next.wait'
  if (good === 0) return 'add.next.better'
  return agreed ? 'add.next.wait' : 'add.next.decide'
}
