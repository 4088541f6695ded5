import type { OwnAccount } from '@vedette/server/desk/answered/own-account'
import './profile.css'
import { Problem } from '../../parts/Problem.tsx'
import { PushSwitch } from '../../parts/PushSwitch.tsx'
import { session } from '../../session.ts'
import { Time } from '../../time.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { NewPassword } from './new-password.tsx'
import { Preferences } from './preferences.tsx'
import { SecondFactor } from './second-factor.tsx'
import { Sessions } from './sessions.tsx'

/** One's own account: what one may do, how one signs in, and where one is signed in. */
export default function Profile() {
  const t = useWords('profile')
  const me = useDesk<OwnAccount>('/me')
  const who = session.value
  if (!me.data) return <Problem problem={me.problem} onRetry={me.reload} />
  const { name, fullName, lists, cameras, seenAt, secondFactor, recoveryCodes } = me.data
  return (
    <>
      <header>
        <h1>{fullName === '' ? name : `${fullName} (${name})`}</h1>
      </header>
      <Problem problem={me.problem} onRetry={me.reload} />
      <div class="profile">
        <section class="card stack">
          <h2>{t('account')}</h2>
          <dl class="facts">
            <dt>{t('role')}</dt>
            <dd>{t(`roles.${who?.role ?? 'viewer'}`)}</dd>
            <dt>{t('lists')}</dt>
            <dd>{lists === null ? t('all') : lists.join(', ') || t('none')}</dd>
            <dt>{t('cameras')}</dt>
            <dd>{cameras === null ? t('all') : cameras.join(', ') || t('none')}</dd>
            <dt>{t('lastSeen')}</dt>
            <dd>{seenAt === null ? '–' : <Time at={seenAt} />}</dd>
          </dl>
          {who?.wall && <p class="quiet">{t('wall')}</p>}
          <p class="small quiet">{t('whoChanges')}</p>
        </section>
        <Preferences />
        {!who?.wall && <PushSwitch />}
        <NewPassword onDone={() => void me.reload()} alone={!secondFactor} />
        <SecondFactor has={secondFactor} codesLeft={recoveryCodes} onChange={me.reload} />
        <Sessions />
      </div>
    </>
  )
}
