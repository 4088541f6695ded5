import type { OwnAccount } from '@vedette/server/desk/answered/own-account'
import './profile.css'
import { desk } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { began, left, type Session, session } from '../../session.ts'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { NewPassword } from './new-password.tsx'
import { SecondFactor } from './second-factor.tsx'

/** What comes before anything else: a password that nobody else knows, or a second factor. */
export default function OwedPage() {
  const t = useWords('profile')
  const me = useDesk<OwnAccount>('/me')
  const owes = session.value?.owes
  const again = async () => began(await desk.get<Session>('/session'))
  const out = async () => {
    await desk.delete('/session').catch(() => {})
    left()
  }
  return (
    <main class="owed stack">
      <header class="row spread">
        <h1>{t('owed.title')}</h1>
        <Button onClick={() => void out()}>{t('owed.out')}</Button>
      </header>
      <p>{t(owes === 'password' ? 'owed.password' : 'owed.factor')}</p>
      <Problem problem={me.problem} onRetry={me.reload} />
      {me.data &&
        (owes === 'password' ? (
          <NewPassword alone={!me.data.secondFactor} onDone={() => void again()} />
        ) : (
          <SecondFactor
            has={me.data.secondFactor}
            codesLeft={me.data.recoveryCodes}
            onChange={() => void again()}
          />
        ))}
    </main>
  )
}
