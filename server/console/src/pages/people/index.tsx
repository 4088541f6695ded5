import { useSignal } from '@preact/signals'
import type { Account } from '@vedette/server/desk/answered/operators'
import './people.css'
import { Button } from '../../parts/Button.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { Tag } from '../../parts/Tag.tsx'
import { may } from '../../session.ts'
import { relative } from '../../time.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { AddPerson } from './add.tsx'
import { Person } from './person.tsx'
import { Roles } from './roles.tsx'
import { State } from './State.tsx'

/** Who works here, as what, and how they come in. */
export default function People() {
  const t = useWords('people')
  const all = useDesk<Account[]>('/operators')
  const adding = useSignal(false)
  const shown = useSignal<string | undefined>(undefined)
  const person = all.data?.find(({ name }) => name === shown.value)
  return (
    <>
      <header>
        <h1>{t('title')}</h1>
        {may('operators.manage') && (
          <Button
            kind="primary"
            onClick={() => {
              adding.value = true
            }}
          >
            {t('add.open')}
          </Button>
        )}
      </header>
      <Problem problem={all.problem} onRetry={all.reload} />
      <div class="card people">
        <table>
          <thead>
            <tr>
              <th scope="col">{t('name')}</th>
              <th scope="col">{t('role')}</th>
              <th scope="col">{t('state')}</th>
              <th scope="col">{t('scope')}</th>
              <th scope="col">{t('comesIn')}</th>
              <th scope="col">{t('lastSeen')}</th>
            </tr>
          </thead>
          <tbody>
            {all.data?.map((one) => (
              <tr key={one.name}>
                <th scope="row">
                  <Button
                    kind="quiet"
                    aria-haspopup="dialog"
                    onClick={() => {
                      shown.value = one.name
                    }}
                  >
                    {one.name}
                  </Button>
                  {one.fullName && <span class="quiet small">{one.fullName}</span>}
                </th>
                <td data-label={t('role')}>{t(`roles.${one.role}`)}</td>
                <td data-label={t('state')}>
                  <State of={one} />
                </td>
                <td data-label={t('scope')}>
                  {one.lists === null && one.cameras === null ? (
                    <span class="quiet">{t('everything')}</span>
                  ) : (
                    [...(one.lists ?? []), ...(one.cameras ?? [])].join(', ') || t('nothing')
                  )}
                </td>
                <td data-label={t('comesIn')}>
                  <span class="row">
                    {one.hasPassword ? (
                      <span class="small">{t('withPassword')}</span>
                    ) : (
                      <Tag tone="warn">{t('noPassword')}</Tag>
                    )}
                    {one.passwordGiven && <Tag>{t('given')}</Tag>}
                    {one.secondFactor && <Tag tone="good">{t('factor')}</Tag>}
                    {one.sessions > 0 && (
                      <span class="small">{t('sessions', { count: one.sessions })}</span>
                    )}
                  </span>
                </td>
                <td data-label={t('lastSeen')}>
                  {one.seenAt === null ? t('never') : relative(one.seenAt)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Roles />
      {adding.value && (
        <AddPerson
          onClose={() => {
            adding.value = false
            void all.reload()
          }}
        />
      )}
      {person && (
        <Person
          person={person}
          onChange={all.reload}
          onClose={() => {
            shown.value = undefined
          }}
        />
      )}
    </>
  )
}
