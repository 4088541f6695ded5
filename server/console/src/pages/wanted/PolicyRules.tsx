import type { Watch } from '@vedette/server/desk/answered/cameras'
import type { Demand } from '@vedette/server/lists/list'
import { Check } from '../../parts/Field.tsx'
import { HoursEditor } from '../../parts/HoursEditor.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import type { PolicyProps } from './PolicyFields.tsx'

const DEMANDS: readonly Demand[] = ['reason', 'legalBasis', 'authority', 'caseNumber', 'note']

/** Who else must agree, what is demanded of an entry, where and when a list applies. */
export function PolicyRules({ policy, onChange }: PolicyProps) {
  const t = useWords('wanted')
  return (
    <>
      <fieldset class="framed">
        <legend>{t('lists.rules')}</legend>
        <Check
          label={t('lists.twoApprove')}
          checked={policy.approvals === 2}
          onChange={(two) => onChange({ approvals: two ? 2 : 1 })}
        />
        <Check
          label={t('lists.twoConfirm')}
          checked={policy.confirmations === 2}
          onChange={(two) => onChange({ confirmations: two ? 2 : 1 })}
        />
        <Check
          label={t('policy.boardNames')}
          checked={policy.boardNames}
          onChange={(boardNames) => onChange({ boardNames })}
        />
        <Check
          label={t('policy.keepPictures')}
          checked={policy.keepPictures}
          onChange={(keepPictures) => onChange({ keepPictures })}
        />
      </fieldset>
      <fieldset class="framed">
        <legend>{t('policy.demands')}</legend>
        <div class="row">
          {DEMANDS.map((demand) => (
            <Check
              key={demand}
              label={t(`details.${demand}`)}
              checked={policy.demands.includes(demand)}
              onChange={(on) => onChange({ demands: toggled(policy.demands, demand, on) })}
            />
          ))}
        </div>
      </fieldset>
      <Places policy={policy} onChange={onChange} />
      <HoursEditor
        legend={t('policy.hours')}
        none={t('lists.always')}
        hours={policy.hours}
        onChange={(hours) => onChange({ hours })}
      />
      <HoursEditor
        legend={t('policy.quiet')}
        none={t('lists.neverQuiet')}
        hours={policy.quiet}
        onChange={(quiet) => onChange({ quiet })}
      />
    </>
  )
}

/** Everywhere, or at some cameras, or at all of some machine. */
function Places({ policy: { cameras: chosen }, onChange }: PolicyProps) {
  const t = useWords('wanted')
  const cameras = useDesk<Watch>('/cameras').data?.cameras ?? []
  const places = new Set([
    ...cameras.map(({ agent }) => `${agent}/*`),
    ...cameras.map(({ agent, camera }) => `${agent}/${camera}`),
    ...(chosen ?? []),
  ])
  const [first] = places
  return (
    <fieldset class="framed">
      <legend>{t('policy.cameras')}</legend>
      <Check
        label={t('lists.everywhere')}
        checked={chosen === null}
        onChange={(all) => onChange({ cameras: all || first === undefined ? null : [first] })}
      />
      {chosen !== null && (
        <div class="row">
          {[...places].map((place) => (
            <Check
              key={place}
              label={place}
              checked={chosen.includes(place)}
              onChange={(on) => {
                const next = toggled(chosen, place, on)
                onChange({ cameras: next.length === 0 ? null : next })
              }}
            />
          ))}
        </div>
      )}
    </fieldset>
  )
}

function toggled<T>(all: readonly T[], one: T, on: boolean): T[] {
  const others = all.filter((other) => other !== one)
  return on ? [...others, one] : others
}
