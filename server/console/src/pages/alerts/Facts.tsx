import type { ComponentChildren } from 'preact'
import type { Item } from '../../alerts/queue.ts'
import { may } from '../../session.ts'
import { relative, Time } from '../../time.tsx'
import { useWords } from '../../words.ts'
import { minute } from './minute.ts'

/** Where and when, and why that person is looked for. */
export function Facts({ item }: { item: Item }) {
  const t = useWords('alerts')
  const { agent, camera, place, capturedAt, receivedAt, persons, earlier, quality, shots } = item
  const where = `${agent}/${camera}`
  const delay = Math.round((receivedAt - capturedAt) / 1000)
  return (
    <>
      <dl class="facts">
        <Fact of={t('fact.camera')}>
          <a href={`/map?camera=${where}`}>{where}</a>{' '}
          <a class="small" href={`/live?cameras=${where}`}>
            {t('live')}
          </a>
          {place && <PlaceText place={place} />}
        </Fact>
        <Fact of={t('fact.seen')}>
          <Time at={capturedAt} /> <span class="quiet">{relative(capturedAt, minute.value)}</span>
          {delay > 2 && <div class="small quiet">{t('fact.delay', { count: delay })}</div>}
        </Fact>
        <Fact of={t('fact.evidence')}>
          {t('fact.shots', { count: shots })},{' '}
          {t('fact.quality', { quality: Math.round(quality * 100) })}
          {persons && may('entries.enrol') && (
            <div class="small">
              <a href={`/wanted/add?to=${item.entryId}&alert=${item.id}`}>{t('fact.addPicture')}</a>
              {' · '}
              <a href={`/wanted/add?alert=${item.id}`}>{t('fact.enrolNew')}</a>
            </div>
          )}
        </Fact>
        {earlier && (
          <Fact of={t('fact.earlier')}>
            {earlier.last === null ? (
              t('fact.never')
            ) : (
              <>
                <a href={`/history?entry=${item.entryId}`}>
                  {t('fact.times', { count: earlier.count })}
                </a>
                {', '}
                {t('fact.last', {
                  when: relative(earlier.last.capturedAt, minute.value),
                  camera: `${earlier.last.agent}/${earlier.last.camera}`,
                })}{' '}
                <a class="small" href={`/map?person=${item.entryId}`}>
                  {t('trail')}
                </a>
              </>
            )}
          </Fact>
        )}
      </dl>
      {persons?.map((person) => (
        <dl class="facts person" key={person.entry}>
          <Fact of={t('fact.person')}>
            <a href={`/wanted/${person.entry}`}>{person.name}</a>
            {person.aliases.length > 0 && (
              <span class="quiet">
                {' '}
                {t('fact.aliases', { aliases: person.aliases.join(', ') })}
              </span>
            )}
          </Fact>
          <Said of={t('fact.reason')} words={person.reason} />
          <Said of={t('fact.legalBasis')} words={person.legalBasis} />
          <Said of={t('fact.authority')} words={person.authority} />
          <Said of={t('fact.caseNumber')} words={person.caseNumber} />
          <Said of={t('fact.note')} words={person.note} />
        </dl>
      ))}
    </>
  )
}

function PlaceText({ place }: { place: NonNullable<Item['place']> }) {
  const { latitude, longitude, address } = place
  return (
    <div class="small quiet">
      {address ? `${address} · ` : ''}
      {latitude.toFixed(5)}, {longitude.toFixed(5)}
    </div>
  )
}

function Said({ of, words }: { of: string; words: string }) {
  return words === '' ? null : <Fact of={of}>{words}</Fact>
}

function Fact({ of, children }: { of: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{of}</dt>
      <dd>{children}</dd>
    </div>
  )
}
