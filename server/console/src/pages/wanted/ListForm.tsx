import { useSignal } from '@preact/signals'
import type { Watch } from '@vedette/server/desk/routes/cameras'
import type { CountedList, ListChanged } from '@vedette/server/desk/routes/lists'
import type { Demand, ListPolicy, Sound } from '@vedette/server/lists/list'
import { desk } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { Check, Field } from '../../parts/Field.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { DAY_MS } from './format.ts'
import { HoursEditor } from './HoursEditor.tsx'
import { useMaking } from './making.ts'
import { ReasonField } from './ReasonField.tsx'

const MINUTE_MS = 60_000
const DEMANDS: readonly Demand[] = ['reason', 'legalBasis', 'authority', 'caseNumber', 'note']
const SOUNDS: readonly Sound[] = ['repeat', 'once', 'off']
const PRIORITIES = [1, 2, 3, 4, 5] as const
const ID = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** As the desk has a list of which nothing else is said. */
const USUAL: ListPolicy = {
  name: '',
  kind: 'wanted',
  colour: '#d32f2f',
  priority: 3,
  cameras: null,
  hours: null,
  viewers: null,
  approvals: 1,
  confirmations: 1,
  sound: 'repeat',
  quiet: null,
  boardNames: true,
  keepFor: 0,
  keepPictures: false,
  escalateAfter: null,
  demands: [],
  usualLife: 90 * DAY_MS,
  longestLife: 365 * DAY_MS,
}

type ListFormProps = {
  /** Undefined: a new one. */
  list: CountedList | undefined
  onClose: (changed: boolean) => void
}

/** What holds for everybody on a list. */
export function ListForm({ list, onClose }: ListFormProps) {
  const t = useWords('wanted')
  const watch = useDesk<Watch>('/cameras')
  const id = useSignal('')
  const policy = useSignal<ListPolicy>(list ?? USUAL)
  const reason = useSignal('')
  const { busy, problem, make } = useMaking()
  const now = policy.value
  const set = (change: Partial<ListPolicy>) => {
    policy.value = { ...policy.value, ...change }
  }
  const idFits = list !== undefined || ID.test(id.value)
  const lifeFits = now.usualLife <= now.longestLife
  const ready = idFits && lifeFits && now.name.trim() !== ''

  const save = async () => {
    const options = { reason: reason.value.trim() || undefined }
    const fields = Object.keys(USUAL) as (keyof ListPolicy)[]
    const before: ListPolicy = list ?? USUAL
    const changed = fields.filter(
      (field) => JSON.stringify(before[field]) !== JSON.stringify(now[field]),
    )
    const body = Object.fromEntries(changed.map((field) => [field, now[field]]))
    if (list === undefined) {
      await desk.post('/lists', { id: id.value, ...body }, options)
      return {}
    }
    if (changed.length === 0) return {}
    const { request } = await desk.patch<ListChanged>(`/lists/${list.id}`, body, options)
    return { request }
  }
  const cameras = watch.data?.cameras ?? []
  const agents = [...new Set(cameras.map(({ agent }) => agent))]
  const places = [
    ...agents.map((agent) => `${agent}/*`),
    ...cameras.map(({ agent, camera }) => `${agent}/${camera}`),
    ...(now.cameras ?? []),
  ]
  const number = (event: { currentTarget: HTMLInputElement }) => event.currentTarget.valueAsNumber
  return (
    <Dialog
      wide
      title={list ? t('lists.editTitle', { name: list.name }) : t('lists.addTitle')}
      onClose={() => onClose(false)}
      onSubmit={() => ready && void make(save, () => onClose(true))}
      footer={
        <>
          <Button onClick={() => onClose(false)}>{t('cancel')}</Button>
          <Button type="submit" kind="primary" busy={busy} disabled={!ready}>
            {t('save')}
          </Button>
        </>
      }
    >
      <Problem problem={problem} />
      {list?.approvals === 2 && <p class="wanted-note">{t('lists.weaker')}</p>}
      <div class="wanted-policy">
        {!list && (
          <Field
            label={t('lists.id')}
            hint={t('lists.idHint')}
            error={id.value !== '' && !idFits ? t('lists.idWrong') : undefined}
          >
            {(tied) => (
              <input
                {...tied}
                required
                value={id.value}
                onInput={(event) => {
                  id.value = event.currentTarget.value
                }}
              />
            )}
          </Field>
        )}
        <Field label={t('policy.name')}>
          {(tied) => (
            <input
              {...tied}
              required
              maxLength={100}
              value={now.name}
              onInput={(event) => set({ name: event.currentTarget.value })}
            />
          )}
        </Field>
        <Field label={t('policy.priority')} hint={t('lists.priorityHint')}>
          {(tied) => (
            <select
              {...tied}
              value={now.priority}
              onChange={(event) => set({ priority: Number(event.currentTarget.value) })}
            >
              {PRIORITIES.map((one) => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={t('policy.colour')}>
          {(tied) => (
            <input
              {...tied}
              type="color"
              value={now.colour}
              onInput={(event) => set({ colour: event.currentTarget.value })}
            />
          )}
        </Field>
        <Field label={t('policy.usualLife')} error={lifeFits ? undefined : t('lists.lifeWrong')}>
          {(tied) => (
            <input
              {...tied}
              type="number"
              min={1}
              max={3650}
              value={Math.round(now.usualLife / DAY_MS)}
              onInput={(event) => set({ usualLife: number(event) * DAY_MS })}
            />
          )}
        </Field>
        <Field label={t('policy.longestLife')} hint={t('lists.longestHint')}>
          {(tied) => (
            <input
              {...tied}
              type="number"
              min={1}
              max={3650}
              value={Math.round(now.longestLife / DAY_MS)}
              onInput={(event) => set({ longestLife: number(event) * DAY_MS })}
            />
          )}
        </Field>
        <Field label={t('policy.escalateAfter')} hint={t('lists.escalateHint')}>
          {(tied) => (
            <input
              {...tied}
              type="number"
              min={1}
              max={1440}
              placeholder={t('lists.usual')}
              value={now.escalateAfter === null ? '' : now.escalateAfter / MINUTE_MS}
              onInput={(event) => {
                const minutes = number(event)
                set({ escalateAfter: Number.isNaN(minutes) ? null : minutes * MINUTE_MS })
              }}
            />
          )}
        </Field>
        <Field label={t('policy.sound')}>
          {(tied) => (
            <select
              {...tied}
              value={now.sound}
              onChange={(event) => set({ sound: event.currentTarget.value as Sound })}
            >
              {SOUNDS.map((one) => (
                <option key={one} value={one}>
                  {t(`lists.sounds.${one}`)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={t('policy.keepFor')} hint={t('lists.keepHint')}>
          {(tied) => (
            <input
              {...tied}
              type="number"
              min={0}
              max={720}
              value={now.keepFor}
              onInput={(event) => set({ keepFor: number(event) || 0 })}
            />
          )}
        </Field>
        <Field label={t('policy.viewers')} hint={t('lists.viewersHint')}>
          {(tied) => (
            <input
              {...tied}
              placeholder={t('lists.everybody')}
              value={now.viewers?.join(', ') ?? ''}
              onInput={(event) => {
                const names = event.currentTarget.value
                  .split(',')
                  .flatMap((one) => one.trim() || [])
                set({ viewers: names.length === 0 ? null : names })
              }}
            />
          )}
        </Field>
      </div>
      <fieldset class="wanted-hours">
        <legend>{t('lists.rules')}</legend>
        <Check
          label={t('lists.twoApprove')}
          checked={now.approvals === 2}
          onChange={(two) => set({ approvals: two ? 2 : 1 })}
        />
        <Check
          label={t('lists.twoConfirm')}
          checked={now.confirmations === 2}
          onChange={(two) => set({ confirmations: two ? 2 : 1 })}
        />
        <Check
          label={t('policy.boardNames')}
          checked={now.boardNames}
          onChange={(boardNames) => set({ boardNames })}
        />
        <Check
          label={t('policy.keepPictures')}
          checked={now.keepPictures}
          onChange={(keepPictures) => set({ keepPictures })}
        />
      </fieldset>
      <fieldset class="wanted-hours">
        <legend>{t('policy.demands')}</legend>
        <div class="row">
          {DEMANDS.map((demand) => (
            <Check
              key={demand}
              label={t(`details.${demand}`)}
              checked={now.demands.includes(demand)}
              onChange={(on) => {
                const others = now.demands.filter((one) => one !== demand)
                set({ demands: on ? [...others, demand] : others })
              }}
            />
          ))}
        </div>
      </fieldset>
      <fieldset class="wanted-hours">
        <legend>{t('policy.cameras')}</legend>
        <Check
          label={t('lists.everywhere')}
          checked={now.cameras === null}
          onChange={(all) => set({ cameras: all || places.length === 0 ? null : [places[0]!] })}
        />
        {now.cameras !== null && (
          <div class="row">
            {[...new Set(places)].map((place) => (
              <Check
                key={place}
                label={place}
                checked={now.cameras?.includes(place) ?? false}
                onChange={(on) => {
                  const others = now.cameras?.filter((one) => one !== place) ?? []
                  const next = on ? [...others, place] : others
                  set({ cameras: next.length === 0 ? null : next })
                }}
              />
            ))}
          </div>
        )}
      </fieldset>
      <HoursEditor
        legend={t('policy.hours')}
        none={t('lists.always')}
        hours={now.hours}
        onChange={(hours) => set({ hours })}
      />
      <HoursEditor
        legend={t('policy.quiet')}
        none={t('lists.neverQuiet')}
        hours={now.quiet}
        onChange={(quiet) => set({ quiet })}
      />
      <ReasonField reason={reason} />
    </Dialog>
  )
}
